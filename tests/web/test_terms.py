"""On which terms visitors use an app: tokens, what their kernels know of them, and how much is too much."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import jwt
import pytest
from gateway import Gateway, Page, refusals, running_gateway
from websockets.exceptions import InvalidStatus

SECRET = "0123456789abcdef0123456789abcdef"
SETTINGS = """
[log]
format = "json"
[sessions]
grace = 1.0
[apps.visitor]
token = true
allow = ["IntSlider.max"]
[limits]
connections_per_address = 3
sessions_per_address = 2
messages = 20
silence = 2
request = 1
"""
STAGES = Path(__file__).parent / "stages"


def serve(folder: Path, *apps: str, snapshot: str = "auto") -> AbstractContextManager[Gateway]:
    config = folder / "stagedoor.toml"
    config.write_text(f'{SETTINGS}[kernels]\nsnapshot = "{snapshot}"\n')
    paths = [STAGES.with_name("terms") / f"{app}.py" if app == "visitor" else STAGES / f"{app}.py" for app in apps]
    return running_gateway(paths, "--config", str(config), env={"STAGEDOOR_TOKENS__KEY": SECRET})


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with serve(tmp_path_factory.mktemp("settings"), "visitor", "clicks") as running:
        yield running


def token(**more: object) -> str:
    return jwt.encode({"app": "visitor", "exp": time.time() + 60, "sub": "7", "name": "Ada"} | more, SECRET, "HS256")


def page(gateway: Gateway, given: str, **options: object) -> Page:
    return Page(gateway, "visitor", query={"token": given}, **options)


def test_an_app_is_shown_with_a_token_only(gateway: Gateway) -> None:
    answer = gateway.get("/apps/visitor/recording")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    for wrong, code in [("x", "token_wrong"), (token(exp=1), "token_expired"), (token(app="x"), "token_other_app")]:
        answer = gateway.get("/apps/visitor/recording", params={"token": wrong})
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    answer = gateway.get("/apps/visitor/recording", params={"token": token()})
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]
    assert gateway.get("/apps/clicks/recording").status_code == 200


def test_the_app_knows_its_visitor(gateway: Gateway) -> None:
    see_who(gateway)


def test_the_app_knows_its_visitor_in_a_kernel_of_its_own(tmp_path: Path) -> None:
    with serve(tmp_path, "visitor", snapshot="never") as gateway:
        see_who(gateway)


def see_who(gateway: Gateway) -> None:
    with page(gateway, token(params={"course": [3]})) as visit:
        visit.until_done(visit.click(visit.comm("ButtonModel")))
        assert visit.text == "visitor: 7 Ada {'course': [3]}\n"
        visit.until_done(visit.update(visit.comm("IntSliderModel"), max=50))
        assert "max 50" in visit.text, "the author has opened this trait"


def test_a_token_opens_as_many_sessions_as_it_says(gateway: Gateway) -> None:
    once = token(uses=1)
    with page(gateway, once) as first:
        first.send("control", "stagedoor_open", {})
        first.until_state("live")
        with pytest.raises(AssertionError, match="token_used"):
            page(gateway, once)
        first.drop()
    # What was opened can be gone on with, and no more be opened, with a recording that was fetched before.
    late = page(gateway, token())
    late.close()


def test_a_token_that_has_expired_opens_no_session(gateway: Gateway) -> None:
    with page(gateway, token(), live_query={"token": token(exp=1)}) as visit:
        visit.send("control", "stagedoor_open", {})
        assert visit.until_state("failed").content["code"] == "token_expired"


def address(number: int) -> dict[str, object]:
    """A visitor from elsewhere, as a trusted proxy says."""
    return {"additional_headers": {"X-Forwarded-For": f"192.0.2.{number}"}}


def test_an_address_has_so_many_connections(gateway: Gateway) -> None:
    pages = [Page(gateway, "clicks", **address(1)) for _ in range(3)]
    with pytest.raises(InvalidStatus) as refused:
        Page(gateway, "clicks", **address(1))
    assert refused.value.response.status_code == 429
    assert refusals(gateway, "connections_per_address") >= 1
    with Page(gateway, "clicks", **address(2)):
        pass
    for each in pages:
        each.close()


def test_an_address_has_so_many_sessions(gateway: Gateway) -> None:
    pages = [Page(gateway, "clicks", **address(3)) for _ in range(3)]
    for each in pages:
        each.send("control", "stagedoor_open", {})
    states = [each.until(lambda m: m.content.get("state") in {"live", "failed"}).content for each in pages]
    assert sorted(state["state"] for state in states) == ["failed", "live", "live"]
    assert {state["code"] for state in states} == {"", "too_many_sessions"}
    for each in pages:
        each.close()


def test_a_silent_connection_is_closed(gateway: Gateway) -> None:
    with Page(gateway, "clicks") as visit, pytest.raises(Exception, match="nothing was asked for"):
        visit.next()
    assert refusals(gateway, "silence") >= 1


def test_a_request_that_comes_drop_by_drop_is_cut_off(gateway: Gateway) -> None:
    import socket
    from urllib.parse import urlsplit

    where = urlsplit(gateway.url)
    began = time.monotonic()
    with (
        socket.create_connection((where.hostname, where.port), 10) as connection,
        pytest.raises((ConnectionError, BrokenPipeError)),
    ):
        while time.monotonic() - began < 10:
            connection.sendall(b"G")
            time.sleep(0.2)
    assert time.monotonic() - began < 9


def test_a_flood_is_slowed_and_then_cut_off(gateway: Gateway) -> None:
    from websockets.exceptions import ConnectionClosed

    with Page(gateway, "clicks") as visit:
        visit.send("control", "stagedoor_open", {})
        visit.until_state("live")
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(200_000):
                visit.send("shell", "execute_request", {"code": "1"})
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1008
    assert refusals(gateway, "refusal_rate") > 10
