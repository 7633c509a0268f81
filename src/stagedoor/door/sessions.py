"""All sessions of a gateway: opened, found again, and ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..kernels.protocol import Kernel, KernelSource
from .figures import Figures
from .seats import Seat, Seats
from .session import Session, SessionLimits
from .stage import Recorded


class Sessions:
    """The sessions of a gateway.

    Args:
        seats: how many sessions may have a kernel at a time.
        reveal: show tracebacks and stderr to visitors (``--dev``).
    """

    def __init__(self, limits: SessionLimits, figures: Figures, *, seats: int, reveal: bool) -> None:
        self._limits = limits
        self._figures = figures
        self._reveal = reveal
        self._seats = Seats(seats)
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def kernels(self) -> int:
        """How many sessions have a kernel now."""
        return sum(session.has_kernel for session in self._sessions.values())

    def open(self, recorded: Recorded, source: KernelSource) -> Session:
        """A new session; its kernel is opened in the background."""
        seat: Seat | None = None

        async def open_kernel(tell: Callable[[str], None]) -> Kernel:
            nonlocal seat
            seat = await self._seats.take(tell)
            return await source.open(recorded.app)

        def ended(session: Session) -> None:
            del self._sessions[session.id]
            if seat is not None:
                seat.leave()

        session = Session(
            recorded, open_kernel, limits=self._limits, figures=self._figures, reveal=self._reveal, on_end=ended
        )
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str, app: str) -> Session | None:
        """The session of this app that a page wants to go on with."""
        session = self._sessions.get(session_id)
        return session if session is not None and session.recorded.app.name == app else None

    def refused(self, reason: str) -> None:
        """Counts what was refused before there was a session."""
        self._figures.refused(reason)

    async def close(self) -> None:
        """Ends all sessions."""
        sessions = list(self._sessions.values())
        for session in sessions:
            session.stop("shutdown")
        await asyncio.gather(*(session.ended() for session in sessions))
