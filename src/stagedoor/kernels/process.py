"""A kernel's process: when it ends, why, and what it wrote to its own stdout and stderr."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque

import structlog

log = structlog.get_logger("stagedoor.kernels")

_KEPT_LINES = 10
_KEPT_CHARS = 500
_MAX_LOGGED_LINES = 200
_MAX_FILES = 65536


class Backstage:
    """What a process writes to file descriptors 1 and 2: the last lines are kept, the first ones are logged."""

    def __init__(self, name: str) -> None:
        self._log = log.bind(kernel=name)
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._count = 0
        self._rest = b""
        self._reading, self.writing = os.pipe()
        """The end to give to the process; close it with :meth:`started` when the process has it."""
        os.set_blocking(self._reading, False)
        asyncio.get_running_loop().add_reader(self._reading, self._read)

    @property
    def last_lines(self) -> str:
        """What was written last."""
        return "\n".join([*self._lines, *self._rest_line()])

    def started(self) -> None:
        """Closes this process's copy of the writing end."""
        os.close(self.writing)
        self.writing = -1

    def close(self) -> None:
        """Reads what is there, and no more."""
        if self._reading < 0:
            return
        self._read()
        if self._reading >= 0:
            self._stop()
        if self.writing >= 0:
            self.started()

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._reading, 2**16)
            if not data:
                self._stop()
            *lines, rest = (self._rest + data).split(b"\n")
            self._rest = rest[-_KEPT_CHARS:]
            for line in lines:
                self._keep(line)

    def _keep(self, line: bytes) -> None:
        text = line.decode(errors="replace").strip()[:_KEPT_CHARS]
        if not text:
            return
        self._lines.append(text)
        self._count += 1
        if self._count <= _MAX_LOGGED_LINES:
            self._log.debug("kernel's own output", line=text)

    def _rest_line(self) -> list[str]:
        text = self._rest.decode(errors="replace").strip()
        return [text] if text else []

    def _stop(self) -> None:
        asyncio.get_running_loop().remove_reader(self._reading)
        os.close(self._reading)
        self._reading = -1


async def ended(pid: int) -> None:
    """Waits until a process has ended, where the system can tell at once (Linux); returns at once elsewhere."""
    if not hasattr(os, "pidfd_open"):
        return
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(descriptor, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def describe_exit(code: int | None) -> str:
    """How a process ended, as a part of a sentence; the code is that of :class:`subprocess.Popen`."""
    if code is None:
        return "has ended"
    if code >= 0:
        return f"has ended with exit status {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def allow_many_files() -> None:
    """Raises the soft limit of open files: a kernel takes some twenty, and many systems allow 1024."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 -- Unix only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, _MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
