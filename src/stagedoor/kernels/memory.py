"""What a process really costs."""

from __future__ import annotations

import os
from pathlib import Path

_KIB = 1024
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 -- glibc has it so


def private_bytes(pid: int | None) -> int | None:
    """Bytes of memory that this process alone holds (proc(5), ``smaps_rollup``); None where that cannot be told."""
    if pid is None:
        return None
    try:
        # Not pathlib, which keeps what it has seen: there is a new path for every visitor.
        with open(f"/proc/{pid}/smaps_rollup") as file:  # noqa: PTH123
            lines = file.readlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) * _KIB for line in lines if line.startswith(("Private_", "Swap:")))


def held_bytes(pid: int | None) -> int | None:
    """:func:`private_bytes`, and the files that it keeps in memory where it has folders of its own for them."""
    private = private_bytes(pid)
    return private if private is None else private + _bytes_of_files(f"/proc/{pid}/root{_SHARED_MEMORY}")


def _bytes_of_files(folder: str) -> int:
    """What is in a private folder (see ``private_folder``), of which the session's shared memory is a part."""
    try:
        if os.stat(folder).st_dev == os.stat(_SHARED_MEMORY).st_dev:  # noqa: PTH116 -- as above
            return 0
        system = os.statvfs(folder)
    except OSError:
        return 0
    return (system.f_blocks - system.f_bfree) * system.f_frsize


def allocated_bytes(pid: int | None = None) -> int:
    """Bytes that count for the limit ``RLIMIT_DATA`` of a process now (proc(5), ``VmData``); default: this one."""
    for line in Path("/proc", "self" if pid is None else str(pid), "status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * _KIB
    return 0


def available_bytes() -> int | None:
    """Bytes of memory that this machine can still give (proc(5), ``MemAvailable``); None where that cannot be told."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * _KIB for line in lines if line.startswith("MemAvailable:")), None)
