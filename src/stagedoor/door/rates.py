"""How fast a page may send: a flood is slowed down to the rate that is allowed, and cut off when it goes on."""

from __future__ import annotations

from dataclasses import dataclass


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


class Pace:
    """The pace of one connection. Times are of a monotonic clock, in seconds."""

    def __init__(self, rates: Rates, now: float) -> None:
        self._messages = Bucket(rates.messages, rates.message_burst, now)
        self._bytes = Bucket(rates.bytes, rates.byte_burst, now)
        self._patience = rates.patience
        self._slowed = 0.0
        self._until = now

    def take(self, size: int, now: float) -> tuple[float, str]:
        """Counts a frame of this size.

        Returns:
            how long to wait before the next is read, and why: ``message_rate``, ``byte_rate``, or "".
        """
        by_messages, by_bytes = self._messages.take(1, now), self._bytes.take(size, now)
        wait = max(by_messages, by_bytes)
        if not wait:
            # Slowing down that lies back as long as it lasted is forgotten.
            self._slowed = max(0.0, self._slowed - max(0.0, now - self._until))
            self._until = now
            return 0.0, ""
        self._slowed += wait
        self._until = now + wait
        return wait, "message_rate" if by_messages >= by_bytes else "byte_rate"

    @property
    def hopeless(self) -> bool:
        """Whether it has been slowed down for too long."""
        return self._slowed > self._patience
