"""A visitor's day on the page of the demonstration, in a real browser, from another origin."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from visiting import Demo, Visitor

pytestmark = pytest.mark.browser

SECRETS = [b"Backstage only", b"on_click", b"import ", b".ipynb", b"ipykernel", b"Traceback", b"/examples/"]


def arrive(visitor: Visitor, demo: Demo) -> None:
    visitor.page.goto(demo.site)
    for app in ("keeling", "gapminder", "lorenz", "daylight", "thebe_test"):
        visitor.door(app).wait_for("recorded")


def test_everything_is_there_without_a_kernel(visitor: Visitor, demo: Demo) -> None:
    arrive(visitor, demo)
    expect(visitor.door("thebe_test").locator.get_by_role("button", name="Click me")).to_be_visible()
    expect(visitor.door("keeling").locator.locator("img").first).to_be_visible()
    expect(visitor.door("gapminder").locator.locator(".plotly").first).to_be_visible(timeout=20_000)
    assert "stagedoor_sessions 0.0" in demo.gateway.get("/metrics").text
    assert visitor.complaints == []


def test_a_click_is_answered_and_the_next_ones_too(visitor: Visitor, demo: Demo) -> None:
    arrive(visitor, demo)
    door = visitor.door("thebe_test")
    button = door.locator.get_by_role("button", name="Click me")
    button.click()
    expect(door.locator).to_contain_text("click", timeout=30_000)
    door.wait_for("live")
    button.click()
    button.click()
    expect(door.locator.get_by_text(re.compile(r"click\s+click\s+click"))).to_be_visible()


def test_a_slider_redraws_the_figure(visitor: Visitor, demo: Demo) -> None:
    arrive(visitor, demo)
    door = visitor.door("keeling")
    before = door.picture
    handle = door.locator.get_by_role("slider").first
    handle.focus()
    for _ in range(5):
        handle.press("ArrowRight")
    visitor.until(lambda: door.picture not in {before, None})
    door.wait_for("live")


def test_two_cells_of_a_notebook_share_one_kernel(visitor: Visitor, demo: Demo) -> None:
    arrive(visitor, demo)
    controls, portrait = visitor.door("lorenz", "controls"), visitor.door("lorenz", "portrait")
    portrait.wait_for("recorded")
    before = portrait.picture
    handle = controls.locator.get_by_role("slider").first
    handle.focus()
    for _ in range(5):
        handle.press("ArrowRight")
    visitor.until(lambda: portrait.picture not in {before, None})
    assert portrait.state in {"live", "busy"}
    assert len([frame for frame in visitor.frames if b'"starting"' in _bytes(frame)]) == 1


def test_no_byte_of_the_script_comes_and_no_other_host_is_asked(visitor: Visitor, demo: Demo) -> None:
    arrive(visitor, demo)
    door = visitor.door("thebe_test")
    door.locator.get_by_role("button", name="Click me").click()
    expect(door.locator).to_contain_text("click", timeout=30_000)
    gateway = urlsplit(demo.gateway.url).netloc
    hosts = {urlsplit(response.url).netloc for response in visitor.responses if response.url.startswith("http")}
    assert hosts == {gateway, urlsplit(demo.site).netloc}
    ours = b"\n".join(r.body() for r in visitor.responses if r.ok and "/apps/" in r.url)
    frames = b"\n".join(_bytes(frame) for frame in visitor.frames)
    for secret in SECRETS:
        assert secret not in ours
        assert secret not in frames


def test_a_lost_connection_comes_back_and_nothing_is_lost(visitor: Visitor, demo: Demo) -> None:
    sockets: list[object] = []
    visitor.page.route_web_socket(re.compile("/live"), lambda page: _relay(page, sockets))
    arrive(visitor, demo)
    door = visitor.door("thebe_test")
    button = door.locator.get_by_role("button", name="Click me")
    button.click()
    door.wait_for("live")
    sockets[-1].close(code=1012)  # type: ignore[attr-defined]
    button.click()
    visitor.until(lambda: len(sockets) > 1)
    expect(door.locator.get_by_text(re.compile(r"click\s+click"))).to_be_visible(timeout=20_000)
    door.wait_for("live")


def _relay(page: object, sockets: list[object]) -> None:
    sockets.append(page)
    page.connect_to_server()  # type: ignore[attr-defined]


def test_the_server_is_gone_and_comes_not_back(browser: Browser, visitor: Visitor, demo: Demo) -> None:
    visitor.page.route("**/apps/thebe_test/recording", lambda route: route.abort())
    visitor.page.goto(demo.site)
    door = visitor.door("thebe_test")
    door.wait_for("failed")
    visitor.page.unroute("**/apps/thebe_test/recording")
    door.locator.get_by_role("button", name=re.compile("try again", re.I)).click()
    door.wait_for("recorded")


def test_the_page_of_an_app_can_be_linked_to(visitor: Visitor, demo: Demo) -> None:
    visitor.page.goto(f"{demo.gateway.url}/apps/thebe_test")
    visitor.door("thebe_test").wait_for("recorded")
    visitor.page.get_by_role("button", name="Click me").click()
    expect(visitor.door("thebe_test").locator).to_contain_text("click", timeout=30_000)


def test_without_javascript_the_own_content_stays(browser: Browser, demo: Demo) -> None:
    visitor = Visitor(browser, java_script_enabled=False)
    visitor.page.goto(demo.site)
    expect(visitor.door("thebe_test").locator).to_have_text("loading...")
    visitor.context.close()


def test_a_text_page_loads_no_widget_code(visitor: Visitor, demo: Demo) -> None:
    visitor.page.goto(f"{demo.gateway.url}/apps/gapminder")
    visitor.door("gapminder").wait_for("recorded")
    expect(visitor.door("gapminder").locator.locator(".plotly").first).to_be_visible(timeout=20_000)
    assert not [r.url for r in visitor.responses if "widget" in r.url]


def _bytes(frame: bytes | str) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
