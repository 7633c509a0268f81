"""Twenty honest visitors move a slider while others flood the gateway: ``python -m bench.floods`` prints their latency.

Each visitor comes from an address of its own, and so does each attacker (``X-Forwarded-For``). Before each flood
the same visitors come without one, so that what else the machine does then is in both figures.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.request import urlopen

from websockets.asyncio.client import ClientConnection, connect

from stagedoor.jupyter.framing import PROTOCOL, decode, encode
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.recording import decode_recording

APP = """
import time
import ipywidgets as widgets

slider = widgets.IntSlider(max=1000)
slider.observe(lambda change: print(change["new"]), "value")
burn = widgets.Button(description="burn")
burn.on_click(lambda _: [None for _ in iter(int, 1)])
shout = widgets.Button(description="shout")
shout.on_click(lambda _: [print("x" * 1000) for _ in iter(int, 1)])
widgets.VBox([slider, burn, shout])
"""
VISITORS, SECONDS = 20, 8.0

Flood = Callable[["Site"], Awaitable[None]]


class Site:
    """A gateway, and the widgets of its app."""

    def __init__(self, url: str, first: int = 1) -> None:
        self.url = url
        body = urlopen(f"{url}/apps/app/recording").read()
        self.recording = decode_recording(body)
        self._numbers = iter(range(first, 60_000))

    def comm(self, model: str, description: str = "") -> str:
        states = [
            (m.content["comm_id"], m.content["data"]["state"])
            for m in self.recording.messages
            if m.msg_type == "comm_open"
        ]
        return next(i for i, s in states if s["_model_name"] == model and s["description"] == description)

    @asynccontextmanager
    async def page(self, *, live: bool = True) -> AsyncIterator[ClientConnection]:
        number = next(self._numbers)
        url = f"ws{self.url[4:]}/apps/app/live?generation={self.recording.generation}"
        headers = {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250}"}
        async with connect(url, subprotocols=[PROTOCOL], additional_headers=headers, max_size=None) as page:  # type: ignore[list-item]
            if live:
                await page.send(encode(Message("control", "stagedoor_open", {}, msg_id="o")))
                while b'"live"' not in await page.recv():
                    pass
            yield page


def message(comm_id: str, number: int, data: dict[str, object]) -> bytes:
    return encode(Message("shell", "comm_msg", {"comm_id": comm_id, "data": data}, msg_id=f"p-{number}"))


async def visit(site: Site, ready: asyncio.Barrier) -> list[float]:
    """Seconds from moving the slider until the kernel is through with it, every quarter of a second."""
    slider, times = site.comm("IntSliderModel"), []
    async with site.page() as page:
        await ready.wait()
        until = time.monotonic() + SECONDS
        for number in range(1000):
            began = time.perf_counter()
            await page.send(
                message(slider, number, {"method": "update", "state": {"value": number % 1000}, "buffer_paths": []})
            )
            while True:
                answer = decode(await page.recv())  # type: ignore[arg-type]
                if (
                    answer.msg_type == "status"
                    and answer.parent_id == f"p-{number}"
                    and answer.content["execution_state"] == "idle"
                ):
                    break
            times.append(time.perf_counter() - began)
            if time.monotonic() > until:
                return times
            await asyncio.sleep(0.25)
    return times


async def messages(site: Site) -> None:
    frame = message(site.comm("IntSliderModel"), 1, {"method": "update", "state": {"max": 3}, "buffer_paths": []})
    async with site.page() as page:
        while True:
            await page.send(frame)


async def large(site: Site) -> None:
    frame = message(
        site.comm("IntSliderModel"), 1, {"method": "update", "state": {"value": [1.5] * 200_000}, "buffer_paths": []}
    )
    async with site.page() as page:
        while True:
            await page.send(frame)


async def garbage(site: Site) -> None:
    while True:
        with suppress(Exception):
            async with site.page(live=False) as page:
                while True:
                    await page.send(os.urandom(200))


async def opening(site: Site) -> None:
    """Sessions that are left at once."""
    while True:
        with suppress(Exception):
            async with site.page():
                pass


async def press(site: Site, button: str) -> None:
    async with site.page() as page:
        data = {"method": "custom", "content": {"event": "click"}}
        await page.send(message(site.comm("ButtonModel", button), 1, data))
        while True:
            await page.recv()


async def burning(site: Site) -> None:
    await press(site, "burn")


async def shouting(site: Site) -> None:
    await press(site, "shout")


FLOODS: dict[str, tuple[Flood, int]] = {
    "refused messages": (messages, 5),
    "messages of 800 kB": (large, 5),
    "frames of random bytes": (garbage, 5),
    "sessions opened and left": (opening, 3),
    "a callback that never ends": (burning, 1),
    "a callback that prints without end": (shouting, 1),
}


async def measure(site: Site, name: str | None) -> list[float]:
    """Seconds that the visitors' acts took during a flood, or without one."""
    ready = asyncio.Barrier(VISITORS + 1)
    visits = [asyncio.create_task(visit(site, ready)) for _ in range(VISITORS)]
    with flooding(site, name) if name else nullcontext():
        async with asyncio.timeout(120):
            await ready.wait()
            return [each for one in await asyncio.gather(*visits) for each in one]


@contextmanager
def flooding(site: Site, name: str) -> Iterator[None]:
    """The flood, in a process of its own: in this one it would hold up the visitors' own loop."""
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    attack = context.Process(target=attack_for_ever, args=(site.url, name, begun), daemon=True)
    attack.start()
    begun.wait()
    try:
        yield
    finally:
        attack.kill()
        attack.join()


def attack_for_ever(url: str, name: str, begun: Event) -> None:
    async def attack() -> None:
        flood, attackers = FLOODS[name]
        sites = [Site(url, first=first) for first in range(30_000, 30_000 + attackers * 1000, 1000)]
        begun.set()
        await asyncio.gather(*(keep(flood, site) for site in sites))

    # Attackers have machines of their own: what theirs compute must not be missing here.
    os.setsid()
    os.nice(19)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")
    asyncio.run(attack())


async def keep(flood: Flood, site: Site) -> None:
    """Who is cut off comes again."""
    while True:
        with suppress(Exception):
            await flood(site)


def quantiles(times: list[float]) -> tuple[float, float]:
    """Median and p95."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder, "app.py")
        app.write_text(APP)
        command = [sys.executable, "-m", "stagedoor", "serve", str(app), "--port", "0"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        try:
            url = next(
                found[1] for line in process.stderr if (found := re.search(r"Stagedoor \S+ at (http://\S+)", line))
            )
            next(line for line in process.stderr if "ready." in line)
            subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
            print("| flood | without: median, p95, ms | median, p95, ms | p95, times |\n|---|---:|---:|---:|")
            for name in sys.argv[1:] or FLOODS:
                without, during = (quantiles(asyncio.run(measure(Site(url), each))) for each in (None, name))
                figures = (" ".join(f"{1000 * each:.0f}" for each in pair) for pair in (without, during))
                print(f"| {name} | {' | '.join(figures)} | {during[1] / without[1]:.1f} |", flush=True)
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
