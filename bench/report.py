"""The results as tables: in a terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from .figures import ROWS, Found, Row, Value, dig, number
from .targets import Target, targets

_OURS = "stagedoor"


def tell(results: dict[str, Any], console: Console) -> None:
    """Prints the tables."""
    for app, peers in results["apps"].items():
        console.print()
        console.print(_table(app, peers))
        for line in _remarks(peers):
            console.print(f"  {line}", style="dim", highlight=False)
    console.print()
    console.print(_target_table([target for app, peers in results["apps"].items() for target in targets(app, peers)]))


def markdown(results: dict[str, Any]) -> str:
    """The same as a Markdown document."""
    machine = results["machine"]
    lines = [
        f"Measured on {machine['date'][:10]}: {machine['processors']} processors, {machine['memory_gb']} GB, "
        f"Python {machine['python']}, Chromium {machine['chromium']}, Voila {machine['versions']['voila']}, "
        f"ipykernel {machine['versions']['ipykernel']}; {machine['busy_percent']} % busy before.",
    ]
    for app, peers in results["apps"].items():
        names = [found["name"] for found in peers.values()]
        lines += ["", f"### {app}", "", f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        lines += [f"| {row.label} | {' | '.join(cells)} |" for row, cells in _rows(peers)]
        lines += ["", *(f"- {remark}" for remark in _remarks(peers))]
    lines += ["", "### Limits", "", "| app | figure | limit | measured | |", "|---|---|---|---|---|"]
    for app, peers in results["apps"].items():
        lines += [f"| {' | '.join(_target_cells(target))} |" for target in targets(app, peers)]
    return "\n".join(lines) + "\n"


def _rows(peers: dict[str, Found]) -> Iterator[tuple[Row, list[str]]]:
    for row in ROWS:
        ours = row.read(peers[_OURS]) if _OURS in peers else None
        cells = [_cell(row.read(found), None if name == _OURS else ours) for name, found in peers.items()]
        if any(cells):
            yield row, cells


def _cell(value: Value | None, ours: Value | None) -> str:
    if value is None:
        return ""
    if not ours or not ours.number or value.number is None or ours.number <= 0 or value.number < 0:
        return value.text
    return f"{value.text} (x{number(value.number / ours.number)})"


def _remarks(peers: dict[str, Found]) -> list[str]:
    """What the tables cannot say: static pages, and why something is missing."""
    remarks = []
    static = dig(peers, _OURS, "browser", "static")
    for key, what in (
        ("same_bytes", "the same bytes"),
        ("picture", "the output only"),
    ):
        if static is not None:
            cold, warm = (static[key][f"first_output_{cache}"].get("median", 0) for cache in ("cold", "warm"))
            kilobytes = static[key]["page"]["kilobytes"]
            remarks.append(
                f"A static page of {what}: {number(cold)} ms cold, {number(warm)} ms warm, {number(kilobytes)} kB."
            )
    for found in peers.values():
        remarks += [f"{found['name']}: {problem}" for problem in _problems(found)]
    return remarks


def _problems(found: Any, where: str = "") -> Iterator[str]:
    if isinstance(found, list):
        for item in found:
            wanted = item.get("wanted", "") if isinstance(item, dict) else ""
            yield from _problems(item, f"{where} {wanted}")
    if not isinstance(found, dict):
        return
    for key, value in found.items():
        if key in {"failed", "first_error"}:
            yield f"{where.strip()}: {value}"
        yield from _problems(value, f"{where} {key}")


def _table(app: str, peers: dict[str, Found]) -> Table:
    table = Table(title=f"[bold]{app}[/bold]: the smaller, the better", title_justify="left")
    table.add_column("")
    for name, found in peers.items():
        table.add_column(found["name"], justify="right", style="bold" if name == _OURS else "")
    part = None
    for row, cells in _rows(peers):
        if part not in {None, row.part}:
            table.add_section()
        part = row.part
        table.add_row(row.label, *cells)
    return table


def _target_table(found: list[Target]) -> Table:
    table = Table(title="[bold]Limits[/bold] that Stagedoor set itself", title_justify="left")
    for heading in ("app", "figure"):
        table.add_column(heading)
    for heading in ("limit", "measured", ""):
        table.add_column(heading, justify="right")
    for target in found:
        style = {True: "green", False: "red", None: "dim"}[target.met]
        table.add_row(*_target_cells(target), style=style)
    return table


def _target_cells(target: Target) -> list[str]:
    measured = "not measured" if target.measured is None else number(target.measured)
    verdict = {True: "kept", False: "missed", None: ""}[target.met]
    if target.errors:
        measured += ", with errors"
    return [target.app, target.label, number(target.limit), measured, verdict]
