"""How fast a page may send: a flood is slowed down to the rate that is allowed, and cut off when it goes on."""

from __future__ import annotations

from dataclasses import dataclass

_BYTES_OF_A_REFUSAL = 100_000
_SECONDS_OF_A_REFUSAL = 1e-3
_OUTPUT_WORK, _OUTPUT_WORK_BURST = 0.1, 0.5
_OUTPUT_BYTES, _OUTPUT_BYTES_BURST = 16 * 2**20, 64 * 2**20


@dataclass(frozen=True, slots=True)
class Rates:
    """What one connection may send."""

    messages: float = 300.0
    """Frames a second."""
    message_burst: int = 600
    """Frames at once."""
    bytes: float = 4 * 2**20
    """Bytes a second."""
    byte_burst: int = 64 * 2**20
    """Bytes at once: a visitor may upload files."""
    work: float = 0.05
    """Seconds of processor time, a second, for reading what is sent: next to none but where it is made to take long."""
    work_burst: float = 0.25
    """Seconds of processor time at once."""
    patience: float = 10.0
    """Seconds for which a page may be slowed down before its connection is closed."""


class Bucket:
    """A token bucket: it holds ``burst`` and refills at ``rate`` a second; more may be taken, and is owed then."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = float(burst)
        self._at = now

    def take(self, amount: float, now: float) -> float:
        """Takes; returns the seconds after which what was taken will have been refilled, 0 if it was there."""
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        self._level -= amount
        return max(0.0, -self._level / self._rate)

    def full(self, now: float) -> bool:
        """Whether it is as if nothing had ever been taken."""
        return self._level + (now - self._at) * self._rate >= self._burst


class Pace:
    """The pace of one connection. Times are of a monotonic clock, in seconds.

    Args:
        refusals: what is left to the visitor's address: who is cut off and comes again does not begin anew.
    """

    def __init__(self, rates: Rates, refusals: Bucket, now: float) -> None:
        self._messages = Bucket(rates.messages, rates.message_burst, now)
        self._bytes = Bucket(rates.bytes, rates.byte_burst, now)
        self._work = Bucket(rates.work, rates.work_burst, now)
        self._refusals = refusals
        self._patience = rates.patience
        self._slowed = 0.0
        self._until = now

    def take(self, size: int, work: float, now: float, *, refused: bool) -> tuple[float, str]:
        """Counts a frame of this size, which has taken so many seconds of processor time to read.

        Returns:
            how long to wait before the next is read, and why: ``message_rate``, ``byte_rate``, ``work_rate``,
            ``refusal_rate``, or "".
        """
        cost = 1 + size / _BYTES_OF_A_REFUSAL + work / _SECONDS_OF_A_REFUSAL if refused else 0.0
        waits = {
            "message_rate": self._messages.take(1, now),
            "byte_rate": self._bytes.take(size, now),
            "work_rate": self._work.take(work, now),
            "refusal_rate": self._refusals.take(cost, now) if refused else 0.0,
        }
        reason = max(waits, key=waits.__getitem__)
        if not waits[reason]:
            # Slowing down that lies back as long as it lasted is forgotten.
            self._slowed = max(0.0, self._slowed - max(0.0, now - self._until))
            self._until = now
            return 0.0, ""
        self._slowed += waits[reason]
        self._until = now + waits[reason]
        return waits[reason], reason

    @property
    def hopeless(self) -> bool:
        """Whether it has been slowed down for too long."""
        return self._slowed > self._patience


class OutputPace:
    """How fast a session's kernel may show things: one that prints without end makes way for the others.

    What it may is far more than a page can show, and what it has ready beyond that waits in the kernel.
    """

    def __init__(self, now: float) -> None:
        self._work = Bucket(_OUTPUT_WORK, _OUTPUT_WORK_BURST, now)
        self._bytes = Bucket(_OUTPUT_BYTES, _OUTPUT_BYTES_BURST, now)

    def take(self, size: int, work: float, now: float) -> float:
        """Counts an output of so many bytes, which took so many seconds of processor time; returns how long to wait."""
        return max(self._work.take(work, now), self._bytes.take(size, now))
