"""Processes that are watched from the gateway: when and how they end, whether they hang, and how all of them is ended.

A process is held by a pidfd (pidfd_open(2)): its number may be another's soon, the descriptor never is.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from .. import reaper
from . import OWN_THREAD

_SET_CHILD_SUBREAPER = 36  # prctl(2)
_FUTEX_CALLS = {"202", "98"}
"""Numbers of the system call futex(2): on x86-64, and on AArch64."""
_MAX_PASSES = 200
_STOPPED = b"T"
_STILL = (_STOPPED, b"Z", b"")
"""States in which a process starts nothing (proc(5)); "" is that of one that is not there any more."""
_LOOK_EVERY = 5.0
_PROC = Path("/proc")


class WatchedProcess:
    """A process of ours. Made in a running event loop."""

    def __init__(self, pid: int) -> None:
        """Raises:
        OSError: there is no such process any more.
        """
        self.pid = pid
        self.ended = asyncio.Event()
        self._descriptor = os.pidfd_open(pid)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, self._gone)
        self._closed = False

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal, if the process is still there."""
        if not self._closed:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> bool:
        """Ends it with everything that it has started; False if it may have ended before, and left something."""
        if self.ended.is_set() or self._closed:
            return False
        # What is stopped starts nothing more while the others are being ended.
        self.signal(signal.SIGSTOP)
        state = b""
        for _ in range(_MAX_PASSES):
            state = _state(self.pid)
            family = [pid for pid in _descendants(self.pid) if reaper._find(pid)]
            if not family and state in _STILL:
                break
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.signal(signal.SIGKILL)
        return state == _STOPPED

    def take_status(self) -> int | None:
        """The exit status (as :class:`subprocess.Popen` has it), if it has come to be our own child and has ended."""
        if self._closed:
            return None
        try:
            result = os.waitid(os.P_PIDFD, self._descriptor, os.WEXITED | os.WNOHANG)
        except ChildProcessError:
            return None
        if result is None:
            return None
        return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status

    def close(self) -> None:
        """Watches no more; harmless when repeated."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)

    def _gone(self) -> None:
        self._loop.remove_reader(self._descriptor)
        self.ended.set()


def hangs(pid: int) -> bool:
    """Whether its main thread waits for a lock for ever, and no other thread is there that could open it."""
    try:
        tasks = list(_PROC.joinpath(str(pid), "task").iterdir())
        return all(map(_waits_for_ever, tasks))
    except OSError:
        return False


def _waits_for_ever(task: Path) -> bool:
    if task.joinpath("comm").read_text().strip() == OWN_THREAD:
        return True
    # Of futex(2)'s arguments the fourth is the time after which it is given up.
    number, *arguments = task.joinpath("syscall").read_text().split()
    return number in _FUTEX_CALLS and int(arguments[3], 16) == 0


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in _PROC.joinpath(str(pid), "task").iterdir():
            for child in task.joinpath("children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))


class Orphans:
    """This process becomes the parent of whatever loses its own below it, and waits for those that end.

    Kernels whose template has died stay below the gateway so, and nothing of an app becomes a zombie for ever.
    """

    def __init__(self) -> None:
        """Made in a running event loop."""
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Waits for nothing more."""
        self._watching.cancel()
        await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        seen = set[int]()
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            zombies = {pid for pid in _own_children() if _is_zombie(pid)}
            # Whoever started one waits for it at once; one that is there for two looks is nobody's.
            for pid in zombies & seen:
                _bury(pid)
            seen = zombies - seen


def _bury(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _own_children() -> Iterator[int]:
    for task in _PROC.joinpath("self", "task").iterdir():
        with contextlib.suppress(OSError):
            yield from map(int, task.joinpath("children").read_text().split())


def _is_zombie(pid: int) -> bool:
    return _state(pid) == b"Z"


def _state(pid: int) -> bytes:
    """A letter (proc(5)); "" when there is no such process."""
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_bytes()
    except OSError:
        return b""
    return stat[stat.rindex(b")") + 2 :][:1]
