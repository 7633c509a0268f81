"""One visitor's session: a kernel behind the door, a page (or, for a while, none) before it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from ..jupyter.comms import update_message
from ..jupyter.framing import encode
from ..jupyter.message import Json, Message
from ..kernels.perform import perform
from ..kernels.protocol import Kernel, KernelDied, KernelError
from .figures import Figures
from .gate import Refused, admit
from .reconcile import Difference, compare, translate
from .redaction import Redaction, new_id
from .stage import Recorded

log = structlog.get_logger("stagedoor.session")

_OWN = "stagedoor-"
_FAREWELLS = {
    "idle": "This session has ended because nothing happened in it for a while.",
    "made_room": "This session has ended to make room for others, because nothing happened in it for a while.",
    "expired": "This session has reached its greatest age.",
    "kernel_died": "The program behind this page has stopped unexpectedly.",
    "no_kernel": "The program behind this page could not be started.",
    "left": "This session has ended.",
    "shutdown": "The server is being shut down.",
    "internal": "Something went wrong on the server.",
}
_FAILURES = frozenset({"no_kernel"})
_PENDING_QUESTIONS = 1024


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """What an operator can set about sessions; times in seconds, sizes in bytes."""

    grace: float = 20.0
    """How long a session waits for a page that has been lost."""
    idle: float = 20 * 60.0
    """How long a session lives without any act of the visitor."""
    yield_after: float = 60.0
    """How long a visitor may do nothing before the session ends when others wait for its place."""
    age: float = 4 * 3600.0
    """How long a session lives in all."""
    replay: int = 4 * 2**20
    """How much of what was sent is kept, so that a page that was cut off can go on."""
    early: int = 32 * 2**20
    """How much a page may send before its kernel is there."""
    perform: float = 60.0
    """How long an app's run may take."""


class Page(Protocol):
    """The page at the other end of a websocket."""

    def push(self, frame: bytes) -> bool:
        """Queues a frame; False when the page reads too slowly to take it."""

    def close(self) -> None:
        """Closes the connection when all that was queued has been sent."""


