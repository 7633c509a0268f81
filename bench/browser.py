"""What a visitor with a real browser sees: when the first output is on the screen, and how soon a click changes it.

Everything is timed inside the page, in frames: a condition is looked at in every animation frame, and counts from the
moment when that frame has been painted, for every peer alike. No host but 127.0.0.1 can be reached.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, CDPSession, Page, async_playwright

from .apps import App
from .peers.static import Snapshot
from .process import Broken

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_SHOWN_MS = 40_000
_CHANGED_MS = 30_000
_AT_REST_SECONDS = 0.7

# `painted` gives the time at which a frame, in which the condition held, was on its way to the screen.
_SCRIPT = """
window.bench = {
  painted(condition) {
    return new Promise(resolve => {
      const look = () => {
        if (!condition()) return requestAnimationFrame(look);
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      };
      requestAnimationFrame(look);
    });
  },
  visible: element => element?.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && element.getBoundingClientRect().height > 0,
};
bench.shown = bench.painted(() => bench.visible((SHOWN)()));
for (const type of ["click", "keydown"]) {
  addEventListener(type, event => { bench.acted = event.timeStamp; }, { capture: true });
}
"""

_SNAPSHOT = """async () => {
  const copy = document.createElement("div");
  copy.append(...[...document.body.childNodes].map(node => node.cloneNode(true)));
  for (const element of copy.querySelectorAll("script, link")) element.remove();
  for (const image of copy.querySelectorAll("img")) {
    const blob = await (await fetch(image.src)).blob();
    image.src = await new Promise(resolve => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(blob);
    });
  }
  const sheets = [...document.styleSheets, ...document.adoptedStyleSheets];
  const rules = sheets.flatMap(sheet => [...sheet.cssRules].map(rule => rule.cssText));
  for (const element of copy.querySelectorAll("style")) element.remove();
  return `<style>${rules.join(" ")}</style>${copy.innerHTML}`;
}"""


@dataclass
class Traffic:
    """What a page fetched until it was at rest.

    Attributes:
        bytes: as they came over the wire, compressed, with headers; a websocket's are its messages' payloads.
        requests: without data: and blob: addresses; a websocket is one.
        foreign: how many of them went to which other hosts.
        bodies: address of every answer of the server, by the request's id.
    """

    bytes: int = 0
    requests: int = 0
    foreign: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As in the results."""
        foreign = {"foreign_requests": self.foreign.total(), "foreign_hosts": sorted(self.foreign)}
        return {"kilobytes": round(self.bytes / 1000, 1), "requests": self.requests} | foreign


class Tab:
    """A page that has shown its first output.

    Attributes:
        shown: seconds from the beginning of the navigation to the first output's frame.
    """

    def __init__(self, page: Page, cdp: CDPSession, app: App, shown: float, traffic: Traffic) -> None:
        self._page = page
        self._cdp = cdp
        self._app = app
        self._count = 0
        self.shown = shown
        self.traffic = traffic

    async def act(self) -> float:
        """Uses the widget; gives the seconds from the event to the frame with the changed output.

        Raises:
            Broken: nothing changed.
        """
        self._count += 1
        changed = """([n, look, redrawn]) => {
            const before = eval(look)(), condition = eval(redrawn);
            bench.changed = bench.painted(() => condition(n, before));
        }"""
        await self._page.evaluate(changed, [self._count, self._app.look, self._app.redrawn])
        control = self._page.locator(self._app.control).first
        await (control.click() if self._app.key is None else control.press(self._app.key))
        try:
            async with asyncio.timeout(_CHANGED_MS / 1000):
                milliseconds: float = await self._page.evaluate("async () => await bench.changed - bench.acted")
        except TimeoutError:
            raise Broken(f"nothing changed within {_CHANGED_MS // 1000} s of act {self._count}") from None
        return milliseconds / 1000

    async def at_rest(self) -> None:
        """Waits until the page has fetched nothing more for a moment."""
        while True:
            before = (self.traffic.requests, self.traffic.bytes)
            await asyncio.sleep(_AT_REST_SECONDS)
            if (self.traffic.requests, self.traffic.bytes) == before:
                return

    async def snapshot(self) -> Snapshot:
        """What it shows, and what it got for it."""
        bodies = []
        for request in self.traffic.bodies:
            body = await self._cdp.send("Network.getResponseBody", {"requestId": request})
            text: str = body["body"]
            bodies.append(base64.b64decode(text) if body["base64Encoded"] else text.encode())
        return Snapshot(await self._page.evaluate(_SNAPSHOT), bodies)

    async def close(self) -> None:
        """Closes the page as a visitor does, its unload handlers included."""
        await self._page.close(run_before_unload=False)


class Visit:
    """One visitor's browser profile, with a cache that is empty at first."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context

    async def open(self, address: str, app: App) -> Tab:
        """Opens the page in a new tab, and waits for its first output.

        Raises:
            Broken: no output has come.
        """
        page = await self._context.new_page()
        page.set_default_timeout(_CHANGED_MS)
        await page.add_init_script(_SCRIPT.replace("SHOWN", app.shown))
        cdp = await self._context.new_cdp_session(page)
        traffic = Traffic()
        await _count_traffic(cdp, traffic)
        try:
            async with asyncio.timeout(_SHOWN_MS / 1000):
                await page.goto(address, wait_until="commit", timeout=_SHOWN_MS)
                milliseconds: float = await page.evaluate("bench.shown")
        except TimeoutError:
            raise Broken(f"no output within {_SHOWN_MS // 1000} s") from None
        return Tab(page, cdp, app, milliseconds / 1000, traffic)


class Browser:
    """A running Chromium."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self.version: str = browser.version

    @asynccontextmanager
    async def visit(self) -> AsyncIterator[Visit]:
        """A visitor who has never been here."""
        context = await self._browser.new_context(viewport={"width": 1000, "height": 800})
        try:
            yield Visit(context)
        finally:
            await context.close()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Starts Chromium; Debian's if it is there, else playwright's own."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield Browser(running)
        finally:
            await running.close()


async def _count_traffic(cdp: CDPSession, traffic: Traffic) -> None:
    def requested(event: dict[str, Any]) -> None:
        address = urlsplit(event["request"]["url"])
        if address.scheme in {"data", "blob"}:
            return
        traffic.requests += 1
        if address.hostname != "127.0.0.1":
            traffic.foreign[address.hostname or ""] += 1

    def answered(event: dict[str, Any]) -> None:
        address = event["response"]["url"]
        if address.startswith("http://127.0.0.1") and event["response"]["status"] == 200:
            traffic.bodies[event["requestId"]] = address

    def finished(event: dict[str, Any]) -> None:
        traffic.bytes += int(event["encodedDataLength"])

    def connected(event: dict[str, Any]) -> None:
        traffic.requests += 1

    def framed(event: dict[str, Any]) -> None:
        text = event["response"]["payloadData"]
        binary = event["response"]["opcode"] == 2  # told in base64
        traffic.bytes += len(text) * 3 // 4 if binary else len(text)

    cdp.on("Network.requestWillBeSent", requested)
    cdp.on("Network.responseReceived", answered)
    cdp.on("Network.loadingFinished", finished)
    cdp.on("Network.webSocketCreated", connected)
    cdp.on("Network.webSocketFrameReceived", framed)
    cdp.on("Network.webSocketFrameSent", framed)
    await cdp.send("Network.enable")
