"""Who may have a kernel now: where more visitors come than there are seats, they queue and see their place."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

Tell = Callable[[str], None]
"""Says to a waiting visitor, in a sentence, what is being waited for."""


class Seats:
    """A number of seats, given in the order of asking."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._queue: deque[tuple[Tell, asyncio.Future[None]]] = deque()

    async def take(self, tell: Tell) -> Seat:
        """A seat, at once or when those who came before have theirs."""
        if self._free > 0:
            self._free -= 1
            return Seat(self)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (tell, turn)
        self._queue.append(place)
        tell(_sentence(len(self._queue)))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._queue.remove(place)
                self._tell_places()
            else:
                self._give_on()  # the seat came in the moment of leaving
            raise
        return Seat(self)

    def _give_on(self) -> None:
        if self._queue:
            _, turn = self._queue.popleft()
            turn.set_result(None)
            self._tell_places()
        else:
            self._free += 1

    def _tell_places(self) -> None:
        for number, (tell, _) in enumerate(self._queue, 1):
            tell(_sentence(number))


class Seat:
    """A seat that has been taken; given back once."""

    def __init__(self, seats: Seats) -> None:
        self._seats: Seats | None = seats

    def leave(self) -> None:
        """Gives the seat to the next; harmless when repeated."""
        seats, self._seats = self._seats, None
        if seats is not None:
            seats._give_on()


def _sentence(number: int) -> str:
    return f"Every seat is taken. You are number {number} in the queue."
