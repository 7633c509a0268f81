"""Who comes from where: how many connections and sessions an address may have."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_VISITORS_NETWORK = 64
"""A visitor has a whole network of IPv6 addresses of this prefix (RFC 6177)."""


@dataclass(frozen=True, slots=True)
class CrowdLimits:
    """Of one address. A school or a company may have a single one, so they are generous."""

    connections: int = 200
    sessions: int = 100


class Crowd:
    """Counts by address."""

    def __init__(self, limits: CrowdLimits) -> None:
        self._limits = limits
        self._connections: Counter[str] = Counter()
        self._sessions: Counter[str] = Counter()

    @contextmanager
    def connection(self, address: str) -> Iterator[bool]:
        """Counts a connection while it lasts. Gives False, and counts nothing, when the address has too many."""
        key = key_of(address)
        if not key:
            yield True
            return
        if self._connections[key] >= self._limits.connections:
            yield False
            return
        self._connections[key] += 1
        try:
            yield True
        finally:
            _lower(self._connections, key)

    def session(self, address: str) -> Callable[[], None] | None:
        """Counts a session; returns what to call at its end. None when the address has too many."""
        key = key_of(address)
        if not key:
            return lambda: None
        if self._sessions[key] >= self._limits.sessions:
            return None
        self._sessions[key] += 1
        return lambda: _lower(self._sessions, key)


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


def _lower(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
