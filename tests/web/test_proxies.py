"""Behind nginx and Caddy, with TLS and under a path, in exactly the configurations that the README shows."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway import Gateway, Page, running_gateway, wait_until
from playwright.sync_api import sync_playwright
from websockets.exceptions import InvalidStatus

ROOT = Path(__file__).parents[2]
CLICKS = Path(__file__).parent / "stages" / "clicks.py"
HOST = "example.org"
COURSE = "https://course.example.edu"


@dataclass
class Proxied(Gateway):
    """The gateway as it is seen through a proxy that listens at this machine under the name of another."""

    port: int
    certificate: Path

    def get(self, path: str, **options: Any) -> httpx.Response:
        with httpx.Client(verify=ssl.create_default_context(cafile=str(self.certificate)), timeout=30) as client:
            url = f"https://127.0.0.1:{self.port}/live{path}"
            headers = {"Host": f"{HOST}:{self.port}"} | options.pop("headers", {})
            return client.get(url, headers=headers, extensions={"sni_hostname": HOST}, **options)

    def page(self, app: str, **options: Any) -> Page:
        connection = socket.create_connection(("127.0.0.1", self.port))
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        return Page(self, app, sock=connection, ssl=trusting, **options)

    @property
    def origin(self) -> str:
        return f"https://{HOST}:{self.port}"


def shown_in_readme(language: str, after: str) -> str:
    """The first block of a language after a heading of the README."""
    text = (ROOT / "README.md").read_text()
    found = re.search(rf"```{language}\n(.*?)```", text[text.index(f"\n### {after}") :], re.DOTALL)
    assert found
    return found[1]


def replaced(text: str, changes: dict[str, str]) -> str:
    """What has to be different in a test: addresses and certificates. Every change must have something to change."""
    for shown, wanted in changes.items():
        assert text.count(shown) == 1, shown
        text = text.replace(shown, wanted)
    return text


@pytest.fixture(scope="module")
def behind() -> Iterator[Gateway]:
    """A gateway started as the README says."""
    command = re.search(r"^stagedoor serve apps/ (.*)$", shown_in_readme("sh", "Behind nginx"), re.MULTILINE)
    assert command
    with running_gateway([CLICKS], *command[1].split()) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("needs openssl, to make a certificate: apt-get install openssl")
    file = tmp_path_factory.mktemp("tls") / "cert.pem"
    request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    made = ["openssl", *request, *names, "-keyout", str(file.with_name("key.pem")), "-out", str(file)]
    subprocess.run(made, check=True, capture_output=True)
    return file


@contextlib.contextmanager
def nginx(folder: Path, port: int, upstream: str, certificate: Path) -> Iterator[None]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not program:
        pytest.skip("needs nginx: apt-get install nginx")
    server = replaced(
        shown_in_readme("nginx", "Behind nginx"),
        {
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "# ssl_certificate ...; ssl_certificate_key ...;": f"ssl_certificate {certificate};"
            f"ssl_certificate_key {certificate.with_name('key.pem')};",
            "127.0.0.1:8900": upstream,
        },
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{server}}}\n"
    )
    with running([program, "-p", str(folder), "-e", "stderr", "-c", "nginx.conf"], port, folder):
        yield


@contextlib.contextmanager
def caddy(folder: Path, port: int, upstream: str, certificate: Path) -> Iterator[None]:
    if not shutil.which("caddy"):
        pytest.skip("needs Caddy: apt-get install caddy")
    own_tls = f"tls {certificate} {certificate.with_name('key.pem')}"
    site = replaced(
        shown_in_readme("caddy", "Behind Caddy"),
        {f"{HOST} {{": f"https://{HOST}:{port} {{\n{own_tls}\nbind 127.0.0.1", "127.0.0.1:8900": upstream},
    )
    (folder / "Caddyfile").write_text(f"{{\nadmin off\nauto_https disable_redirects\n}}\n{site}")
    with running(["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"], port, folder):
        yield


@contextlib.contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        )
    try:
        wait_until(lambda: process.poll() is not None or is_open(port))
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(10)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxied(
    request: pytest.FixtureRequest, behind: Gateway, certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    proxy: Callable[..., contextlib.AbstractContextManager[None]] = request.param
    port = free_port()
    upstream = behind.url.removeprefix("http://").removesuffix("/live")
    with proxy(tmp_path_factory.mktemp("proxy"), port, upstream, certificate):
        yield Proxied(behind.process, f"https://{HOST}:{port}/live", behind.log, port, certificate)


def test_the_element_the_recording_and_what_it_needs_are_found_under_the_path(proxied: Proxied) -> None:
    element = proxied.get("/stagedoor.js")
    assert element.headers["content-type"].startswith("text/javascript")
    chunk = re.search(r"assets/[\w.-]+\.js", element.text)
    assert chunk
    assert proxied.get(f"/{chunk[0]}").status_code == 200
    answer = proxied.get("/apps/clicks/recording", headers={"Origin": COURSE})
    assert answer.headers["access-control-allow-origin"] == COURSE
    again = proxied.get("/apps/clicks/recording", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_session_goes_through(proxied: Proxied) -> None:
    with proxied.page("clicks", origin=COURSE) as page:
        page.until_done(page.click(page.comm("ButtonModel")))
        assert page.text == "click 1\n"


def test_pages_of_the_gateway_itself_are_known_by_the_scheme_that_the_proxy_tells(proxied: Proxied) -> None:
    assert proxied.get("/apps/clicks/recording", headers={"Origin": proxied.origin}).status_code == 200
    with proxied.page("clicks", origin=proxied.origin) as page:
        page.until_done(page.click(page.comm("ButtonModel")))
    plain = proxied.origin.replace("https", "http")
    assert proxied.get("/apps/clicks/recording", headers={"Origin": plain}).status_code == 403
    for origin in (plain, "https://evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            proxied.page("clicks", origin=origin)
        assert refused.value.response.status_code == 403


def test_a_visitor_cannot_tell_the_gateway_another_scheme_through_the_proxy(proxied: Proxied) -> None:
    headers = {"Origin": proxied.origin.replace("https", "http"), "X-Forwarded-Proto": "http"}
    assert proxied.get("/apps/clicks/recording", headers=headers).status_code == 403


@pytest.mark.browser
def test_the_apps_own_page_works_in_a_browser(proxied: Proxied) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    flags = [f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--disable-gpu", "--disable-background-networking"]

    def visit() -> tuple[str | None, list[str]]:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=flags, chromium_sandbox=False)
            page = browser.new_page(ignore_https_errors=True)
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.on("websocket", lambda connection: asked.append(connection.url))
            page.goto(f"{proxied.url}/apps/clicks")
            page.get_by_role("button", name="click me").click()
            page.get_by_text("click 1").wait_for()
            state = page.locator("stage-door").get_attribute("state")
            browser.close()
            return state, asked

    # Playwright has one event loop in a thread, and other tests' may be running in this one.
    with ThreadPoolExecutor(1) as thread:
        state, asked = thread.submit(visit).result()
    assert state == "live"
    assert any(url.startswith(f"wss://{HOST}:{proxied.port}/live/apps/clicks/live") for url in asked)
    own = re.compile(rf"(https|wss)://{HOST}:{proxied.port}/live/|(data|blob):")
    assert [url for url in asked if not own.match(url)] == []


def test_a_scheme_is_believed_of_trusted_proxies_only() -> None:
    with running_gateway([CLICKS], env={"STAGEDOOR_SERVER__TRUSTED_PROXIES": "192.0.2.7"}) as gateway:
        for origin, status in {gateway.url.replace("http", "https"): 403, gateway.url: 200}.items():
            headers = {"Origin": origin, "X-Forwarded-Proto": "https"}
            assert gateway.get("/apps/clicks/recording", headers=headers).status_code == status
