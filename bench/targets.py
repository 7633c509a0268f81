"""The limits that Stagedoor set itself, and whether this run keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from .figures import Found, crowd, dig, number

_FRAME_MS = 1000 / 60
_OF_LIMIT = 1.5


@dataclass(frozen=True)
class Target:
    """A limit.

    Attributes:
        measured: None if this run has not measured it.
        errors: whether something failed on the way, which no limit allows.
    """

    app: str
    label: str
    limit: float
    measured: float | None
    errors: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it is kept; None if this run cannot say."""
        if self.measured is None:
            return False if self.errors else None
        return self.measured <= self.limit and not self.errors


@dataclass(frozen=True)
class _Limits:
    """Milliseconds and megabytes."""

    first_median: float
    first_p95: float
    private: float
    everything: float
    rush_p95: float
    growth: float


_LIMITS = {"tiny": _Limits(15, 40, 6, 1200, 2000, 5), "big": _Limits(25, 60, 9, 2200, 3000, 10)}


def targets(app: str, peers: dict[str, Found]) -> list[Target]:
    """The limits for one app."""
    found = peers.get("stagedoor", {})
    limits = _LIMITS[app]
    rush = crowd(found, 200) or {}
    whole = rush if rush.get("n") == 200 else {}
    sessions = found.get("succession", {})
    replies = dig(found, "wire", "first_reply") or {}
    lost = bool(dig(found, "wire", "arrival", "errors"))
    left = bool(dig(whole, "first_reply", "errors"))
    growth = f"growth after {number(sessions.get('n', 0))} sessions, MB"
    return [
        *_against_static(app, found),
        *_against_bare(app, found, peers.get("bare", {})),
        Target(app, "first message to first reply, median, ms", limits.first_median, replies.get("median"), lost),
        Target(app, "first message to first reply, p95, ms", limits.first_p95, replies.get("p95"), lost),
        Target(app, "private memory of a live visitor, MB", limits.private, rush.get("visitor_private_mb")),
        Target(app, "200 live visitors, everything, MB", limits.everything, whole.get("all_mb")),
        Target(app, "200 at once, p95 to first reply, ms", limits.rush_p95, dig(whole, "first_reply", "p95"), left),
        Target(app, growth, limits.growth, sessions.get("growth_mb"), bool(sessions.get("errors"))),
        Target(app, "processes for a visitor who only looks", 0, dig(found, "onlookers", "looker_processes")),
        Target(app, "requests to other hosts", 0, dig(found, "browser", "page", "foreign_requests")),
    ]


def _against_static(app: str, found: Found) -> list[Target]:
    results = []
    for cache in ("cold", "warm"):
        static = dig(found, "browser", "static", "same_bytes", f"first_output_{cache}", "median")
        ours = dig(found, "browser", f"first_output_{cache}", "median")
        if static is not None:
            label = f"first output, {cache} cache, ms (1.5 x a static page of the same bytes)"
            results.append(Target(app, label, round(_OF_LIMIT * static, 1), ours))
    return results


def _against_bare(app: str, found: Found, bare: Found) -> list[Target]:
    results = []
    for key in ("median", "p95"):
        limit = dig(bare, "wire", "live_change", key)
        if limit is not None:
            label = f"click on a live page, {key}, ms (1.5 x a bare kernel, and a frame)"
            measured = dig(found, "browser", "click", key)
            results.append(Target(app, label, round(_OF_LIMIT * limit + _FRAME_MS, 1), measured))
    return results
