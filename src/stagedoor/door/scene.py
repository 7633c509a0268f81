"""What a session's page shows, and the way to it; and in which words the page speaks of what it shows."""

from __future__ import annotations

from typing import Any

from ..jupyter.message import Json, Message
from .delivery import Delivery, Page
from .figures import Figures
from .gate import admit
from .names import Names
from .offers import libraries_of, modules_of, opened_module
from .reconcile import Difference, compare, stale, translate
from .redaction import Redaction
from .stage import Recorded


class Scene:
    """The page's side of a session.

    As long as the curtain is down, the page goes on showing what it shows, and what the kernel does is not sent.

    Args:
        recorded: what the page shows at first.
        kept: bytes of what was sent that are kept for a page that comes back.
        about: what every announcement to the page says of the session.
    """

    def __init__(self, recorded: Recorded, redaction: Redaction, *, kept: int, figures: Figures, about: Json) -> None:
        self.transcript = recorded.transcript.copy()
        """What the kernel has shown."""
        self.received = 0
        """How many messages of the page there have been."""
        self._recorded = recorded
        self._redaction = redaction
        self._about = about
        self._delivery = Delivery(kept=kept, figures=figures, render=self._render_all)
        self._curtain = True
        self._shown = self.transcript
        self._redrawing = False
        self._stale: frozenset[str] = frozenset()
        self._names = self._shown_names = Names()
        self._offered: dict[str, Json] = {
            "assets": dict(recorded.offers.assets),
            "extensions": dict(recorded.offers.recorded),
        }

    # -- the page ----------------------------------------------------------------------------------------------------

    def attach(self, page: Page) -> None:
        """Where frames go from now on; a page that was there before is closed."""
        self._delivery.attach(page)

    def bring_up_to_date(self, *, received: int | None, shown: str | None) -> None:
        """Sends what a page lacks that has come: see :meth:`stagedoor.door.session.Session.attach`."""
        if received is not None:
            self._delivery.resume(received)
        elif shown != self._recorded.generation:
            self._render_all()

    def detach(self, page: Page) -> bool:
        """A page is gone. False when another has taken its place before."""
        return self._delivery.detach(page)

    def caught_up(self, page: Page) -> None:
        """The page has read all that was queued for it."""
        self._delivery.caught_up(page)

    def close(self) -> None:
        """Closes the page's connection when it has got everything."""
        self._delivery.close()

    def rendered(self) -> None:
        """The page shows what it has been told to show anew: from now on it uses the kernel's own comm ids."""
        self._redrawing = False

    # -- what the page says ------------------------------------------------------------------------------------------

    def admit(self, message: Message) -> Message:
        """See :func:`stagedoor.door.gate.admit`. Until a page shows other widgets, it uses the recording's ids."""
        facing = self._shown if self._curtain else self.transcript
        if self._redrawing and message.msg_type == "comm_msg":
            message = translate(message, self._shown, facing, self._stale)
        message = self._names.to_kernel(message)
        return admit(message, facing.comms, facing.prompt, self._recorded.terms.opened)

    def dismiss(self, message: Message) -> None:
        """The widget that waits for the answer to a message, which may not pass, is told that it is dealt with."""
        if message.msg_type == "comm_msg":
            idle = Message("iopub", "status", {"execution_state": "idle"}, parent_id=message.msg_id[:64])
            self._delivery.send(idle)

    # -- what the kernel does ----------------------------------------------------------------------------------------

    def begin_anew(self) -> None:
        """The app is run once more."""
        self.transcript = self._recorded.blank()

    def lower_curtain(self) -> None:
        """Another kernel begins where this one was; the page goes on showing what it shows."""
        self._curtain = True
        self._shown = self.transcript

    async def raise_curtain(self) -> bool:
        """The kernel is as far as the page, which is shown from now on what it does. True if the app was run anew."""
        shown, live = self._shown, self.transcript
        await self._offer(modules_of(live), set())
        self._curtain = False
        if live is shown:
            return False
        self._stale = stale(self._recorded.transcript, live)
        self._tell_difference(compare(shown, live))
        return True

    def follow(self, message: Message) -> bool:
        """Takes a message of the kernel, and shows it; False when the page is none the wiser."""
        shown = self.transcript.follow(message)
        if self._curtain or shown is None:
            return False
        self._show(shown)
        return True

    async def prepare(self, message: Message) -> None:
        """Tells the page what to load for what a message of the kernel will show."""
        await self._offer(opened_module(message), libraries_of(message))

    def announce(self, state: str, **more: Any) -> None:
        """Tells the page the session's state (docs/protocol.md, ``stagedoor_session``)."""
        told = {"state": state, "received": self.received, "code": "", "message": ""}
        self._delivery.announce(self._about | told | more)

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, message: Message) -> None:
        cleaned = self._redaction.outward(message, self.transcript.comms)
        if cleaned is not None:
            self._delivery.send(self._shown_names.to_page(cleaned))

    def _tell_difference(self, difference: Difference) -> None:
        if difference.other_models or self._names:  # of a run before, whose names the page still has
            self._redrawing = True
            self._render_all()
            return
        self._names = self._shown_names = difference.names
        for update in difference.updates:
            self._show(update)
        if difference.cells:
            self._render(list(difference.cells))

    async def _offer(self, modules: set[str], libraries: set[str]) -> None:
        """Tells the page, before it is to show them, what to load for what it does not know of yet."""
        assets, extensions = self._offered["assets"], self._offered["extensions"]
        libraries, modules = libraries - assets.keys(), modules - extensions.keys()
        if not libraries and not modules:
            return
        offers = self._recorded.offers
        found: dict[str, Json] = {
            "assets": await offers.find_libraries(libraries),
            "extensions": await offers.find(modules),
        }
        assets |= found["assets"]
        extensions |= found["extensions"]
        if any(found.values()):
            self._delivery.send(Message("iopub", "stagedoor_offers", found))

    def _render_all(self) -> None:
        self._shown_names = Names()
        self._delivery.forget()
        self._delivery.send(self._render_message("all"))
        if any(self._offered.values()):
            self._delivery.send(Message("iopub", "stagedoor_offers", self._offered))
        for message in self.transcript.messages():
            self._show(message)

    def _render(self, cells: list[str]) -> None:
        self._delivery.send(self._render_message(cells))
        for message in self.transcript.messages(cells):
            if message.msg_type not in {"comm_open", "comm_msg"}:
                self._show(message)

    def _render_message(self, scope: str | list[str]) -> Message:
        return Message("iopub", "stagedoor_render", {"cells": self._recorded.cells, "scope": scope})
