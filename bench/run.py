"""One run: every peer with every app, one measurement at a time."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
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
from .environment import peer_python, peer_version
from .measures import Amounts, attempt, running
from .peers.bare import BareKernels
from .peers.protocol import Peer
from .peers.stagedoor import Stagedoor
from .peers.voila import Voila

_PREHEATED = 5
_BUSY_PERCENT = 15

PEERS: dict[str, Callable[[], Peer]] = {
    "stagedoor": Stagedoor,
    "voila": Voila,
    "preheated": partial(Voila, preheated=_PREHEATED),
    "bare": BareKernels,
}
_SHORT = {
    "stagedoor": Amounts(pages=7, clicks=60, visitors=30, crowds=(1, 20, 200), patience=60, sessions=100),
    "voila": Amounts(pages=2, clicks=20, visitors=2, crowds=(20,), patience=60, sessions=0),
    "preheated": Amounts(pages=2, clicks=20, visitors=2, crowds=(20,), patience=60, sessions=0),
    "bare": Amounts(pages=0, clicks=40, visitors=3, crowds=(20,), patience=60, sessions=0),
}
_FULL = {
    "stagedoor": Amounts(pages=21, clicks=200, visitors=200, crowds=(1, 20, 200), patience=300, sessions=1000),
    "voila": Amounts(pages=9, clicks=200, visitors=10, crowds=(1, 20, 200), patience=300, sessions=20),
    "preheated": Amounts(pages=9, clicks=200, visitors=10, crowds=(1, 20, 200), patience=300, sessions=20),
    "bare": Amounts(pages=0, clicks=200, visitors=10, crowds=(1, 20, 200), patience=300, sessions=0),
}

Measured = Callable[[], Awaitable[dict[str, Any]]]


@dataclass
class _Bench:
    """What one peer's measurements have in common."""

    browser: Browser
    console: Console
    app: App
    amounts: Amounts
    work: Path

    async def measure(self, peer: Peer) -> dict[str, Any]:
        """Everything of one peer; every part on a freshly started server."""
        result: dict[str, Any] = {"name": peer.name}
        if isinstance(peer, Stagedoor | Voila):
            result["browser"] = await self._part(peer, "browser", partial(self._in_browser, peer))
        result["wire"] = await self._part(peer, "wire", lambda: measures.wire(peer, self.amounts))
        result["onlookers"] = await self._part(peer, "onlookers", lambda: measures.onlookers(peer))
        result["crowds"] = await self._crowds(peer)
        if sessions := self.amounts.sessions:
            result["succession"] = await self._part(peer, "succession", lambda: measures.succession(peer, sessions))
        return result

    async def _in_browser(self, peer: Stagedoor | Voila) -> dict[str, Any]:
        found, snapshot = await measures.pages(self.browser, peer, self.app, self.amounts)
        found |= await measures.live_page(self.browser, peer, self.app, self.amounts)
        if isinstance(peer, Stagedoor) and snapshot is not None:
            turns = self.amounts.pages
            found["static"] = await measures.static_pages(self.browser, snapshot, self.app, self.work, turns)
        return found

    async def _crowds(self, peer: Peer) -> list[dict[str, Any]]:
        """The crowds from small to large, as large as the machine has room for."""
        results: list[dict[str, Any]] = []
        for wanted in self.amounts.crowds:
            heaviest = max((crowd.get("visitor_mb", 0) for crowd in results), default=0)
            size = measures.affordable(wanted, heaviest)
            come = partial(measures.crowd, peer, size, self.amounts.patience)
            results.append({"wanted": wanted} | await self._part(peer, f"crowd of {size}", come))
        return results

    async def _part(self, peer: Peer, name: str, measure: Measured) -> dict[str, Any]:
        """One measurement on a server of its own; its failure must not cost the others' results."""

        async def measured() -> dict[str, Any]:
            async with running(peer, self.app, self.work):
                return await measure()

        begin = time.monotonic()
        with self.console.status(f"{self.app.name}, {peer.name}: {name} ..."):
            result = await attempt(measured)
        line = f"{time.monotonic() - begin:6.1f} s  {self.app.name}, {peer.name}: {name}"
        self.console.print(line, style="dim", highlight=False)
        return result


async def run(
    apps: Sequence[str],
    peers: Sequence[str],
    *,
    full: bool,
    console: Console,
    keep: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Measures; `keep` is given what there is after every peer."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    peer_python()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stagedoor-bench-") as folder:
        async with browser() as chromium:
            results: dict[str, Any] = {"full": full, "machine": _machine(chromium, console), "apps": {}}
            for app in apps:
                found = results["apps"][app] = {}
                for name in peers:
                    amounts = (_FULL if full else _SHORT)[name]
                    bench = _Bench(chromium, console, APPS[app], amounts, Path(folder))
                    found[name] = await bench.measure(PEERS[name]())
                    results["seconds"] = round(time.monotonic() - begin)
                    keep(results)
    return results


def _machine(browser: Browser, console: Console) -> dict[str, Any]:
    busy = psutil.cpu_percent(interval=2)
    if busy > _BUSY_PERCENT:
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
