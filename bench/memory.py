"""What a peer's processes use: memory as /proc tells it, and whether they are still at work.

PSS counts a page that n processes share as 1/n in each of them, so the sum over a tree is what the tree costs; the
private bytes of a process are what its end would give back (Linux, Documentation/filesystems/proc.rst, smaps_rollup).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_QUIET_SHARE = 0.06
_WINDOW = 0.4


class Unreadable(Exception):  # noqa: N818 -- it is what the measurement says
    """The system does not let this user read a process's memory figures."""


@dataclass(frozen=True)
class Usage:
    """Bytes, summed over processes."""

    pss: int
    private: int
    processes: int


def tree(pid: int) -> list[int]:
    """The process and all that descend from it."""
    try:
        root = psutil.Process(pid)
        return [pid, *(child.pid for child in root.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def usage(pids: Iterable[int]) -> Usage:
    """What these processes use; one that has ended in the meantime counts as nothing.

    Raises:
        Unreadable: a process is there, but its figures are not for this user.
    """
    pss = private = processes = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        except PermissionError:
            raise Unreadable(f"the memory of process {pid} can only be read by root") from None
        fields = dict(line.split(":", 1) for line in text.splitlines()[1:])
        kilobytes = {name: int(value.split()[0]) for name, value in fields.items()}
        pss += kilobytes["Pss"] * 1024
        private += (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]) * 1024
        processes += 1
    return Usage(pss, private, processes)


def descriptors(pids: Iterable[int]) -> int:
    """How many files these processes have open."""
    count = 0
    for pid in pids:
        try:
            count += len(list(Path(f"/proc/{pid}/fd").iterdir()))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return count


def available() -> int:
    """Bytes that can still be had without swapping."""
    return int(psutil.virtual_memory().available)


def _cpu_seconds(pids: Iterable[int]) -> float:
    total = 0.0
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


async def settled(processes: Callable[[], list[int]], limit: float = 20) -> None:
    """Waits until the processes do next to nothing and stay the same, `limit` seconds at most."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        pids = processes()
        before = _cpu_seconds(pids)
        await asyncio.sleep(_WINDOW)
        if processes() == pids and _cpu_seconds(pids) - before < _QUIET_SHARE * _WINDOW:
            return
