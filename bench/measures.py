"""What is measured of a peer: each measurement by itself, on a server that has just been started and is at rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .apps import App
from .browser import Browser
from .memory import available, descriptors, settled, usage
from .peers.protocol import PagePeer, Peer, Reply, Visitor
from .peers.static import Snapshot, StaticPages
from .process import Broken
from .samples import summary

_ACT_SECONDS = 60
_END_SECONDS = 20
_WARM_UPS = 2
_LOOKERS = 5
_SPARE_BYTES = 3 * 2**30
_MB = 1e6
T = TypeVar("T")


@dataclass(frozen=True)
class Amounts:
    """How often a peer is tried.

    Attributes:
        pages: pages opened with a cold cache (and again with a warm one).
        clicks: acts on one live page, and on one live websocket.
        visitors: visitors without a browser, one after another, each with a first act.
        crowds: sizes of the crowds that come at once.
        patience: seconds that a visitor in a crowd waits.
        sessions: sessions one after another, for the growth of the server; 0: not measured.
    """

    pages: int
    clicks: int
    visitors: int
    crowds: tuple[int, ...]
    patience: float
    sessions: int


@asynccontextmanager
async def running(peer: Peer, app: App, work: Path) -> AsyncIterator[Peer]:
    """The peer, freshly started, and ended afterwards."""
    await peer.start(app, work)
    try:
        yield peer
    finally:
        await peer.stop()


async def pages(browser: Browser, peer: PagePeer, app: App, amounts: Amounts) -> tuple[dict[str, Any], Snapshot | None]:
    """First output with cold and warm cache, the first act on a page, and what the page fetches."""
    cold: list[float] = []
    warm: list[float] = []
    first: list[float] = []
    errors: list[str] = []
    result: dict[str, Any] = {}
    snapshot: Snapshot | None = None
    for turn in range(amounts.pages + 1):
        await peer.rest()
        try:
            async with browser.visit() as visit:
                tab = await visit.open(peer.page, app)
                await tab.at_rest()
                if turn == 0:
                    result["page"] = tab.traffic.told()
                    snapshot = await tab.snapshot()
                acted = await tab.act()
                await peer.rest()
                again = await visit.open(peer.page, app)
                await again.at_rest()
        except Exception as error:
            errors.append(_told(error))
            if len(errors) > len(cold) + 1:
                break
            continue
        if turn == 0:  # it warms up the browser and the server
            result["page_again"] = again.traffic.told()
            continue
        cold.append(tab.shown)
        warm.append(again.shown)
        first.append(acted)
    result |= {"first_output_cold": summary(cold, errors), "first_output_warm": summary(warm)}
    return result | {"first_act": summary(first)}, snapshot


async def live_page(browser: Browser, peer: PagePeer, app: App, amounts: Amounts) -> dict[str, Any]:
    """Acts one after another on one page, once its kernel is there."""
    times: list[float] = []
    errors: list[str] = []
    async with browser.visit() as visit:
        try:
            tab = await visit.open(peer.page, app)
            await tab.at_rest()
            for _ in range(amounts.clicks + _WARM_UPS):
                times.append(await tab.act())
                await asyncio.sleep(0.05)
        except Exception as error:
            errors.append(_told(error))
    return {"click": summary(times[_WARM_UPS:], errors)}


async def static_pages(browser: Browser, snapshot: Snapshot, app: App, work: Path, turns: int) -> dict[str, Any]:
    """The same output in a finished page: of the same bytes, and by itself."""
    server = StaticPages(snapshot, work)
    try:
        await server.start()
        result = {}
        for name, address in (("same_bytes", server.bytes_page), ("picture", server.picture_page)):
            cold, warm = [], []
            for turn in range(turns + 1):
                async with browser.visit() as visit:
                    tab = await visit.open(address, app)
                    await tab.at_rest()
                    again = await visit.open(address, app)
                if turn:
                    cold.append(tab.shown)
                    warm.append(again.shown)
            page = {"first_output_cold": summary(cold), "first_output_warm": summary(warm)}
            result[name] = page | {"page": tab.traffic.told()}
        return result
    finally:
        await server.stop()


async def wire(peer: Peer, amounts: Amounts) -> dict[str, Any]:
    """Visitors without a browser: how long they take to arrive, and to their first and later replies."""
    arrivals: list[float] = []
    replies: list[Reply] = []
    errors: list[str] = []
    for turn in range(amounts.visitors + 1):
        await peer.rest()
        visitor = peer.visitor()
        begin = time.perf_counter()
        try:
            await _within(_ACT_SECONDS, visitor.arrive())
            arrived = time.perf_counter()
            reply = await _within(_ACT_SECONDS, visitor.act())
        except Exception as error:
            errors.append(_told(error))
            if len(errors) > len(replies) + 1:
                break
            continue
        if turn:
            arrivals.append(arrived - begin)
            replies.append(reply)
        await visitor.leave()
    return {
        "arrival": summary(arrivals, errors),
        "first_reply": summary([reply.first for reply in replies]),
        "first_change": summary([reply.changed for reply in replies]),
        "arrival_and_change": summary([a + reply.changed for a, reply in zip(arrivals, replies, strict=True)]),
        **await _live_wire(peer, amounts.clicks),
    }


async def _live_wire(peer: Peer, clicks: int) -> dict[str, Any]:
    visitor = peer.visitor()
    await _within(_ACT_SECONDS, visitor.arrive())
    replies = [await _within(_ACT_SECONDS, visitor.act()) for _ in range(clicks + _WARM_UPS)][_WARM_UPS:]
    await visitor.leave()
    return {
        "live_reply": summary([reply.first for reply in replies]),
        "live_change": summary([reply.changed for reply in replies]),
    }


async def onlookers(peer: Peer) -> dict[str, Any]:
    """What visitors cost who only look."""
    await peer.rest()
    idle = usage(peer.pids)
    visitors = [peer.visitor() for _ in range(_LOOKERS)]
    for visitor in visitors:
        await _within(_ACT_SECONDS, visitor.arrive())
    await peer.rest()
    looking = usage(peer.pids)
    for visitor in visitors:
        await visitor.leave()
    return {
        "idle_mb": round(idle.pss / _MB, 1),
        "looker_mb": round((looking.pss - idle.pss) / _LOOKERS / _MB, 2),
        "looker_processes": round((looking.processes - idle.processes) / _LOOKERS, 2),
    }


async def crowd(peer: Peer, size: int, patience: float) -> dict[str, Any]:
    """Visitors that arrive and act all at once, and the memory that they take while they stay."""
    before = peer.pids
    idle = usage(before)
    visitors = [peer.visitor() for _ in range(size)]
    begin = time.perf_counter()
    come = await asyncio.gather(*(_come(visitor, patience) for visitor in visitors), return_exceptions=True)
    took = time.perf_counter() - begin
    await settled(lambda: peer.pids, limit=30)
    everything = usage(peer.pids)
    added = usage(set(peer.pids) - set(before))
    await asyncio.gather(*(visitor.leave() for visitor in visitors), return_exceptions=True)
    done = [reply for reply in come if not isinstance(reply, BaseException)]
    errors = [_told(reply) for reply in come if isinstance(reply, BaseException)]
    result = {
        "n": size,
        "seconds": round(took, 2),
        "first_reply": summary([arrival + reply.first for arrival, reply in done], errors),
        "first_change": summary([arrival + reply.changed for arrival, reply in done]),
        "all_mb": round(everything.pss / _MB, 1),
        "processes": everything.processes,
    }
    if done:
        result["visitor_mb"] = round((everything.pss - idle.pss) / len(done) / _MB, 2)
        result["visitor_private_mb"] = round(added.private / len(done) / _MB, 2)
    return result


async def _come(visitor: Visitor, patience: float) -> tuple[float, Reply]:
    async with asyncio.timeout(patience):
        begin = time.perf_counter()
        await visitor.arrive()
        arrival = time.perf_counter() - begin
        return arrival, await visitor.act()


def affordable(size: int, visitor_mb: float) -> int:
    """How many visitors of this weight (0: not known) the machine has room for, at most `size`."""
    return min(size, max(1, int((available() - _SPARE_BYTES) / (max(visitor_mb, 1) * _MB))))


async def succession(peer: Peer, sessions: int) -> dict[str, Any]:
    """Sessions one after another: what is left of them in the server."""
    errors = [error for _ in range(max(2, sessions // 20)) if (error := await _session(peer))]
    before = await _after_sessions(peer, None)
    begin = time.perf_counter()
    errors += [error for _ in range(sessions) if (error := await _session(peer))]
    took = time.perf_counter() - begin
    after = await _after_sessions(peer, before["processes"])
    return {
        "n": sessions,
        "errors": len(errors),
        **({"first_error": errors[0]} if errors else {}),
        "seconds": round(took, 2),
        "growth_mb": round((after["pss"] - before["pss"]) / _MB, 2),
        "growth_processes": after["processes"] - before["processes"],
        "growth_descriptors": after["descriptors"] - before["descriptors"],
    }


async def _session(peer: Peer) -> str | None:
    visitor = peer.visitor()
    try:
        await _within(_ACT_SECONDS, visitor.arrive())
        await _within(_ACT_SECONDS, visitor.act())
        await visitor.leave()
    except Exception as error:
        return _told(error)
    return None


async def _after_sessions(peer: Peer, processes: int | None) -> dict[str, int]:
    """The server's figures once the last sessions' processes have ended, or are not going to."""
    end = time.monotonic() + _END_SECONDS
    await peer.rest()
    while processes is not None and len(peer.pids) > processes and time.monotonic() < end:
        await peer.rest()
    pids = peer.pids
    figures = usage(pids)
    return {"pss": figures.pss, "processes": figures.processes, "descriptors": descriptors(pids)}


async def _within(seconds: float, doing: Awaitable[T]) -> T:
    return await asyncio.wait_for(doing, seconds)


def _told(error: BaseException) -> str:
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}" if text and not isinstance(error, Broken) else text or type(error).__name__


async def attempt(measure: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """The measurement's result, or why there is none."""
    try:
        return await measure()
    except Exception as error:
        return {"failed": _told(error)}
