"""What must not be the same, or must not be shared, in two children of one template.

What has to be looked for is looked for once, when the app has run; what has to be renewed is renewed in each child.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures.thread as executors
import contextlib
import fcntl
import gc
import io
import logging
import logging.handlers
import os
import queue
import signal
import stat
import sys
import tempfile
import threading
import weakref
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .restrain import flush_libc
from .scan import is_folders_end, objects, open_descriptors
from .seeds import Seeds


def settle_buffers() -> None:
    """In the template, when the app has run: what waits to be written is written once, and not by every child."""
    gc.collect()  # what nobody holds any more writes, and closes, now
    for handler in objects(logging.Handler):
        with contextlib.suppress(Exception):  # it is the app's, and may be closed or broken
            handler.flush()
        if isinstance(handler, logging.handlers.BufferingHandler):
            handler.buffer.clear()  # without a target it keeps its records
    for file in (*objects(io.TextIOWrapper), *objects(io.BufferedWriter, io.BufferedRandom)):
        with contextlib.suppress(Exception):
            if not file.closed and file.writable():
                file.flush()
    flush_libc()
    _stop_progress_bars()


def _stop_progress_bars() -> None:
    """tqdm keeps a thread for its bars, and a lock that all children would share, one that is killed included."""
    tqdm: Any = sys.modules.get("tqdm.std")
    if tqdm is None:
        return
    if (monitor := tqdm.tqdm.monitor) is not None:
        monitor.exit()
        tqdm.tqdm.monitor = None
    tqdm.TqdmDefaultWriteLock.mp_lock = None
    tqdm.tqdm.set_lock(tqdm.TqdmDefaultWriteLock())


_KEPT_FLAGS = os.O_ACCMODE | os.O_APPEND | os.O_NONBLOCK | os.O_SYNC | os.O_DIRECT | os.O_NOATIME
"""Of a file that is opened once more. Others, as ``tempfile`` has them, would forbid it (open(2), ``O_NOFOLLOW``)."""


class _OpenFile(NamedTuple):
    number: int
    path: str
    """Where it was; it may have been removed since."""
    identity: tuple[int, int]
    flags: int
    position: int


class Hygiene:
    """Made in the template when the app has run; applied in each child.

    Args:
        loop: the loop that goes on in the child.
        own: file descriptors of the template itself.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, own: Collection[int]) -> None:
        self._loop: Any = loop
        self._executors = objects(ThreadPoolExecutor)
        self._temporary_files = objects(tempfile._TemporaryFileCloser)  # type: ignore[attr-defined]
        self._files = list(_open_files(own))
        self._seeds = Seeds()

    def freeze(self) -> None:
        """Keeps the collector from touching, and so from copying, what all children share."""
        gc.freeze()

    def after_fork(self) -> None:
        """In the child, while it has one thread."""
        for file in self._files:
            _reopen(file)  # first, as long as no number is another file's
        self._renew_loop()
        self._renew_executors()
        self._seeds.renew()
        self._leave_to_template()

    def _renew_loop(self) -> None:
        self._loop._close_self_pipe()
        self._loop._make_self_pipe()
        self._loop._default_executor = None
        if self._loop._signal_handlers:
            signal.set_wakeup_fd(self._loop._csock.fileno())

    def _renew_executors(self) -> None:
        executors._threads_queues.clear()
        for executor in self._executors:
            executor._threads = set()
            executor._idle_semaphore = threading.Semaphore(0)
            executor._work_queue = queue.SimpleQueue()
            executor._shutdown_lock = threading.Lock()

    def _leave_to_template(self) -> None:
        """A child must not do what the template has meant to do at its own end, or remove what others still use."""
        atexit._clear()
        for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
            finalizer.atexit = False
            if (told := finalizer.peek()) and is_folders_end(told[1]):
                finalizer.detach()
        for closer in self._temporary_files:
            closer.delete = False


def _open_files(own: Collection[int]) -> Iterator[_OpenFile]:
    for number in open_descriptors():
        if number <= 2 or number in own:
            continue
        status = os.fstat(number)
        if stat.S_ISREG(status.st_mode):
            flags, position = fcntl.fcntl(number, fcntl.F_GETFL), os.lseek(number, 0, os.SEEK_CUR)
            path = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115 -- a name that is only looked up again
            yield _OpenFile(number, path, (status.st_dev, status.st_ino), flags, position)


def _reopen(file: _OpenFile) -> None:
    """Gives a file that the app has open a position of its own, and opens the child's own one where it has one.

    A library may have closed it at the fork by itself, as Matplotlib does with its fonts (``os.register_at_fork``).
    """
    try:
        status = os.fstat(file.number)
    except OSError:
        return
    if (status.st_dev, status.st_ino) != file.identity:
        return
    fresh = os.open(_own_name(file), file.flags & _KEPT_FLAGS)
    os.lseek(fresh, file.position, os.SEEK_SET)
    os.dup2(fresh, file.number, os.get_inheritable(file.number))
    os.close(fresh)


def _own_name(file: _OpenFile) -> str:
    """A name by which a file is opened once more; that of the child's own folder is meant, if it is there.

    In such a folder (see ``private_folder``) a file that nothing was written to keeps its inode's number.
    """
    with contextlib.suppress(OSError):
        if os.stat(file.path).st_ino == file.identity[1]:  # noqa: PTH116 -- for every file in every fork
            return file.path
    return f"/proc/self/fd/{file.number}"
