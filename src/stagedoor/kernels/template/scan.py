"""What in a template does not survive a fork. Each reason is a part of a sentence for the app's author."""

from __future__ import annotations

import concurrent.futures.thread as executors
import gc
import os
import signal
import stat
import sys
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


def reasons_against_forking(own: Collection[int]) -> list[str]:
    """What was found; empty when nothing speaks against a fork.

    Args:
        own: file descriptors of the template itself.
    """
    return [*_threads(), *_children(), *_timers(), *_databases(), *_descriptors(own)]


def _threads() -> Iterator[str]:
    # The threads of idle executors are made anew in the child (see hygiene).
    of_executors = set(executors._threads_queues)
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and thread not in of_executors:
            yield f"the app has a thread of its own ({thread.name})"


def _children() -> Iterator[str]:
    try:
        pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return
    if pids:
        yield "a program that the app has started still runs"


def _timers() -> Iterator[str]:
    if any(signal.getitimer(timer)[0] for timer in _TIMERS):
        yield "a timer of the operating system is set"


def _databases() -> Iterator[str]:
    sqlite = sys.modules.get("sqlite3")
    if sqlite is not None and any(isinstance(thing, sqlite.Connection) for thing in gc.get_objects()):
        yield "a SQLite database is open"


def _descriptors(own: Collection[int]) -> Iterator[str]:
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        number = int(entry.name)
        if number <= 2 or number in own:
            continue
        try:
            mode, target = os.fstat(number).st_mode, str(entry.readlink())
        except OSError:
            continue  # the listing's own
        if stat.S_ISSOCK(mode):
            found.add("a network connection or socket is open")
        elif stat.S_ISFIFO(mode):
            found.add("a pipe is open")
        elif "[eventpoll]" in target or "[timerfd]" in target or "[io_uring]" in target:
            found.add("an event loop of its own is open")
        elif target.startswith(("/dev/nvidia", "/dev/dri", "/dev/kfd")):
            found.add("a graphics processor is in use")
    yield from sorted(found)


def objects(*kinds: type) -> list[Any]:
    """All objects of these types. To be asked before ``gc.freeze()``, which hides them."""
    return [thing for thing in gc.get_objects() if isinstance(thing, kinds)] if kinds else []