class Session:
    """A visitor's session. All methods are called in the event loop's thread.

    Args:
        recorded: what the page shows.
        open_kernel: gives the session its kernel; may wait for a seat, and says what it waits for.
        on_end: called once when everything has been cleared away.
    """

    def __init__(
        self,
        recorded: Recorded,
        open_kernel: Callable[[Callable[[str], None]], Awaitable[Kernel]],
        *,
        limits: SessionLimits,
        figures: Figures,
        reveal: bool,
        on_end: Callable[[Session], None],
    ) -> None:
        self.id = secrets.token_urlsafe(24)
        """The secret that a page goes on with."""
        self.label = new_id()
        """The id in the log; opens nothing."""
        self.recorded = recorded
        self.transcript = self._shown = recorded.transcript.copy()
        self.last_act = time.monotonic()
        self._open_kernel = open_kernel
        self._limits = limits
        self._figures = figures
        self._on_end = on_end
        self._log = log.bind(app=recorded.app.name, session=self.label)
        self._redaction = Redaction(self._note, reveal=reveal)
        self._kernel: Kernel | None = None
        self._page: Page | None = None
        self._overrun = False
        self._early: deque[Message] = deque()
        self._early_bytes = 0
        self._quiet = True
        self._live = False
        self._captures_due = False
        self._received = 0
        self._sent = 0
        self._replay: deque[bytes] = deque()
        self._replay_bytes = 0
        self._asked: dict[str, float] = {}
        self._opened_at = time.perf_counter()
        self._answered = False
        self._ending: str | None = None
        figures.session_opened()
        loop = asyncio.get_running_loop()
        self._timers = {"expired": loop.call_later(limits.age, self.stop, "expired")}
        self._restart_timer("idle", limits.idle)
        self._task = loop.create_task(self._run(), name=f"session {self.label}")

    @property
    def kernel(self) -> Kernel | None:
        """The session's kernel, once it has one."""
        return self._kernel

    @property
    def ending(self) -> bool:
        """Whether it has been told to end."""
        return self._ending is not None

    # -- the page's side ---------------------------------------------------------------------------------------------

    def attach(self, page: Page, *, received: int | None = None, shown: str | None = None) -> None:
        """A page is there: a new one, or one that goes on after ``received`` frames.

        Args:
            page: where frames go from now on; a page that was there before is closed.
            received: how many frames the page has had, when it resumes.
            shown: the generation of the recording that a new page shows.
        """
        former, self._page, self._overrun = self._page, page, False
        if former is not None:
            former.close()
        self._cancel_timer("grace")
        self._announce("live" if self._live else "starting")
        if received is None:
            if shown != self.recorded.generation:
                self._render_all()
            return
        missed = self._sent - received
        if 0 <= missed <= len(self._replay):
            for frame in list(self._replay)[len(self._replay) - missed :]:
                self._push(frame)
        else:
            self._sent = received
            self._render_all()

    def detach(self, page: Page, *, left: bool) -> None:
        """The page is gone: for good (``left``), or perhaps only for a moment."""
        if page is not self._page:
            return
        self._page = None
        if left:
            self.stop("left")
        else:
            self._restart_timer("grace", self._limits.grace, "left")

    async def receive(self, message: Message) -> None:
        """A message of the page: to the kernel, if the gate lets it pass."""
        self._received += 1
        self._figures.received()
        self.last_act = time.monotonic()
        self._restart_timer("idle", self._limits.idle)
        try:
            facing = self._shown if self._quiet else self.transcript
            admitted = admit(message, facing.comms, facing.prompt)
            if self._live and self._kernel is not None:
                await self._give(self._kernel, admitted)
            else:
                self._keep(admitted)
        except Refused as refusal:
            self.refuse(refusal.reason, message)
        except KernelDied:
            pass  # the session's own task sees it too, and ends the session

    def refuse(self, reason: str, message: Message | None = None) -> None:
        """Counts a message that may not pass; a widget that waits for its answer is told that it is dealt with."""
        self._figures.refused(reason)
        kind = message.msg_type[:64] if message else None
        self._log.warning("refused a message of the page", reason=reason, msg_type=kind)
        if message is not None and message.msg_type == "comm_msg":
            self._emit(Message("iopub", "status", {"execution_state": "idle"}, parent_id=message.msg_id[:64]))

    def stop(self, code: str) -> None:
        """Ends the session; ``code`` says why (see docs/protocol.md)."""
        if self._ending is None:
            self._ending = code
            self._task.cancel()

    async def ended(self) -> None:
        """Waits until the session has ended and nothing of it is left."""
        await asyncio.wait([self._task])

    # -- the session's life ------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        detail: str | None = None
        try:
            await self._live_through()
        except asyncio.CancelledError:
            self._ending = self._ending or "shutdown"
        except KernelDied as death:
            self._ending, detail = "kernel_died", str(death)
        except KernelError as error:
            self._ending, detail = "no_kernel", str(error)
        except Exception:
            self._ending = "internal"
            self._log.exception("the session has met an error of Stagedoor itself")
        await self._farewell(self._ending or "internal", detail)

    async def _live_through(self) -> None:
        kernel = self._kernel = await self._open_kernel(lambda waiting: self._announce("starting", message=waiting))
        if not kernel.rehearsed:
            self.transcript = self.recorded.blank()
            await self._perform(kernel)
        if not self._live:
            await self._take_over(kernel)
        while True:
            self._relay(await kernel.receive())
            if self._captures_due:
                await self._give_back_captures(kernel)

    async def _perform(self, kernel: Kernel) -> None:
        """Runs the app once more; where it asks the visitor something, the page goes on from there."""
        asked: asyncio.Task[None] | None = None

        def on_message(message: Message) -> None:
            nonlocal asked
            self._relay(message)
            if message.msg_type == "input_request" and asked is None:
                asked = asyncio.create_task(self._take_over(kernel))

        outcome = await perform(kernel, self.recorded.app, on_message, limit=self._limits.perform)
        if asked is not None:
            await asked
        if outcome.kind == "timeout":
            raise KernelError(f"the app's run was still in cell {outcome.cell!r} after {self._limits.perform:g} s")

    async def _take_over(self, kernel: Kernel) -> None:
        """The kernel is as far as the recording: the page goes on with it."""
        shown, live = self._shown, self.transcript
        self._quiet = False
        if live is not shown:
            self._tell_difference(compare(shown, live))
            await self._give_back_captures(kernel)
        while self._early:
            message = self._early.popleft()
            try:
                if live is not shown:
                    message = admit(translate(message, shown, live), live.comms, live.prompt)
                await self._give(kernel, message)
            except Refused as refusal:
                self.refuse(refusal.reason, message)
        self._live = True
        self._figures.session_live(time.perf_counter() - self._opened_at)
        self._announce("live")

    def _tell_difference(self, difference: Difference) -> None:
        if difference.other_models:
            self._render_all()
            return
        for update in difference.updates:
            self._show(update)
        if difference.cells:
            self._render(list(difference.cells))

    async def _farewell(self, code: str, detail: str | None) -> None:
        for timer in self._timers.values():
            timer.cancel()
        write = self._log.error if code in {"kernel_died", "no_kernel", "internal"} else self._log.info
        self._figures.session_ended(code)
        write("session ended", code=code, reason=detail)
        self._live = False
        self._announce("failed" if code in _FAILURES else "ended", code=code, message=_FAREWELLS[code])
        if self._page is not None:
            self._page.close()
        try:
            if self._kernel is not None:
                await self._kernel.close()
        except Exception:
            self._log.exception("a kernel could not be ended")
        finally:
            self._on_end(self)

    # -- to the kernel -----------------------------------------------------------------------------------------------

    def _keep(self, message: Message) -> None:
        self._early_bytes += len(message.content_json) + sum(len(buffer) for buffer in message.buffers)
        if self._early_bytes > self._limits.early:
            raise Refused("too_much_before_live")
        self._early.append(message)

    async def _give(self, kernel: Kernel, message: Message) -> None:
        if message.msg_type == "comm_msg":
            self.transcript.note_sent(message.msg_id, message.content["comm_id"])
            if len(self._asked) < _PENDING_QUESTIONS:
                self._asked[message.msg_id] = time.perf_counter()
        elif message.msg_type == "input_reply":
            self.transcript.note_answer()
        await kernel.send(message)

    async def _give_back_captures(self, kernel: Kernel) -> None:
        """Sets ``Output.outputs`` on the kernel's side to what was captured, as JupyterLab's front end does."""
        self._captures_due = False
        for comm_id, outputs in self.transcript.take_captured().items():
            message = update_message(comm_id, {"outputs": outputs})
            await kernel.send(message.replace(channel="shell", msg_id=_OWN + secrets.token_hex(8)))

    # -- to the page -------------------------------------------------------------------------------------------------

    def _relay(self, message: Message) -> None:
        """A message of the kernel: into the transcript, and to the page."""
        if message.parent_id.startswith(_OWN):
            return  # the kernel's echo of captured outputs, and its busy and idle
        shown = self.transcript.follow(message)
        if self._quiet or shown is None:
            return
        parent = message.parent_id
        if parent in self._asked and message.content.get("execution_state") != "busy":
            self._measure(self._asked.pop(parent))
        if message.msg_type == "status":
            self._captures_due = self._captures_due or message.content.get("execution_state") == "idle"
        self._show(shown)

    def _measure(self, asked: float) -> None:
        now = time.perf_counter()
        self._figures.replied(now - asked)
        if not self._answered:
            self._answered = True
            self._figures.first_replied(now - self._opened_at)

    def _show(self, message: Message) -> None:
        cleaned = self._redaction.outward(message, self.transcript.comms)
        if cleaned is not None:
            self._emit(cleaned)

    def _render_all(self) -> None:
        self._overrun = False
        self._replay.clear()
        self._replay_bytes = 0
        self._emit(_render_message(self.recorded.cells, "all"))
        for message in self.transcript.messages():
            self._show(message)

    def _render(self, cells: list[str]) -> None:
        self._emit(_render_message(self.recorded.cells, cells))
        for message in self.transcript.messages(cells):
            if message.msg_type != "comm_open":
                self._show(message)

    def _announce(self, state: str, *, code: str = "", message: str = "") -> None:
        content = {"state": state, "session": self.id, "received": self._received, "code": code, "message": message}
        if self._page is not None:
            self._page.push(encode(Message("iopub", "stagedoor_session", content | {"id": self.label})))

    def _emit(self, message: Message) -> None:
        if self._overrun:
            return  # a page that was too slow gets the state anew when it has caught up
        frame = encode(message.replace(msg_id=f"k-{self._sent}"))
        if not self._push(frame):
            return
        self._figures.sent(message.msg_type)
        self._sent += 1
        self._replay.append(frame)
        self._replay_bytes += len(frame)
        while self._replay_bytes > self._limits.replay:
            self._replay_bytes -= len(self._replay.popleft())

    def _push(self, frame: bytes) -> bool:
        self._overrun = self._page is not None and not self._page.push(frame)
        return not self._overrun

    def caught_up(self, page: Page) -> None:
        """The page has read all that was queued for it."""
        if page is self._page and self._overrun:
            self._render_all()

    # -- timers and notes --------------------------------------------------------------------------------------------

    def _restart_timer(self, name: str, seconds: float, code: str | None = None) -> None:
        self._cancel_timer(name)
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, self.stop, code or name)

    def _cancel_timer(self, name: str) -> None:
        with suppress(KeyError):
            self._timers.pop(name).cancel()

    def _note(self, kind: str, problem: str, detail: Json) -> None:
        self._log.warning(f"withheld from the page: {kind}", id=problem, **detail)


def _render_message(cells: list[Json], scope: str | list[str]) -> Message:
    return Message("iopub", "stagedoor_render", {"cells": cells, "scope": scope})
