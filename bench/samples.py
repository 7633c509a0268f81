"""Repeated measurements, and what is told about them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, interpolated between neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def summary(seconds: Sequence[float], errors: Sequence[str] = ()) -> dict[str, Any]:
    """Times in milliseconds: how many, median, 95th percentile, extremes, and what failed."""
    result: dict[str, Any] = {"n": len(seconds), "errors": len(errors)}
    if seconds:
        result |= {
            "median": round(statistics.median(seconds) * 1000, 2),
            "p95": round(quantile(seconds, 0.95) * 1000, 2),
            "min": round(min(seconds) * 1000, 2),
            "max": round(max(seconds) * 1000, 2),
        }
    if errors:
        result["first_error"] = errors[0]
    return result
