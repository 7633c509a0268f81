"""What a child may use, set while it has only one thread."""

from __future__ import annotations

import ctypes
import resource
from dataclasses import dataclass
from pathlib import Path

from ...jupyter.message import Json

_NO_NEW_PRIVS = 38  # PR_SET_NO_NEW_PRIVS, prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of each session of an app; 0 for none."""

    memory: int = 0
    """Bytes that it may allocate beyond what the app's first run has left (``RLIMIT_DATA``)."""
    cpu: int = 0
    """Seconds of processor time."""
    processes: int = 0
    """Processes and threads of this user (``RLIMIT_NPROC``; the superuser's are not counted)."""
    files: int = 1024
    """Open files."""

    def as_json(self) -> Json:
        """For the message that asks for a fork."""
        return {"memory": self.memory, "cpu": self.cpu, "processes": self.processes, "files": self.files}


def apply(limits: Limits) -> None:
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
