"""A visitor and what they see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway import Gateway, wait_until
from playwright.sync_api import Browser, Page, Response


@dataclass
class Demo:
    """The gateway, and the address of the page that embeds its apps from another origin."""

    gateway: Gateway
    site: str


class Visitor:
    """A visitor with an empty cache, and everything that their browser has received."""

    def __init__(self, browser: Browser, **options: object) -> None:
        self.context = browser.new_context(**options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.responses: list[Response] = []
        self.frames: list[bytes | str] = []
        self.complaints: list[str] = []
        self.page.on("response", lambda response: self.responses.append(response))
        self.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: self.frames.append(frame)))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def door(self, app: str, cell: str | None = None) -> Door:
        selector = f'stage-door[app="{app}"]' + (f'[cell="{cell}"]' if cell else "")
        return Door(self.page, selector)

    def until(self, condition: Callable[[], Any]) -> Any:
        """Waits for a condition, while the browser's events go on."""

        def look() -> Any:
            self.page.wait_for_timeout(10)
            return condition()

        return wait_until(look, 40)

    def received(self) -> bytes:
        """Every byte of the bodies and frames received."""
        bodies = [response.body() for response in self.responses if response.ok]
        return b"\n".join(bodies + [frame.encode() if isinstance(frame, str) else frame for frame in self.frames])


class Door:
    """One element on the page."""

    def __init__(self, page: Page, selector: str) -> None:
        self.locator = page.locator(selector).first

    @property
    def state(self) -> str | None:
        return self.locator.get_attribute("state")

    def wait_for(self, *states: str) -> None:
        wait_until(lambda: self.state in states, 40)

    @property
    def picture(self) -> str | None:
        """What is shown by the (last) picture in it."""
        return self.locator.locator("img").last.get_attribute("src")
