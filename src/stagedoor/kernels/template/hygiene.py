"""What must not be the same, or must not be shared, in two children of one template.

What has to be looked for is looked for once, before the first fork; what has to be renewed is renewed in each child.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures.thread as executors
import gc
import logging
import os
import queue
import random
import stat
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .scan import objects

_AUTOMATIC_ENTROPY = 2**64
"""NumPy seeds itself with 128 random bits; nobody writes such a number by hand."""

_explicitly_seeded: weakref.WeakSet[random.Random] = weakref.WeakSet()


def watch_seeds() -> None:
    """From now on it is known which generators of ``random`` the app has seeded itself."""
    original = random.Random.seed

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        original(self, a, version)
        (_explicitly_seeded.discard if a is None else _explicitly_seeded.add)(self)

    random.Random.seed = seed  # type: ignore[method-assign]
    # The module's functions are methods that were bound before.
    random.seed = random._inst.seed  # type: ignore[attr-defined]


class Hygiene:
    """Made in the template when the app has run; applied in each child.

    Args:
        loop: the loop that goes on in the child.
        own: file descriptors of the template itself.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, own: Collection[int]) -> None:
        self._loop: Any = loop
        self._own = own
        self._executors = objects(ThreadPoolExecutor)
        self._renew_numpy = _numpy_renewal()
        self._random = objects(random.Random)

    def before_fork(self) -> None:
        """In the template, right before each fork."""
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        for reference in logging._handlerList:  # type: ignore[attr-defined]
            if handler := reference():
                handler.flush()
        # CPython seeds `random` anew in every child, the one that the app has seeded itself too.
        self._seeded = [(generator, generator.getstate()) for generator in _explicitly_seeded]

    def after_fork(self) -> None:
        """In the child, while it has one thread."""
        self._renew_loop()
        self._renew_executors()
        self._renew_random()
        self._renew_numpy()
        _forget_exit()
        _reopen_files(self._own)

    def _renew_loop(self) -> None:
        self._loop._close_self_pipe()
        self._loop._make_self_pipe()
        self._loop._default_executor = None

    def _renew_executors(self) -> None:
        executors._threads_queues.clear()
        for executor in self._executors:
            executor._threads = set()
            executor._idle_semaphore = threading.Semaphore(0)
            executor._work_queue = queue.SimpleQueue()
            executor._shutdown_lock = threading.Lock()

    def _renew_random(self) -> None:
        for generator in self._random:
            if generator not in _explicitly_seeded and not isinstance(generator, random.SystemRandom):
                generator.seed()
        for generator, state in self._seeded:
            generator.setstate(state)


def _numpy_renewal() -> Callable[[], None]:
    numpy = sys.modules.get("numpy")
    generators = sys.modules.get("numpy.random")
    if numpy is None or generators is None:
        return lambda: None
    legacy = generators.mtrand._rand
    bits = {id(thing): thing for thing in objects(generators.BitGenerator)}
    for thing in (legacy, *objects(generators.RandomState)):
        bits[id(thing._bit_generator)] = thing._bit_generator
    for thing in objects(generators.Generator):
        bits[id(thing.bit_generator)] = thing.bit_generator

    def renew() -> None:
        # Which are the app's own choice is looked at in the child: the first run may have come before a seed.
        for generator in bits.values():
            if _seeded_by_itself(generator):
                generator.state = type(generator)().state

    return renew


def _seeded_by_itself(generator: Any) -> bool:
    sequence = getattr(generator, "seed_seq", None)  # None after an explicit seed of the legacy kind
    entropy = getattr(sequence, "entropy", None)
    return isinstance(entropy, int) and entropy >= _AUTOMATIC_ENTROPY


def _forget_exit() -> None:
    """A child must not do what the template has meant to do at its own end."""
    atexit._clear()
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False
        peeked = finalizer.peek()
        if peeked and getattr(peeked[1], "__qualname__", "") == tempfile.TemporaryDirectory._cleanup.__qualname__:  # type: ignore[attr-defined]
            finalizer.detach()


def _reopen_files(own: Collection[int]) -> None:
    """Files that the app has open get a position of their own."""
    for entry in Path("/proc/self/fd").iterdir():
        number = int(entry.name)
        if number <= 2 or number in own:
            continue
        try:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                continue
            position = os.lseek(number, 0, os.SEEK_CUR)
            flags = _flags(number)
            fresh = os.open(entry, flags & ~(os.O_CREAT | os.O_TRUNC | os.O_EXCL))
        except OSError:
            continue
        os.lseek(fresh, position, os.SEEK_SET)
        os.dup2(fresh, number, os.get_inheritable(number))
        os.close(fresh)


def _flags(number: int) -> int:
    import fcntl  # noqa: PLC0415 -- Unix only, like all of this

    return fcntl.fcntl(number, fcntl.F_GETFL)


def freeze() -> None:
    """Keeps the collector from touching, and so from copying, what all children share."""
    gc.collect()
    gc.freeze()
