"""Measures Stagedoor beside its peers: `python -m bench`, some minutes; `--full` for larger numbers.

Writes bench/results/latest.json and .md, prints tables, and draws docs/benchmark.svg.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from .apps import APPS
from .environment import ROOT
from .plot import draw
from .report import markdown, tell
from .run import PEERS, run

_RESULTS = ROOT / "bench" / "results" / "latest.json"
_PLOT = ROOT / "docs" / "benchmark.svg"
_WIDTH = 160


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--full", action="store_true", help="larger numbers: 1,000 sessions, 200 visitors of each peer")
    parser.add_argument("--app", choices=APPS, action="append", help="only this app; no picture is drawn")
    parser.add_argument("--peer", choices=PEERS, action="append", help="only this peer; no picture is drawn")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the JSON goes")
    parser.add_argument("--plot", type=Path, default=_PLOT, help="where the picture goes")
    parser.add_argument("--tell", action="store_true", help="measure nothing: tables and picture of the last results")
    options = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    results = json.loads(options.results.read_text()) if options.tell else _measure(options, console)
    options.results.with_suffix(".md").write_text(markdown(results))
    tell(results, console)
    if not options.app and not options.peer:
        draw(results, options.plot)
        console.print(f"\nWritten: {options.results}, {options.plot}", highlight=False, soft_wrap=True)


def _measure(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    options.results.parent.mkdir(parents=True, exist_ok=True)

    def keep(results: dict[str, Any]) -> None:
        options.results.write_text(json.dumps(results, indent=1) + "\n")

    apps, peers = options.app or list(APPS), options.peer or list(PEERS)
    return asyncio.run(run(apps, peers, full=options.full, console=console, keep=keep))


if __name__ == "__main__":
    main()
