"""What a process really costs."""

from __future__ import annotations

from pathlib import Path

_KIB = 1024


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


def available_bytes() -> int | None:
    """Bytes of memory that this machine can still give (proc(5), ``MemAvailable``); None where that cannot be told."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * _KIB for line in lines if line.startswith("MemAvailable:")), None)
