"""All sessions of a gateway: opened, found again, and ended together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from ..kernels.protocol import Kernel
from .admission import Admission, Place
from .crowd import Opening
from .figures import Figures
from .limits import SessionLimits
from .session import Session
from .stage import Recorded
from .tokens import Visitor

Measure = Callable[[Kernel], int | None]
"""Bytes of private memory that a kernel uses; None when that cannot be told."""

_AFTER_OTHERS = "Many have come from your network at the same time. It is your turn in a moment."
_MEASURE_EVERY = 1.0
_MEASURED_AT_ONCE = 10


class Sessions:
    """The sessions of a gateway.

    Args:
        seats: how many sessions may have a kernel at a time.
        memory: bytes that the kernels of all sessions may use; None for no limit.
        measure: tells what a kernel uses.
        most_waiting: how many more may queue.
        reveal: show tracebacks and stderr to visitors (``--dev``).
    """

    def __init__(
        self,
        limits: SessionLimits,
        figures: Figures,
        *,
        seats: int,
        memory: int | None = None,
        measure: Measure = lambda kernel: None,
        most_waiting: int = 1000,
        reveal: bool = False,
    ) -> None:
        self._limits = limits
        self._figures = figures
        self._reveal = reveal
        self._measure = measure
        self.admission = Admission(seats=seats, memory=memory, make_room=self._end_idlest, most_waiting=most_waiting)
        self._sessions: dict[str, Session] = {}
        self._places: dict[Session, Place] = {}
        self._openings: dict[Session, Opening] = {}
        self._measuring = asyncio.create_task(self._keep_measuring())

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def kernels(self) -> int:
        """How many sessions have a kernel now."""
        return len(self._places)

    def open(self, recorded: Recorded, visitor: Visitor | None, opening: Opening) -> Session:
        """A new session; its kernel is opened in the background.

        Args:
            visitor: who it is, where a token says so.
            opening: when the visitor's address may have it.
        """

        async def open_kernel(tell: Callable[[str], None], below: Kernel | None) -> Kernel:
            if session not in self._places:
                if opening.wait:
                    self.refused("opening_rate")
                    tell(_AFTER_OTHERS)
                    await asyncio.sleep(opening.wait)
                self._places[session] = await self.admission.enter(recorded.app.name, tell)
            return await recorded.kernels.open(below=below)

        session = Session(
            recorded,
            open_kernel,
            limits=self._limits,
            figures=self._figures,
            reveal=self._reveal,
            on_end=self._ended,
            visitor=visitor,
        )
        self._openings[session] = opening
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str, app: str) -> Session | None:
        """The session of this app that a page wants to go on with; one that is ending has said its farewell."""
        session = self._sessions.get(session_id)
        return session if session is not None and session.recorded.app.name == app and not session.ending else None

    def refused(self, reason: str) -> None:
        """Counts what was refused before there was a session."""
        self._figures.refused(reason)

    async def close(self) -> None:
        """Ends all sessions."""
        self._measuring.cancel()
        with suppress(asyncio.CancelledError):
            await self._measuring
        sessions = list(self._sessions.values())
        for session in sessions:
            session.stop("shutdown")
        await asyncio.gather(*(session.ended() for session in sessions))

    def _ended(self, session: Session) -> None:
        del self._sessions[session.id]
        self._openings.pop(session).close()
        if place := self._places.pop(session, None):
            place.leave()

    def _end_idlest(self) -> None:
        """Somebody waits: whoever has done nothing for a while, and longest, goes first."""
        before = time.monotonic() - self._limits.yield_after
        idle = [session for session in self._places if session.last_act < before and not session.ending]
        if idle:
            min(idle, key=lambda session: session.last_act).stop("made_room")

    async def _keep_measuring(self) -> None:
        """Measures the kernels in turn, a few at a time: reading one's memory costs a millisecond or more."""
        while True:
            await asyncio.sleep(_MEASURE_EVERY)
            for session in list(self._places)[:_MEASURED_AT_ONCE]:
                place = self._places.pop(session)
                self._places[session] = place  # to the end: it is its turn again after all the others
                size = self._measure(session.kernel) if session.kernel else None
                if size is not None:
                    place.measure(size)
            self.admission.seat_waiting()
