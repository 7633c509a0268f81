"""Kernels of a Jupyter server, each a new one."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from dataclasses import dataclass

import structlog

from ...apps.app import App
from ..asking import run_silently
from ..prelude import PYTHON, prelude
from ..protocol import KernelError
from ..specs import displays
from . import in_kernel_once
from .copies import Copies
from .endings import Endings
from .kernel import RemoteKernel
from .ledger import Ledger
from .problems import ServerProblem
from .server import JupyterServer

log = structlog.get_logger("stagedoor.kernels")

_START_LIMIT = 60.0
_LAST_SECONDS = 3.0
_AT_ONCE = 3
_SETTLE_IN = inspect.getsource(in_kernel_once) + f"\nsettle_in({displays()!r})"


@dataclass(frozen=True, slots=True)
class RemoteRecipe:
    """What a kernel must be started with; kernels of one recipe can stand in for each other."""

    kernel_name: str
    path: str
    """What its working folder is that of, on the server; "" for the server's own."""


class RemoteKernels:
    """The source of a Jupyter server's kernels (see :class:`stagedoor.kernels.protocol.KernelSource`)."""

    def __init__(self, server: JupyterServer, ledger: Ledger) -> None:
        """Made in a running event loop. Both are taken over."""
        self._server = server
        self._endings = Endings(server, ledger)
        self._copies = Copies()
        self._starting = asyncio.Semaphore(_AT_ONCE)
        self._posts: set[asyncio.Task[str]] = set()
        self._kernels: set[RemoteKernel] = set()
        self._closed = False

    def recipe(self, app: App) -> RemoteRecipe:
        """What a kernel for the app must be started with."""
        return RemoteRecipe(app.kernel_name, app.notebook)

    async def open(self, app: App) -> RemoteKernel:
        """See the protocol."""
        return await self.prepare(await self.launch(self.recipe(app)), app)

    def confines(self, app: App) -> bool:
        """Whether kernels for this app are confined as the settings want it: none of another machine is."""
        return False

    def keep_ready(self, app: App) -> None:
        """See the protocol: here a kernel is started when it is asked for."""

    async def launch(self, recipe: RemoteRecipe) -> RemoteKernel:
        """A new kernel that answers, and belongs to no app yet.

        Raises:
            KernelError: it does not start.
        """
        async with self._starting:
            kernel = await self._start(recipe)
            try:
                async with asyncio.timeout(_START_LIMIT):
                    await kernel.line.open()
                    await kernel.greet()
            except TimeoutError:
                await kernel.close()
                raise ServerProblem(
                    f"The Jupyter server's kernel {recipe.kernel_name!r} did not answer within {_START_LIMIT:.0f} s."
                ) from None
            except BaseException:
                await kernel.close()
                raise
            return kernel

    async def prepare(self, kernel: RemoteKernel, app: App) -> RemoteKernel:
        """Makes a kernel the app's; returns it.

        Raises:
            KernelError: that failed, and the kernel is closed.
        """
        if kernel.language != PYTHON:
            return kernel
        try:
            settle_in = f"exec({_SETTLE_IN!r}, {{'__name__': 'stagedoor_prelude'}})"
            reply = await run_silently(kernel, f"{prelude(app, elsewhere=True)}\n{settle_in}")
            if reply.content.get("status") != "ok":
                problem = f"{reply.content.get('ename')}: {reply.content.get('evalue')}"
                raise KernelError(f"The kernel could not be prepared for the app {app.name!r} ({problem}).")
        except BaseException:
            await kernel.close()
            raise
        kernel.line.prepared = True
        return kernel

    async def close(self) -> None:
        """See the protocol."""
        self._closed = True
        if self._posts:
            await asyncio.wait(self._posts, timeout=_LAST_SECONDS)
        await asyncio.gather(*(kernel.close() for kernel in list(self._kernels)))
        await self._endings.close()
        await self._server.close()
        self._copies.close()

    async def _start(self, recipe: RemoteRecipe) -> RemoteKernel:
        if self._closed:
            raise KernelError("No kernel is started any more: Stagedoor is ending.")
        # What has been asked of the server cannot be taken back: its kernel has to be ended, whoever waits or not.
        post = asyncio.create_task(self._server.start_kernel(recipe.kernel_name, recipe.path))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)
        try:
            kernel_id = await asyncio.shield(post)
        except asyncio.CancelledError:
            self._posts.add(asyncio.create_task(self._end_unwanted(post)))
            raise
        self._endings.started(kernel_id)
        kernel = RemoteKernel(self._server, kernel_id, self._copies, self._endings.end)
        self._kernels.add(kernel)
        ending = asyncio.create_task(kernel.wait_ended())
        ending.add_done_callback(lambda _: self._kernels.discard(kernel))
        return kernel

    async def _end_unwanted(self, post: asyncio.Task[str]) -> str:
        with contextlib.suppress(ServerProblem):
            kernel_id = await post
            self._endings.started(kernel_id)
            await self._endings.end(kernel_id)
        return ""
