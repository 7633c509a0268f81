"""What in a template does not survive a fork. Each reason is a part of a sentence for the app's author."""

from __future__ import annotations

import _thread
import concurrent.futures.thread as executors
import contextlib
import fcntl
import gc
import os
import re
import signal
import stat
import sys
import tempfile
import threading
import weakref
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_SELF = Path("/proc/self")
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_THREADS_OF = {r"polars-\d": "polars has been used before the fork", "tokio": "a Rust library (tokio) has been used"}
"""Libraries that never recover from a fork once they have been used, by the names of the threads that work for them.

Polars has another thread as soon as it is imported, which does no harm.
"""
_OPENMP = re.compile(r"/lib(gomp|omp|iomp5)[^/]*\.so")
_EVENTS = ("[eventpoll]", "[timerfd]", "[io_uring]", "inotify", "[signalfd]")
_GRAPHICS = ("/dev/nvidia", "/dev/dri", "/dev/kfd")


def reasons_against_forking(own: Collection[int]) -> list[str]:
    """What was found; empty when nothing speaks against a fork.

    Args:
        own: file descriptors of the template itself.
    """
    return [
        *_threads(),
        *_native_threads(),
        *_children(),
        *_timers(),
        *_databases(),
        *_descriptors(own),
        *_temporary_files(own),
        *_shared_memory(),
    ]


def objects(*kinds: type) -> list[Any]:
    """All objects of these types. To be asked before ``gc.freeze()``, which hides them."""
    return [thing for thing in gc.get_objects() if isinstance(thing, kinds)]


def open_descriptors() -> list[int]:
    """The numbers of this process's open files, without that of the listing itself: it is the next file's."""
    return [number for number in map(int, os.listdir("/proc/self/fd")) if _is_open(number)]  # noqa: PTH208


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _threads() -> Iterator[str]:
    # The threads of idle executors are made anew in the child (see hygiene).
    idle = set[threading.Thread]()
    for executor in objects(ThreadPoolExecutor):
        if executor._work_queue.empty() and executor._idle_semaphore._value >= len(executor._threads):
            idle |= executor._threads
    for thread in threading.enumerate():
        if thread is threading.main_thread() or thread in idle:
            continue
        doing = "is at work in an executor" if thread in executors._threads_queues else "runs"
        yield f"a thread of the app {doing} ({thread.name})"
    if _thread._count() > threading.active_count() - 1:
        yield "a thread of the app runs"


def _native_threads() -> Iterator[str]:
    """Those of OpenBLAS, pyarrow and many others do no harm, so what counts is whose they are."""
    openmp = list(_openmp_code())
    for task in _SELF.joinpath("task").iterdir():
        with contextlib.suppress(OSError):
            name = task.joinpath("comm").read_text()
            for known, reason in _THREADS_OF.items():
                if re.match(known, name):
                    yield reason
                    return
            # The last number is the program counter: OpenMP's threads wait inside its own code (x86-64).
            call = task.joinpath("syscall").read_text().split()
            if len(call) > 1 and any(start <= int(call[-1], 16) < end for start, end in openmp):
                yield "OpenMP, which scikit-learn and others compute with, has been used before the fork"
                return


def _openmp_code() -> Iterator[tuple[int, int]]:
    for line in _SELF.joinpath("maps").read_text().splitlines():
        if _OPENMP.search(line):
            start, _, end = line.split()[0].partition("-")
            yield int(start, 16), int(end, 16)


def _children() -> Iterator[str]:
    for task in _SELF.joinpath("task").iterdir():
        with contextlib.suppress(OSError):
            if task.joinpath("children").read_text().strip():
                yield "a program that the app has started still runs"
                return


def _timers() -> Iterator[str]:
    if any(signal.getitimer(timer)[0] for timer in _TIMERS):
        yield "a timer of the operating system is set"


def _databases() -> Iterator[str]:
    sqlite: Any = sys.modules.get("sqlite3")
    if sqlite is None:
        return
    for connection in objects(sqlite.Connection):
        try:
            files = [file for _, _, file in connection.execute("PRAGMA database_list")]
        except sqlite.ProgrammingError as error:
            files = ["another thread's"] if "thread" in str(error) else []  # else it is closed
        except sqlite.Error:
            files = ["unreadable"]
        if any(files):
            yield "a SQLite database is open"
            return


def _descriptors(own: Collection[int]) -> Iterator[str]:
    found = set()
    for number in open_descriptors():
        if number <= 2 or number in own:
            continue
        mode, target = os.fstat(number).st_mode, str(_SELF.joinpath("fd", str(number)).readlink())
        if stat.S_ISSOCK(mode):
            found.add("a network connection or socket is open")
        elif stat.S_ISFIFO(mode):
            found.add("a pipe is open")
        elif any(kind in target for kind in _EVENTS):
            found.add("the app, or a library, has an event loop of its own")
        elif target.startswith(_GRAPHICS):
            found.add("a graphics processor is in use")
        elif stat.S_ISREG(mode) and not _can_be_reopened(number):
            found.add("a file is open that cannot be opened again")
    yield from sorted(found)


def _temporary_files(own: Collection[int]) -> Iterator[str]:
    """What one visitor writes there, all others could read: in a kernel of its own each would have another."""
    finalizers = list(weakref.finalize._registry)  # type: ignore[attr-defined]
    folders = [one for one in finalizers if (told := one.peek()) and is_folders_end(told[1])]
    files = [one for one in objects(tempfile._TemporaryFileCloser) if not one.close_called]  # type: ignore[attr-defined]
    nameless = [number for number in open_descriptors() if number > 2 and number not in own and _has_no_name(number)]
    if folders or files or nameless:
        yield "a temporary file or folder is kept, which visitors would share"


def is_folders_end(function: Any) -> bool:
    """Whether this is what removes a :class:`tempfile.TemporaryDirectory` that nobody holds any more."""
    return getattr(function, "__func__", None) is tempfile.TemporaryDirectory._cleanup.__func__  # type: ignore[attr-defined]


def _has_no_name(number: int) -> bool:
    status, flags = os.fstat(number), fcntl.fcntl(number, fcntl.F_GETFL)
    return stat.S_ISREG(status.st_mode) and not status.st_nlink and flags & os.O_ACCMODE != os.O_RDONLY


def _can_be_reopened(number: int) -> bool:
    try:
        os.close(os.open(f"/proc/self/fd/{number}", fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE))
    except OSError:
        return False
    return True


def _shared_memory() -> Iterator[str]:
    """Memory that is mapped so that what one child writes, the others read."""
    for line in _SELF.joinpath("maps").read_text().splitlines():
        _, permissions, _, _, _, *name = line.split(maxsplit=5)
        if permissions == "rw-s" and not (name and name[0].startswith(_GRAPHICS)):
            lock = name and name[0].startswith("/dev/shm/sem.")  # noqa: S108 -- only compared
            yield "a lock of multiprocessing is in use" if lock else "memory is shared with other processes"
            return
