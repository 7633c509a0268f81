"""Pages under a strict content security policy; scripts that do not run; frames; visitors' text."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from gateway import Gateway, running_gateway
from playwright.sync_api import expect
from visiting import Visitor

pytestmark = pytest.mark.browser


@dataclass
class Site:
    """Pages of another origin."""

    folder: Path
    url: str


STAGES = Path(__file__).parent / "stages"
EVIL = "<img src=x onerror='window.ran=5'><script>window.ran=6</script><b id='bold'>x</b>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(folder, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Gateway]:
    config = tmp_path_factory.mktemp("settings") / "stagedoor.toml"
    config.write_text("[apps.echo]\nscripts = false\n[apps.plain]\nscripts = false\n")
    with running_gateway([STAGES], "--config", str(config), "--allow-origin", site.url) as running:
        (site.folder / "free.html").write_text(
            f'<script type="module" src="{running.url}/stagedoor.js"></script><stage-door app="echo"></stage-door>'
        )
        yield running


def test_core_outputs_work_under_a_strict_policy(gateway: Gateway, visitor: Visitor) -> None:
    answer = visitor.page.goto(f"{gateway.url}/apps/plain")
    assert answer is not None
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    door = visitor.door("plain")
    door.wait_for("recorded")
    expect(door.locator.get_by_text("styled")).to_have_css("color", "rgb(0, 128, 0)")
    expect(door.locator.locator("b", has_text="bold")).to_be_visible()
    expect(door.locator.locator("strong")).to_be_visible()
    field = door.locator.get_by_role("textbox").first
    field.fill("hello")
    field.blur()
    expect(door.locator.locator(".widget-label", has_text="hello").first).to_be_visible(timeout=30_000)
    assert visitor.complaints == []


def test_where_an_author_does_not_want_scripts_none_runs(gateway: Gateway, visitor: Visitor, site: Site) -> None:
    # On a page without a policy of its own too.
    for address in (f"{gateway.url}/apps/echo", f"{site.url}/free.html"):
        visitor.page.goto(address)
        door = visitor.door("echo")
        door.wait_for("recorded")
        expect(door.locator.get_by_text("styled")).to_be_visible()
        expect(door.locator.locator("b", has_text="bold")).to_be_visible()
        expect(door.locator.get_by_text("scripts of this app do not run")).to_be_visible()
        assert visitor.page.evaluate("window.ran") is None


def test_what_a_visitor_types_is_text_wherever_the_app_shows_it(gateway: Gateway, visitor: Visitor, site: Site) -> None:
    visitor.page.goto(f"{site.url}/free.html")
    door = visitor.door("echo")
    door.wait_for("recorded")
    field = door.locator.get_by_role("textbox").first
    field.fill(EVIL)
    field.blur()
    expect(door.locator.locator("pre", has_text="onerror").first).to_be_visible(timeout=30_000)
    door.wait_for("live")
    visitor.page.wait_for_function("document.querySelectorAll('stage-door .widget-button')[0].textContent.length > 20")
    assert visitor.page.evaluate("window.ran") is None
    assert door.locator.locator("#bold").count() == 0


def test_a_frame_tells_how_high_it_is(gateway: Gateway, visitor: Visitor, site: Site) -> None:
    outer = f"""<!doctype html><body><script>
        addEventListener("message", ({{ data }}) => data.type === "stagedoor-height" && (document.title = data.height));
        </script><iframe src="{gateway.url}/apps/echo" sandbox="allow-scripts allow-same-origin"></iframe>"""
    (site.folder / "outer.html").write_text(outer)
    visitor.page.goto(f"{site.url}/outer.html")
    visitor.until(lambda: visitor.page.title().isdigit() and int(visitor.page.title()) > 300)


def test_the_printed_hash_is_the_scripts(gateway: Gateway, visitor: Visitor, site: Site) -> None:
    command = [sys.executable, "-m", "stagedoor", "embed", gateway.url, "echo"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "integrity=" in lines
    page = f"<!doctype html><body>{lines}"
    (site.folder / "page.html").write_text(page)
    visitor.page.goto(f"{site.url}/page.html")
    visitor.door("echo").wait_for("recorded")
