"""Who may have a kernel now.

The operator says how many sessions there may be and how much memory they may use in all. What a session uses is
measured, and what the next one will use is taken from its app's others. Where more visitors come than fit, they queue
and see their place.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[str], None]
"""Says to a waiting visitor, in a sentence, what is being waited for."""

_SMOOTHING = 0.2


class QueueFull(Exception):  # noqa: N818 -- the visitor is told
    """As many visitors wait as may."""


@dataclass(slots=True)
class _Waiting:
    app: str
    tell: Tell
    turn: asyncio.Future[Place]


class Admission:
    """Gives places in the order of asking.

    Args:
        seats: how many sessions may have a kernel at a time.
        memory: bytes that the sessions' kernels may use in all; None for no limit.
        most_waiting: how many visitors may queue.
        make_room: called while somebody waits: ends a session that is idle, if there is one.
    """

    def __init__(
        self, *, seats: int, memory: int | None, make_room: Callable[[], None], most_waiting: int = 1000
    ) -> None:
        self._seats = seats
        self._memory = memory
        self._make_room = make_room
        self._most_waiting = most_waiting
        self._places: set[Place] = set()
        self._queue: deque[_Waiting] = deque()
        self._usual: dict[str, float] = {}

    @property
    def waiting(self) -> int:
        """How many visitors queue."""
        return len(self._queue)

    @property
    def used(self) -> int:
        """Bytes that the kernels use, as measured, or as usual for their app where they have not been measured yet."""
        return sum(place.measured or self.usual(place.app) for place in self._places)

    def usual(self, app: str) -> int:
        """Bytes that a kernel of this app has used so far; 0 while none has been measured."""
        return int(self._usual.get(app, 0))

    async def enter(self, app: str, tell: Tell) -> Place:
        """A place, at once or when those who came before have theirs.

        Raises:
            QueueFull: too many wait already.
        """
        if not self._queue and self._fits(app):
            return self._give(app)
        if len(self._queue) >= self._most_waiting:
            raise QueueFull
        waiting = _Waiting(app, tell, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        tell(_sentence(len(self._queue)))
        self._make_room()
        try:
            return await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.cancelled():
                self._queue.remove(waiting)
                self._tell_places()
            else:
                waiting.turn.result().leave()  # the turn came in the moment of leaving
            raise

    def seat_waiting(self) -> None:
        """Gives what is free to those who wait."""
        while self._queue and self._fits(self._queue[0].app):
            waiting = self._queue.popleft()
            waiting.turn.set_result(self._give(waiting.app))
        if self._queue:
            self._make_room()
            self._tell_places()

    def _fits(self, app: str) -> bool:
        if len(self._places) >= self._seats:
            return False
        # One session fits always: how much it uses is not known before.
        return self._memory is None or not self._places or self.used + self.usual(app) <= self._memory

    def _give(self, app: str) -> Place:
        place = Place(app, self)
        self._places.add(place)
        return place

    def _leave(self, place: Place) -> None:
        self._places.discard(place)
        self.seat_waiting()

    def _learn(self, app: str, measured: int) -> None:
        usual = self._usual.get(app)
        self._usual[app] = measured if usual is None else usual + _SMOOTHING * (measured - usual)

    def _tell_places(self) -> None:
        for number, waiting in enumerate(self._queue, 1):
            waiting.tell(_sentence(number))


class Place:
    """A place that has been given."""

    def __init__(self, app: str, admission: Admission) -> None:
        self.app = app
        self.measured = 0
        """Bytes, when last measured."""
        self._admission: Admission | None = admission

    def measure(self, size: int) -> None:
        """Tells what the kernel uses now, in bytes."""
        self.measured = size
        if self._admission is not None:
            self._admission._learn(self.app, size)

    def leave(self) -> None:
        """Gives the place back; harmless when repeated."""
        admission, self._admission = self._admission, None
        if admission is not None:
            admission._leave(self)


def _sentence(number: int) -> str:
    return f"Every seat is taken. You are number {number} in the queue."
