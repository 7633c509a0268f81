"""The routes: what is served, to whom, and in which form; and that there are no others."""

from __future__ import annotations

import gzip
import re
from typing import Any
from urllib.parse import urljoin

import brotli
import httpx
import pytest
from gateway import Gateway, refusals, wait_until
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from stagedoor.jupyter.recording import decode_recording
from stagedoor.web.app import create_app

ALLOWED = {"Origin": "https://allowed.example"}


def test_these_are_all_routes() -> None:
    gateway: Any = None  # no route is called
    app = create_app(gateway)
    assert isinstance(app, Starlette)
    assert {route.path for route in app.routes if isinstance(route, (Route, WebSocketRoute))} == {
        "/stagedoor.js",
        "/assets/{path:path}",
        "/apps/{name}",
        "/apps/{name}/recording",
        "/apps/{name}/live",
        "/healthz",
        "/metrics",
    }
    assert len(app.routes) == 7


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/", 404, "not_found"),
        ("/apps", 404, "not_found"),
        ("/apps/", 404, "not_found"),
        ("/apps/clicks/", 404, "not_found"),
        ("/apps/clicks.py", 404, "unknown_app"),
        ("/apps/no_such_app", 404, "unknown_app"),
        ("/apps/no_such_app/recording", 404, "unknown_app"),
        ("/apps/broken/recording", 503, "app_failed"),
        ("/assets/", 404, "not_found"),
        ("/assets/../../pyproject.toml", 404, "not_found"),
        ("/assets/%2e%2e/%2e%2e/app.py", 404, "not_found"),
        ("/assets/..%2f..%2fapp.py", 404, "not_found"),
        ("/stages/clicks.py", 404, "not_found"),
        ("/api/kernels", 404, "not_found"),
    ],
)
def test_what_is_not_there_is_answered_in_json_with_an_id(gateway: Gateway, path: str, status: int, code: str) -> None:
    answer = gateway.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"].endswith(".")
    assert wait_until(lambda: gateway.logged(answer.json()["id"]))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_get(gateway: Gateway, method: str) -> None:
    answer = httpx.request(method, f"{gateway.url}/apps/clicks/recording")
    assert (answer.status_code, answer.json()["code"]) == (405, "method")


@pytest.mark.parametrize(("encoding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)])
def test_the_recording_is_compressed_and_cached(gateway: Gateway, encoding: str, decode: Any) -> None:
    with httpx.stream("GET", f"{gateway.url}/apps/clicks/recording", headers={"Accept-Encoding": encoding}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding", "") == encoding
    assert decode_recording(decode(raw)).app == "clicks"
    again = gateway.get(
        "/apps/clicks/recording", headers={"Accept-Encoding": encoding, "If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_element_and_its_chunks_are_for_every_origin(gateway: Gateway) -> None:
    answer = gateway.get("/stagedoor.js", headers={"Origin": "https://anywhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert b"stage-door" in answer.content


def test_the_recording_is_for_allowed_origins(gateway: Gateway) -> None:
    allowed = gateway.get("/apps/clicks/recording", headers=ALLOWED)
    assert allowed.headers["access-control-allow-origin"] == ALLOWED["Origin"]
    assert "Origin" in allowed.headers["vary"]
    before = refusals(gateway, "origin")
    refused = gateway.get("/apps/clicks/recording", headers={"Origin": "https://evil.example"})
    assert (refused.status_code, refused.json()["code"]) == (403, "origin_not_allowed")
    assert refused.headers["access-control-allow-origin"] == "*", "the page's author may know why"
    assert set(refused.json()) == {"code", "message", "id"}
    assert refusals(gateway, "origin") == before + 1


def test_a_failed_app_tells_allowed_pages_so(gateway: Gateway) -> None:
    answer = gateway.get("/apps/broken/recording", headers=ALLOWED)
    assert answer.headers["access-control-allow-origin"] == ALLOWED["Origin"]
    assert "MARK" not in answer.text
    assert "Zero" not in answer.text
    assert "retry-after" not in answer.headers


def test_an_author_sees_the_traceback_of_a_broken_app_in_the_terminal(gateway: Gateway) -> None:
    terminal = "".join(gateway.log)
    assert "broken cannot be shown" in terminal
    assert "ZeroDivisionError" in terminal
    assert "1 / 0" in terminal


def test_an_app_has_a_page_of_its_own(gateway: Gateway) -> None:
    answer = gateway.get("/apps/clicks")
    assert '<stage-door app="clicks">' in answer.text
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self' https://allowed.example"
    assert "MARK" not in answer.text


def test_the_page_of_an_app_has_the_browser_fetch_early_what_the_element_will_ask_for(gateway: Gateway) -> None:
    page = gateway.get("/apps/clicks").text
    early = re.findall(r'<link rel="(?:modulepreload|preload" as="fetch)".*? href="([^"]+)"', page)
    assert [address for address in early if "widgets" in address]
    assert all(gateway.get(urljoin("/apps/clicks", address)).status_code == 200 for address in early)
    assert "modulepreload" not in gateway.get("/apps/prints_much").text


def test_headers_name_no_versions(gateway: Gateway) -> None:
    for path in ("/stagedoor.js", "/apps/clicks", "/healthz", "/nothing"):
        assert "server" not in gateway.get(path).headers


def test_what_is_printed_without_end_is_bounded_and_said_so(gateway: Gateway) -> None:
    body = gateway.get("/apps/prints_much/recording").content
    assert len(body) < 11 * 2**20
    assert "cut" in "".join(m.content.get("text", "") for m in decode_recording(body).messages).lower()[-500:]


def test_figures_for_prometheus(gateway: Gateway) -> None:
    text = gateway.get("/metrics").text
    assert gateway.get("/healthz").json() == {"apps": {"ready": 6, "failed": 1, "preparing": 0}}
    for name in (
        "stagedoor_sessions",
        "stagedoor_kernels{",
        "stagedoor_first_reply_seconds_bucket",
        "stagedoor_refusals_total",
        "stagedoor_messages_received_total",
    ):
        assert name in text
