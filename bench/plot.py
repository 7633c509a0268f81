"""The results as one picture, readable on a light and on a dark page."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .figures import Found, crowd, dig, number

# Matplotlib knows no CSS: the ink is drawn in a colour of its own, which a style sheet in the picture then replaces.
_INK = "#010203"
_STYLE = "<style>:root{--ink:#24292f}@media(prefers-color-scheme:dark){:root{--ink:#e6edf3}}</style>"
_COLORS = {
    "stagedoor": "#d9480f",
    "voila": "#4c78a8",
    "preheated": "#8fb3d6",
    "bare": "#8c8c8c",
    "static": "#6aa67a",
}
_STATIC = "static page of the same bytes"
_BAR = 0.8

_PANELS = [
    ("First output, cold cache, ms", lambda peer: dig(peer, "browser", "first_output_cold", "median")),
    ("Arrival to first changed output, ms", lambda peer: dig(peer, "wire", "arrival_and_change", "median")),
    ("Click to change on a live page, ms", lambda peer: dig(peer, "browser", "click", "median")),
    ("Page, kB on the wire", lambda peer: dig(peer, "browser", "page", "kilobytes")),
    ("Memory of a visitor who looks, MB", lambda peer: dig(peer, "onlookers", "looker_mb")),
    ("Memory of a visitor who clicks, MB", lambda peer: dig(crowd(peer, 200), "visitor_mb")),
]


def draw(results: dict[str, Any], path: Path) -> None:
    """Draws the picture as SVG."""
    apps = {app: _with_static(peers) for app, peers in results["apps"].items()}
    names = {key: found["name"] for peers in apps.values() for key, found in peers.items()}
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)  # type: ignore[union-attr, call-arg]
    with mpl.rc_context({"font.size": 9, "svg.hashsalt": "stagedoor", "text.color": _INK}):
        axes = figure.subplots(2, 3)
        for axis, (title, read) in zip(axes.flat, _PANELS, strict=True):
            values = {app: {key: read(found) for key, found in peers.items()} for app, peers in apps.items()}
            _panel(axis, title, values)
        bars = [mpl.patches.Patch(color=_COLORS[key], label=name) for key, name in names.items()]  # type: ignore[attr-defined]
        figure.legend(handles=bars, loc="outside lower center", ncols=len(bars), frameon=False)
        buffer = io.StringIO()
        figure.savefig(
            buffer, format="svg", transparent=True, metadata={"Date": None, "Title": "Stagedoor's benchmark"}
        )
    path.write_text(_themed(buffer.getvalue()))


def _with_static(peers: dict[str, Found]) -> dict[str, Found]:
    page = dig(peers, "stagedoor", "browser", "static", "same_bytes")
    if page is None:
        return peers
    cold = {"first_output_cold": page["first_output_cold"]}
    return peers | {"static": {"name": _STATIC, "browser": cold}}


def _panel(axis: Axes, title: str, values: dict[str, dict[str, float | None]]) -> None:
    axis.set_title(title, loc="left", fontsize=10, fontweight="bold", color=_INK)
    place, ticks, longest = 0.0, [], max((v for peers in values.values() for v in peers.values() if v), default=1)
    for app, peers in values.items():
        first = place
        for key, value in peers.items():
            if value is None:
                continue
            axis.barh(place, max(value, 0), height=_BAR, color=_COLORS[key])
            weight = "bold" if key == "stagedoor" else "normal"
            axis.text(max(value, 0) + longest * 0.02, place, number(value), va="center", color=_INK, fontweight=weight)
            place += 1
        ticks.append(((first + place - 1) / 2, app))
        place += 0.6
    axis.set_yticks([tick for tick, _ in ticks], [app for _, app in ticks], color=_INK, fontsize=10)
    axis.set_xlim(0, longest * 1.22)
    axis.invert_yaxis()
    axis.set_xticks([])
    axis.tick_params(length=0)
    for side in axis.spines.values():
        side.set_visible(False)


def _themed(svg: str) -> str:
    themed = svg.replace(_INK, "var(--ink, #6e7781)")
    return re.sub(r"(<svg[^>]*>)", rf"\1{_STYLE}", themed, count=1)
