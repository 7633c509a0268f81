"""One visitor's session: a kernel behind the door, a page (or, for a while, none) before it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from ..jupyter.message import Json, Message
from ..kernels.asking import is_private
from ..kernels.perform import perform
from ..kernels.protocol import Distant, Kernel, KernelDied, KernelError, KernelSpent
from ..kernels.welcome import welcome
from .admission import QueueFull
from .captures import returned_captures
from .delivery import Page
from .figures import Figures
from .gate import Refused
from .limits import CUT, FAILURES, FAREWELLS, SessionLimits
from .rates import OutputPace
from .redaction import Redaction, new_id
from .scene import Scene
from .stage import Recorded
from .tokens import Visitor
from .trial import Trial

log = structlog.get_logger("stagedoor.session")

_STUCK_AFTER = 2.0
_PENDING_QUESTIONS = 1024
_LOGGED_REFUSALS = 20


class Session:
    """A visitor's session. All methods are called in the event loop's thread.

    Args:
        recorded: what the page shows.
        open_kernel: gives the session its kernel; may wait for a place, and says what it waits for. With a kernel as
            second argument it gives one that was had in a safer way than this one.
        on_end: called once when everything has been cleared away.
        visitor: who it is, where a token says so.
    """

    def __init__(
        self,
        recorded: Recorded,
        open_kernel: Callable[[Callable[[str], None], Kernel | None], Awaitable[Kernel]],
        *,
        limits: SessionLimits,
        figures: Figures,
        reveal: bool,
        on_end: Callable[[Session], None],
        visitor: Visitor | None = None,
    ) -> None:
        self.id = secrets.token_urlsafe(24)
        """The secret that a page goes on with."""
        self.label = new_id()
        """The id in the log; opens nothing."""
        self.recorded = recorded
        self.last_act = time.monotonic()
        self._open_kernel = open_kernel
        self._limits = limits
        self._figures = figures
        self._on_end = on_end
        self._visitor = visitor
        self._log = log.bind(app=recorded.app.name, session=self.label)
        self._scene = Scene(
            recorded,
            Redaction(self._note, reveal=reveal),
            kept=limits.replay,
            figures=figures,
            about={"session": self.id, "id": self.label},
        )
        self._kernel: Kernel | None = None
        self._trial = Trial()
        self._early: deque[Message] = deque()
        self._early_bytes = 0
        self._output = OutputPace(time.monotonic())
        self._slowed = False
        self._live = False
        self._cut = False
        self._captures_due = False
        self._refusals = 0
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
        self._scene.attach(page)
        self._cancel_timer("grace")
        self._announce_progress()
        self._scene.bring_up_to_date(received=received, shown=shown)

    def detach(self, page: Page, *, left: bool) -> None:
        """The page is gone: for good (``left``), or perhaps only for a moment."""
        if not self._scene.detach(page):
            return
        if left:
            self.stop("left")
        else:
            self._restart_timer("grace", self._limits.grace, "left")

    def caught_up(self, page: Page) -> None:
        """The page has read all that was queued for it."""
        self._scene.caught_up(page)

    async def receive(self, message: Message) -> bool:
        """A message of the page: to the kernel, if the gate lets it pass; False if it does not."""
        self._scene.received += 1
        self._figures.received()
        self.last_act = time.monotonic()
        self._restart_timer("idle", self._limits.idle)
        try:
            admitted = self._scene.admit(message)
            if self._live and self._kernel is not None:
                await self._give(self._kernel, admitted)
            else:
                self._keep(admitted)
        except Refused as refusal:
            self.refuse(refusal.reason, message)
            return False
        except KernelDied:
            pass  # the session's own task sees it too, and does what is to be done
        return True

    def rendered(self) -> None:
        """The page shows what it has been told to show anew: from now on it uses the kernel's own comm ids."""
        self._scene.rendered()

    def refuse(self, reason: str, message: Message | None = None) -> None:
        """Counts a message that may not pass; a widget that waits for its answer is told that it is dealt with."""
        self._figures.refused(reason)
        self._refusals += 1
        if self._refusals <= _LOGGED_REFUSALS:
            kind = message.msg_type[:64] if message else None
            self._log.warning("refused a message of the page", reason=reason, msg_type=kind)
        if message is not None:
            self._scene.dismiss(message)

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
        except QueueFull:
            self._ending = "full"
            self._figures.refused("queue")
        except Exception:
            self._ending = "internal"
            self._log.exception("the session has met an error of Stagedoor itself")
        await self._farewell(self._ending or "internal", detail)

    async def _live_through(self) -> None:
        kernel = await self._open()
        try:
            await self._go_on(kernel)
        except KernelDied as death:
            if not kernel.on_trial or self._trial.over or isinstance(death, KernelSpent):
                raise
            self._log.warning(
                "the kernel failed in its first interactions: a safer one repeats them", reason=str(death)
            )
            safer = await self._start_over(kernel)
            await self._go_on(safer, instead_of=(kernel, str(death)))

    async def _open(self, below: Kernel | None = None) -> Kernel:
        kernel = await self._open_kernel(lambda waiting: self._scene.announce("starting", message=waiting), below)
        self._kernel = kernel
        if isinstance(kernel, Distant):
            kernel.watch_line(self._tell_of_line)
        if self._visitor is not None:
            who = {"id": self._visitor.id, "name": self._visitor.name, "params": self._visitor.params}
            await welcome(kernel, self.recorded.app, who, self._relay)
        return kernel

    def _tell_of_line(self, there: bool) -> None:
        """The way to the kernel is cut, or there again: what the visitor does meanwhile waits."""
        self._cut = not there
        if not self.ending:
            self._announce_progress()

    async def _start_over(self, failed: Kernel) -> Kernel:
        """Another kernel, which is given what the failed one was given: nothing that the visitor did is lost."""
        self._scene.announce("starting")
        await failed.close()
        self._live = False
        self._scene.lower_curtain()
        self._early.extendleft(reversed(self._trial.given))
        self._trial = Trial()
        self._asked.clear()
        return await self._open(failed)

    async def _go_on(self, kernel: Kernel, *, instead_of: tuple[Kernel, str] | None = None) -> None:
        if not kernel.rehearsed:
            self._scene.begin_anew()
            await self._perform(kernel)
        if not self._live:
            await self._take_over(kernel)
        while True:
            message = await self._next(kernel)
            await self._scene.prepare(message)
            await self._relay_in_turn(message)
            if self._captures_due:
                await self._give_back_captures(kernel)
            if instead_of is not None and not self._asked:
                await self.recorded.kernels.condemn(*instead_of)
                instead_of = None

    async def _next(self, kernel: Kernel) -> Message:
        """The kernel's next message; a kernel on trial that hangs is as good as dead."""
        while kernel.on_trial and self._trial.waiting:
            try:
                async with asyncio.timeout(_STUCK_AFTER):
                    return await kernel.receive()
            except TimeoutError:
                if kernel.stuck():
                    raise KernelDied("It hangs: it waits for a lock that nobody will ever open.") from None
        return await kernel.receive()

    async def _perform(self, kernel: Kernel) -> None:
        """Runs the app once more; where it asks the visitor something, the page goes on from there."""
        asked: asyncio.Task[None] | None = None

        def on_message(message: Message) -> None:
            nonlocal asked
            self._relay(message)
            if message.msg_type == "input_request" and asked is None:
                asked = asyncio.create_task(self._take_over(kernel))

        outcome = await perform(kernel, self.recorded.app, on_message, limit=self.recorded.run_limit)
        if asked is not None:
            await asked
        if outcome.kind == "timeout":
            raise KernelError(f"the app's run was still in cell {outcome.cell!r} after {self.recorded.run_limit:g} s")

    async def _take_over(self, kernel: Kernel) -> None:
        """The kernel is as far as the recording: the page goes on with it."""
        anew = await self._scene.raise_curtain()
        if anew:
            await self._give_back_captures(kernel)
        while self._early:
            message = self._early.popleft()
            try:
                await self._give(kernel, self._scene.admit(message) if anew else message)
            except Refused as refusal:
                self.refuse(refusal.reason, message)
        self._live = True
        self._figures.session_live(time.perf_counter() - self._opened_at)
        self._scene.announce("live")

    async def _farewell(self, code: str, detail: str | None) -> None:
        for timer in self._timers.values():
            timer.cancel()
        write = self._log.error if code in {"kernel_died", "no_kernel", "internal"} else self._log.info
        self._figures.session_ended(code)
        write("session ended", code=code, reason=detail)
        self._live = False
        self._scene.announce("failed" if code in FAILURES else "ended", code=code, message=FAREWELLS[code])
        self._scene.close()
        try:
            if self._kernel is not None:
                await self._kernel.close()
        except Exception:
            self._log.exception("a kernel could not be ended")
        finally:
            self._on_end(self)

    # -- to the kernel -----------------------------------------------------------------------------------------------

    def _keep(self, message: Message) -> None:
        self._early_bytes += message.size
        if self._early_bytes > self._limits.early:
            raise Refused("too_much_before_live")
        self._early.append(message)

    async def _give(self, kernel: Kernel, message: Message) -> None:
        if message.msg_type == "comm_msg":
            self._scene.transcript.note_sent(message.msg_id, message.content["comm_id"], message)
            if len(self._asked) < _PENDING_QUESTIONS:
                self._asked[message.msg_id] = time.perf_counter()
        elif message.msg_type == "input_reply":
            self._scene.transcript.note_answer()
        if kernel.on_trial:
            self._trial.give(message)
        await kernel.send(message)

    async def _give_back_captures(self, kernel: Kernel) -> None:
        self._captures_due = False
        for capture in returned_captures(self._scene.transcript):
            await kernel.send(capture)

    # -- to the page -------------------------------------------------------------------------------------------------

    async def _relay_in_turn(self, message: Message) -> None:
        """Relays a message; then waits, and lets the kernel wait, when it shows more than is its share."""
        began = time.thread_time()
        self._relay(message)
        wait = self._output.take(message.size, time.thread_time() - began, time.monotonic())
        if wait:
            self._figures.refused("output_rate")
            if not self._slowed:
                self._slowed = True
                self._log.warning("slowed down: the app shows more than a page can take")
            await asyncio.sleep(wait)

    def _relay(self, message: Message) -> None:
        """A message of the kernel: into the transcript, and to the page."""
        if is_private(message.parent_id):
            return  # the kernel's echo of captured outputs, and its busy and idle
        if not self._scene.follow(message):
            return
        parent = message.parent_id
        if parent in self._asked and message.content.get("execution_state") != "busy":
            self._measure(self._asked.pop(parent))
        if message.msg_type == "status" and message.content.get("execution_state") == "idle":
            self._captures_due = True
            self._trial.answer(parent)

    def _measure(self, asked: float) -> None:
        now = time.perf_counter()
        self._figures.replied(now - asked)
        if not self._answered:
            self._answered = True
            self._figures.first_replied(now - self._opened_at)

    def _announce_progress(self) -> None:
        there = self._live and not self._cut
        self._scene.announce("live" if there else "starting", message=CUT if self._cut else "")

    # -- timers and notes --------------------------------------------------------------------------------------------

    def _restart_timer(self, name: str, seconds: float, code: str | None = None) -> None:
        self._cancel_timer(name)
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, self.stop, code or name)

    def _cancel_timer(self, name: str) -> None:
        with suppress(KeyError):
            self._timers.pop(name).cancel()

    def _note(self, kind: str, problem: str, detail: Json) -> None:
        self._log.warning(f"withheld from the page: {kind}", id=problem, **detail)
