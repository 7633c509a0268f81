"""Tells whether a process that was killed was killed because memory ran out."""

from __future__ import annotations

import os
import signal


class MemoryEvents:
    """Counts what the system's OOM killer has done since this was made (proc(5), ``vmstat``)."""

    def __init__(self) -> None:
        try:
            self._file = os.open("/proc/vmstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._file = -1
        self._count = self._read()

    def explain(self, status: int | None) -> str:
        """What to add to the sentence about a process that has ended with this status."""
        if status == -signal.SIGXCPU:
            return ": it has used up its processor time"
        if status == -signal.SIGKILL and self._read() > self._count:
            return ", because the machine has run out of memory"
        return ""

    def close(self) -> None:
        """Counts no more."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _read(self) -> int:
        if self._file < 0:
            return 0
        for line in os.pread(self._file, 2**16, 0).splitlines():
            if line.startswith(b"oom_kill "):
                return int(line.split()[1])
        return 0
