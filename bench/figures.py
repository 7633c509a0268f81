"""The figures that the results are told in: one row a figure, read out of each peer's part of the results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Found = dict[str, Any]


@dataclass(frozen=True)
class Value:
    """A figure of one peer.

    Attributes:
        text: as it is told.
        number: what is compared; None where nothing can be compared.
    """

    text: str
    number: float | None


@dataclass(frozen=True)
class Row:
    """A figure; the smaller, the better.

    Attributes:
        read: gives a peer's value out of its part of the results, or None if it has not been measured.
    """

    part: str
    label: str
    read: Callable[[Found], Value | None]


def dig(found: Any, *keys: str) -> Any:
    """The value at a path, or None if the path ends before."""
    for key in keys:
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def crowd(found: Found, wanted: int) -> Found | None:
    """The crowd of this size; if it was not tried or could not be had, the largest there was."""
    crowds = [crowd for crowd in found.get("crowds", []) if "n" in crowd]
    return next((crowd for crowd in crowds if crowd["wanted"] == wanted), crowds[-1] if crowds else None)


def number(value: float) -> str:
    """With as many digits as matter."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _median(*path: str) -> Callable[[Found], Value | None]:
    def read(found: Found) -> Value | None:
        times = dig(found, *path)
        if times is None or "median" not in times:
            failed = dig(found, path[0], "failed") or dig(times, "first_error")
            return Value("failed", None) if failed else None
        return Value(number(times["median"]), times["median"])

    return read


def _median_p95(*path: str) -> Callable[[Found], Value | None]:
    median = _median(*path)

    def read(found: Found) -> Value | None:
        value = median(found)
        if value is None or value.number is None:
            return value
        return Value(f"{value.text} / {number(dig(found, *path, 'p95'))}", value.number)

    return read


def _plain(*path: str) -> Callable[[Found], Value | None]:
    def read(found: Found) -> Value | None:
        value = dig(found, *path)
        return None if value is None else Value(number(value), float(value))

    return read


def _of_crowd(wanted: int, *path: str) -> Callable[[Found], Value | None]:
    """Of a smaller crowd only the figures for one visitor can be compared."""

    def read(found: Found) -> Value | None:
        come = crowd(found, wanted)
        value = dig(come, *path)
        if come is None or value is None:
            return None
        same = come["n"] == wanted or path[0].startswith("visitor")
        return Value(number(value) + ("" if come["n"] == wanted else f" (n={come['n']})"), value if same else None)

    return read


def _rush(wanted: int) -> Callable[[Found], Value | None]:
    def read(found: Found) -> Value | None:
        come = crowd(found, wanted)
        times = dig(come, "first_reply")
        if come is None or times is None:
            return None
        size = "" if come["n"] == wanted else f" (n={come['n']})"
        failed = f", {times['errors']} failed" if times["errors"] else ""
        if "median" not in times:
            return Value(f"all failed{size}", None)
        text = " / ".join(number(times[key] / 1000) for key in ("median", "p95", "max"))
        return Value(f"{text}{failed}{size}", times["p95"] if come["n"] == wanted else None)

    return read


def _growth(found: Found) -> Value | None:
    sessions = found.get("succession")
    if sessions is None:
        return None
    if "failed" in sessions:
        return Value("failed", None)
    failed = f", {sessions['errors']} failed" if sessions["errors"] else ""
    return Value(f"{number(sessions['growth_mb'])} (n={sessions['n']}{failed})", None)


ROWS = [
    Row("page", "first output, cold cache, ms", _median("browser", "first_output_cold")),
    Row("page", "first output, warm cache, ms", _median("browser", "first_output_warm")),
    Row("page", "first click, until the output has changed, ms", _median("browser", "first_act")),
    Row("page", "later clicks, ms, median / p95", _median_p95("browser", "click")),
    Row("page", "fetched, cold cache, kB", _plain("browser", "page", "kilobytes")),
    Row("page", "requests", _plain("browser", "page", "requests")),
    Row("page", "requests to other hosts", _plain("browser", "page", "foreign_requests")),
    Row("wire", "first message to first reply, ms, median / p95", _median_p95("wire", "first_reply")),
    Row("wire", "arrival to first changed output, ms, median / p95", _median_p95("wire", "arrival_and_change")),
    Row("wire", "later messages to changed output, ms, median / p95", _median_p95("wire", "live_change")),
    Row("memory", "server at rest, MB", _plain("onlookers", "idle_mb")),
    Row("memory", "a visitor who only looks, MB", _plain("onlookers", "looker_mb")),
    Row("memory", "processes for a visitor who only looks", _plain("onlookers", "looker_processes")),
    Row("memory", "a live visitor after a click, private MB", _of_crowd(200, "visitor_private_mb")),
    Row("memory", "everything, 1 live visitor, MB", _of_crowd(1, "all_mb")),
    Row("memory", "everything, 20 live visitors, MB", _of_crowd(20, "all_mb")),
    Row("memory", "everything, 200 live visitors, MB", _of_crowd(200, "all_mb")),
    Row("crowd", "20 arrive and click at once: first reply, s, median / p95 / max", _rush(20)),
    Row("crowd", "200 arrive and click at once: first reply, s, median / p95 / max", _rush(200)),
    Row("crowd", "growth after many sessions one after another, MB", _growth),
]
