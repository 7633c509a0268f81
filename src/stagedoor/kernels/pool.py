"""Kernels that have been started before anybody asks for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import Hashable
from typing import Any, Generic, Protocol, TypeVar

import structlog

from ..apps.app import App
from .protocol import Kernel, KernelDied, KernelError

log = structlog.get_logger("stagedoor.kernels")

_MAX_DELAY = 60.0


class Launched(Kernel, Protocol):
    """A kernel that is told to wait in the pool."""

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""

    async def wait_ended(self) -> None:
        """Waits until it has ended."""


R = TypeVar("R", bound=Hashable)
K = TypeVar("K", bound=Launched)


class Launcher(Protocol[R, K]):
    """A source whose kernels can be started before it is known for which app."""

    def recipe(self, app: App) -> R:
        """What a kernel for the app must be started with; kernels of one recipe can stand in for each other."""

    def confines(self, app: App) -> bool:
        """Whether kernels for this app are confined as the settings want it."""

    async def launch(self, recipe: R) -> K:
        """A new kernel that answers, and belongs to no app yet."""

    async def prepare(self, kernel: K, app: App) -> K:
        """Makes a kernel the app's; returns it, or raises KernelError and has closed it."""

    async def close(self) -> None:
        """Ends every kernel and process of this source."""


class KernelPool(Generic[R, K]):
    """A source that keeps idle kernels ready (see :class:`stagedoor.kernels.protocol.KernelSource`).

    They are started one at a time, and only while no request waits for a kernel. Idle kernels that die are replaced,
    ever more slowly when that goes on.
    """

    def __init__(self, source: Launcher[R, K], *, size: int, pause: float = 0.3) -> None:
        """Takes the source over: it is closed with the pool.

        Args:
            source: what starts the kernels.
            size: how many idle kernels are kept of each kind that is wanted; 0 for none.
            pause: seconds after a request in which nothing is started, so that its app runs undisturbed.
        """
        self._source = source
        self._size = size
        self._pause = pause
        self._idle: defaultdict[R, deque[asyncio.Task[K]]] = defaultdict(deque)
        self._requests = 0
        self._changed = asyncio.Event()
        self._failures = 0
        self._watches: set[asyncio.Task[None]] = set()
        self._filler = asyncio.create_task(self._fill())

    def keep_ready(self, app: App) -> None:
        """From now on idle kernels for this app are kept; an app whose kernel is not there is passed over."""
        with contextlib.suppress(KernelError):
            self._idle[self._source.recipe(app)]
        self._changed.set()

    def confines(self, app: App) -> bool:
        """See the protocol."""
        return self._source.confines(app)

    @property
    def ready(self) -> int:
        """How many idle kernels there are."""
        return sum(_is_ready(task) for tasks in self._idle.values() for task in tasks)

    async def open(self, app: App) -> K:
        """See the protocol. A kernel that is being started for the pool is waited for."""
        self._requests += 1
        try:
            recipe = self._source.recipe(app)
            while kernel := await self._take(recipe):
                with contextlib.suppress(KernelDied):
                    return await self._source.prepare(kernel, app)
            return await self._source.prepare(await self._source.launch(recipe), app)
        finally:
            self._requests -= 1
            self._changed.set()

    async def close(self) -> None:
        """See the protocol."""
        tasks = [self._filler, *self._watches, *(task for idle in self._idle.values() for task in idle)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._source.close()

    async def _take(self, recipe: R) -> K | None:
        idle = self._idle.get(recipe)
        while idle:
            task = idle.popleft()
            try:
                kernel = await asyncio.shield(task)
            except KernelError:
                continue
            except asyncio.CancelledError:
                if task.cancelled():
                    raise KernelError("No kernel is started any more: Stagedoor is ending.") from None
                idle.appendleft(task)
                raise
            if kernel.alive:
                self._failures = 0
                return kernel
        return None

    async def _fill(self) -> None:
        while True:
            recipe = self._lacking()
            if recipe is None or self._requests:
                self._changed.clear()
                await self._changed.wait()
                await asyncio.sleep(self._pause)
                continue
            await asyncio.sleep(self._delay())
            task = asyncio.create_task(self._source.launch(recipe))
            self._idle[recipe].append(task)
            await asyncio.wait([task])
            if error := task.exception():
                if self._remove(recipe, task):
                    self._note_failure(str(error))
                continue
            watch = asyncio.create_task(self._replace_when_dead(recipe, task))
            self._watches.add(watch)
            watch.add_done_callback(self._watches.discard)

    def _lacking(self) -> R | None:
        return next((recipe for recipe, idle in self._idle.items() if len(idle) < self._size), None)

    def _delay(self) -> float:
        return min(2.0 ** (self._failures - 1), _MAX_DELAY) if self._failures else 0.0

    async def _replace_when_dead(self, recipe: R, task: asyncio.Task[K]) -> None:
        await task.result().wait_ended()
        if self._remove(recipe, task):
            self._note_failure("an idle kernel has died")
            self._changed.set()

    def _remove(self, recipe: R, task: asyncio.Task[K]) -> bool:
        """Takes a kernel out of the pool; False when a request has it."""
        try:
            self._idle[recipe].remove(task)
        except ValueError:
            return False
        return True

    def _note_failure(self, problem: str) -> None:
        self._failures += 1
        log.warning("no idle kernel", problem=problem, next_try_in_seconds=self._delay())


def _is_ready(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None and task.result().alive
