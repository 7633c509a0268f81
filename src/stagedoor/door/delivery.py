"""What a session has sent to its page: numbered, and kept for a while, so that a page that was cut off can go on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from ..jupyter.framing import encode
from ..jupyter.message import Json, Message
from .figures import Figures


class Page(Protocol):
    """The page at the other end of a websocket."""

    def push(self, frame: bytes) -> bool:
        """Queues a frame; False when the page reads too slowly to take it."""

    def close(self) -> None:
        """Closes the connection when all that was queued has been sent."""


class Delivery:
    """The way to a session's page, while there is one, and the memory of what went it.

    Args:
        kept: bytes of frames that are kept for a page that comes back.
        render: sends the whole state; called where the frames that a page has missed are not there any more.
    """

    def __init__(self, *, kept: int, figures: Figures, render: Callable[[], None]) -> None:
        self._kept = kept
        self._figures = figures
        self._render = render
        self._page: Page | None = None
        self._overrun = False
        self._sent = 0
        self._frames: deque[bytes] = deque()
        self._bytes = 0

    def attach(self, page: Page) -> None:
        """A page is there; the one that was there before is closed."""
        former, self._page, self._overrun = self._page, page, False
        if former is not None:
            former.close()

    def detach(self, page: Page) -> bool:
        """A page is gone. False when another has taken its place before."""
        if page is not self._page:
            return False
        self._page = None
        return True

    def close(self) -> None:
        """Closes the page's connection when it has got everything."""
        if self._page is not None:
            self._page.close()

    def resume(self, received: int) -> None:
        """Sends what the page has missed: it has had ``received`` frames."""
        missed = self._sent - received
        if 0 <= missed <= len(self._frames):
            for frame in list(self._frames)[len(self._frames) - missed :]:
                self._push(frame)
        else:
            self._sent = received
            self._render()

    def forget(self) -> None:
        """What was sent so far is void: the page is rendered anew after this."""
        self._overrun = False
        self._frames.clear()
        self._bytes = 0

    def send(self, message: Message) -> None:
        """Sends a message, and keeps it."""
        if self._overrun:
            return  # a page that was too slow gets the state anew when it has caught up
        frame = encode(message.replace(msg_id=f"k-{self._sent}"))
        if not self._push(frame):
            return
        self._figures.sent(message.msg_type)
        self._sent += 1
        self._frames.append(frame)
        self._bytes += len(frame)
        while self._bytes > self._kept:
            self._bytes -= len(self._frames.popleft())

    def announce(self, content: Json) -> None:
        """Sends a ``stagedoor_session`` message, which is neither counted nor kept."""
        if self._page is not None:
            self._page.push(encode(Message("iopub", "stagedoor_session", content)))

    def caught_up(self, page: Page) -> None:
        """The page has read all that was queued for it."""
        if page is self._page and self._overrun:
            self._render()

    def _push(self, frame: bytes) -> bool:
        self._overrun = self._page is not None and not self._page.push(frame)
        return not self._overrun
