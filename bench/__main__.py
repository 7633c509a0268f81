"""Measures Stagedoor beside its peers: `python -m bench`, a few minutes; `--full` for larger numbers.

Writes bench/results/latest.json, prints tables, and draws docs/benchmark.svg.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from rich.console import Console

from . import measures
from .apps import APPS, App
from .browser import Browser, browser
from .environment import ROOT, peer_python, peer_version
from .measures import Amounts, attempt, running
from .peers.bare import BareKernels
from .peers.protocol import Peer
from .peers.stagedoor import Stagedoor
from .peers.voila import Voila
from .plot import draw
from .report import tell

_RESULTS = ROOT / "bench" / "results" / "latest.json"
_PLOT = ROOT / "docs" / "benchmark.svg"
_PREHEATED = 5
_QUIET_PERCENT = 15

_PEERS: dict[str, Callable[[], Peer]] = {
    "stagedoor": Stagedoor,
    "voila": Voila,
    "preheated": lambda: Voila(preheated=_PREHEATED),
    "bare": BareKernels,
}
_SHORT = {
    "stagedoor": Amounts(pages=7, clicks=60, visitors=30, crowds=(1, 20, 200), patience=60, sessions=100),
    "voila": Amounts(pages=3, clicks=40, visitors=3, crowds=(1, 20), patience=60, sessions=5),
    "preheated": Amounts(pages=3, clicks=40, visitors=3, crowds=(20,), patience=60, sessions=0),
    "bare": Amounts(pages=0, clicks=60, visitors=3, crowds=(1, 20), patience=60, sessions=0),
}
_FULL = {
    "stagedoor": Amounts(pages=21, clicks=200, visitors=200, crowds=(1, 20, 200), patience=300, sessions=1000),
    "voila": Amounts(pages=9, clicks=200, visitors=10, crowds=(1, 20, 200), patience=300, sessions=20),
    "preheated": Amounts(pages=9, clicks=200, visitors=10, crowds=(1, 20, 200), patience=300, sessions=20),
    "bare": Amounts(pages=0, clicks=200, visitors=10, crowds=(1, 20, 200), patience=300, sessions=0),
}

console = Console()


async def _measure(browser: Browser, peer: Peer, app: App, amounts: Amounts, work: Path) -> dict[str, Any]:
    """Everything of one peer and one app; every part on a freshly started server."""
    result: dict[str, Any] = {"name": peer.name}

    async def in_browser(peer: Stagedoor | Voila) -> dict[str, Any]:
        async with running(peer, app, work):
            found, snapshot = await measures.pages(browser, peer, app, amounts)
            found |= await measures.live_page(browser, peer, app, amounts)
        if isinstance(peer, Stagedoor):
            found["static"] = await measures.static_pages(browser, snapshot, app, work, amounts.pages)
        return found

    async def on_the_wire() -> dict[str, Any]:
        async with running(peer, app, work):
            return await measures.wire(peer, amounts)

    async def looking() -> dict[str, Any]:
        async with running(peer, app, work):
            return await measures.onlookers(peer)

    async def one_after_another() -> dict[str, Any]:
        async with running(peer, app, work):
            return await measures.succession(peer, amounts.sessions)

    if isinstance(peer, Stagedoor | Voila):
        result["browser"] = await attempt(partial(in_browser, peer))
    result["wire"] = await attempt(on_the_wire)
    result["onlookers"] = await attempt(looking)
    result["crowds"] = await _crowds(peer, app, amounts, work)
    if amounts.sessions:
        result["succession"] = await attempt(one_after_another)
    return result


async def _crowds(peer: Peer, app: App, amounts: Amounts, work: Path) -> list[dict[str, Any]]:
    """The crowds from small to large, as large as the machine has room for."""
    results: list[dict[str, Any]] = []
    for wanted in amounts.crowds:
        size = measures.affordable(wanted, results[-1].get("visitor_mb", 0) or 1) if results else wanted

        async def come(size: int = size) -> dict[str, Any]:
            async with running(peer, app, work):
                return await measures.crowd(peer, size, amounts.patience)

        results.append({"wanted": wanted} | await attempt(come))
    return results


def _machine(browser: Browser) -> dict[str, Any]:
    busy = psutil.cpu_percent(interval=2)
    if busy > _QUIET_PERCENT:
        warning = f"The machine is busy ({busy:.0f} % of its processors): compare, but do not quote."
        console.print(warning, style="yellow", highlight=False)
    shared = ("stagedoor", "ipykernel", "ipywidgets", "jupyter_client", "matplotlib", "numpy", "pandas")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(terse=True),
        "processors": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "busy_percent": busy,
        "python": platform.python_version(),
        "chromium": browser.version,
        "versions": {name: version(name) for name in shared} | {"voila": peer_version("voila")},
    }


async def _run(apps: list[str], peers: list[str], full: bool) -> dict[str, Any]:
    peer_python()
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stagedoor-bench-") as folder:
        async with browser() as chromium:
            results: dict[str, Any] = {"full": full, "machine": _machine(chromium), "apps": {}}
            for app in apps:
                found = results["apps"][app] = {}
                for name in peers:
                    peer: Peer = _PEERS[name]()
                    with console.status(f"{app}: {peer.name} ..."):
                        amounts = (_FULL if full else _SHORT)[name]
                        found[name] = await _measure(chromium, peer, APPS[app], amounts, Path(folder))
                    console.print(f"[dim]{time.monotonic() - begin:5.0f} s[/dim]  {app}: {peer.name}", highlight=False)
    results["seconds"] = round(time.monotonic() - begin)
    return results


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n")[0])
    parser.add_argument("--full", action="store_true", help="larger numbers: 1,000 sessions, 200 visitors of each peer")
    parser.add_argument("--app", choices=APPS, action="append", help="only this app")
    parser.add_argument("--peer", choices=_PEERS, action="append", help="only this peer")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the JSON goes")
    parser.add_argument("--tell", action="store_true", help="measure nothing: tables and plot of the last results")
    options = parser.parse_args()
    if options.tell:
        results = json.loads(options.results.read_text())
    else:
        results = asyncio.run(_run(options.app or list(APPS), options.peer or list(_PEERS), options.full))
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(results, indent=1) + "\n")
    tell(results, console)
    if not options.app and not options.peer:
        draw(results, _PLOT)
        console.print(f"{options.results} and {_PLOT} are written.", highlight=False)


if __name__ == "__main__":
    main()
