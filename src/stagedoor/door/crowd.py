"""Who comes from where: what an address may have at a time, and how fast it may have it."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .rates import Bucket

_VISITORS_NETWORK = 64
"""A visitor has a whole network of IPv6 addresses of this prefix (RFC 6177)."""
_HASTY = 5.0
_HASTE_COSTS = 5
"""A session that ends within so many seconds counts as so many more: its kernel was made for nothing."""
_LONGEST_WAIT = 30.0
_SWEEP_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class CrowdLimits:
    """Of one address. A school or a company may have a single one, so they are generous."""

    connections: int = 200
    """At a time."""
    arrivals: float = 10.0
    """Connections a second, when as many as may be at a time have come at once."""
    sessions: int = 100
    """At a time."""
    openings: float = 10.0
    """Sessions a second, when ``opening_burst`` have been opened at once; more wait."""
    opening_burst: int = 60
    refusals: float = 20.0
    """Messages a second that are refused. Pages that are as they should be have next to none."""
    refusal_burst: int = 50


class Address:
    """What an address has, and what is left to it. Times are of a monotonic clock, in seconds."""

    def __init__(self, limits: CrowdLimits, now: float) -> None:
        self.connections = 0
        self.sessions = 0
        self.arrivals = Bucket(limits.arrivals, limits.connections, now)
        self.openings = Bucket(limits.openings, limits.opening_burst, now)
        self.refusals = Bucket(limits.refusals, limits.refusal_burst, now)

    def forgettable(self, now: float) -> bool:
        """Whether it is as if nobody had ever come from there."""
        buckets = (self.arrivals, self.openings, self.refusals)
        return not self.connections and not self.sessions and all(bucket.full(now) for bucket in buckets)


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that may be opened."""

    wait: float
    """Seconds until then: others of this address have come just before."""
    close: Callable[[], None]
    """To be called at its end."""


class Crowd:
    """Counts by address.

    Args:
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, limits: CrowdLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._addresses: dict[str, Address] = {}
        self._swept = clock()

    @contextmanager
    def connection(self, text: str) -> Iterator[Address | None]:
        """Counts a connection while it lasts. Gives None, and counts nothing, when the address has too many."""
        address = self._address(text)
        if address is None:
            yield Address(self._limits, self._clock())
            return
        if address.connections >= self._limits.connections or address.arrivals.take(0, self._clock()):
            yield None
            return
        address.arrivals.take(1, self._clock())
        address.connections += 1
        try:
            yield address
        finally:
            address.connections -= 1

    def session(self, text: str) -> Opening | None:
        """Counts a session, until it is closed. None when the address has too many."""
        address = self._address(text)
        if address is None:
            return Opening(0.0, lambda: None)
        if address.sessions >= self._limits.sessions:
            return None
        address.sessions += 1
        opened = self._clock()

        def close() -> None:
            address.sessions -= 1
            if self._clock() - opened < _HASTY:
                address.openings.take(_HASTE_COSTS, self._clock())

        return Opening(min(_LONGEST_WAIT, address.openings.take(1, opened)), close)

    def _address(self, text: str) -> Address | None:
        """None where it is not known, and nothing is counted."""
        now, key = self._clock(), key_of(text)
        if now - self._swept > _SWEEP_EVERY:
            self._swept = now
            self._addresses = {key: one for key, one in self._addresses.items() if not one.forgettable(now)}
        return self._addresses.setdefault(key, Address(self._limits, now)) if key else None


def key_of(address: str) -> str:
    """What counts as one address: of IPv6 the network; "" where it is not known, and nothing is counted."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _VISITORS_NETWORK), strict=False))
