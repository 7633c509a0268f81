"""Sets a child's limits, while it has only one thread."""

from __future__ import annotations

import ctypes
import resource
from pathlib import Path

from .limits import Limits

_NO_NEW_PRIVS = 38  # PR_SET_NO_NEW_PRIVS, prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


def restrain(limits: Limits) -> None:
    """Limits this process, and all that it starts."""
    _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.memory:
        _lower(resource.RLIMIT_DATA, _data_size() + limits.memory)
    if limits.cpu:
        _lower(resource.RLIMIT_CPU, limits.cpu)
    if limits.processes:
        _lower(resource.RLIMIT_NPROC, limits.processes)
    if limits.files:
        _lower(resource.RLIMIT_NOFILE, limits.files)


def _lower(which: int, limit: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(which, (limit, limit))


def _data_size() -> int:
    """Bytes that count for ``RLIMIT_DATA`` now (proc(5), ``VmData``)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
