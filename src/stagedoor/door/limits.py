"""How long sessions last, and what a visitor is told at their end."""

from __future__ import annotations

from dataclasses import dataclass

FAREWELLS = {
    "idle": "This session has ended because nothing happened in it for a while.",
    "made_room": "This session has ended to make room for others, because nothing happened in it for a while.",
    "expired": "This session has reached its greatest age.",
    "kernel_died": "The program behind this page has stopped unexpectedly.",
    "no_kernel": "The program behind this page could not be started.",
    "full": "Too many visitors are waiting already. Please try again in a few minutes.",
    "left": "This session has ended.",
    "shutdown": "The server is being shut down.",
    "internal": "Something went wrong on the server.",
}
"""Why a session ends (docs/protocol.md), and the sentence that says so."""

CUT = "The program behind this page cannot be reached at the moment. What you do is done when it can be again."
"""What a visitor is told while a session waits for its kernel's line."""

FAILURES = frozenset({"no_kernel", "full"})
"""Ends of sessions that have never begun."""


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
