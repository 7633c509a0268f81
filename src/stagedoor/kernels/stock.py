"""Stock kernels: the kernels installed on this machine, each a process of its own, started by jupyter_client."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
import zmq
import zmq.asyncio

from ..apps.app import App
from ..jupyter.message import Message
from .asking import private_id, run_silently
from .cgroups import Cgroups
from .channels import Channels
from .manager import Manager
from .owner import owner_of
from .prelude import PYTHON, prelude
from .process import Backstage, allow_many_files, describe_exit, ended
from .protocol import KernelError
from .specs import Kernelspecs, environment, extra_arguments, is_local
from .template.launch import launcher
from .template.limits import Limits
from .warden import Warden

log = structlog.get_logger("stagedoor.kernels")

START_LIMIT = 60.0
"""Seconds that a kernel may take until it answers."""

_ASK_AGAIN = 0.2
_MAX_SOCKETS = 65536


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a kernel must be started with; kernels of one recipe can stand in for each other."""

    kernel_name: str
    folder: Path | None
    """The working folder, where the kernel cannot be moved to it later."""
    limits: Limits


class StockKernel:
    """A running kernel of this machine (see :class:`stagedoor.kernels.protocol.Kernel`)."""

    rehearsed = False
    on_trial = False

    def __init__(
        self, manager: Manager, channels: Channels, backstage: Backstage, warden: Warden, folder: Path
    ) -> None:
        self._manager = manager
        self._channels = channels
        self._backstage = backstage
        self._warden = warden
        self._folder = folder
        self._greetings: set[str] = set()
        assert manager.provisioner is not None
        self._provisioner = manager.provisioner
        self.pid: int | None = getattr(manager.provisioner, "pid", None)
        self._process_end = asyncio.create_task(self._watch())
        self._closing: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether the kernel's process has not ended."""
        return not self._process_end.done()

    def stuck(self) -> bool:
        """See the protocol: a kernel that started afresh has its locks to itself."""
        return False

    async def wait_ended(self) -> None:
        """Waits until the kernel's process has ended."""
        await asyncio.shield(self._process_end)

    async def send(self, message: Message) -> None:
        """See the protocol."""
        await self._channels.send(message)

    async def receive(self) -> Message:
        """See the protocol."""
        while True:
            message = await self._channels.receive()
            if message.parent_id not in self._greetings:
                return message

    async def interrupt(self) -> None:
        """See the protocol."""
        assert self._manager.kernel_spec is not None
        if self._manager.kernel_spec.interrupt_mode == "message":
            await self.send(Message("control", "interrupt_request", {}, msg_id=private_id()))
        else:
            await self._provisioner.send_signal(signal.SIGINT)

    async def close(self) -> None:
        """See the protocol."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        # Whoever waits may be cancelled; the end of the processes may not.
        await asyncio.shield(self._closing)

    async def greet(self) -> None:
        """Waits until the kernel answers, and is heard on ``iopub`` too: what it publishes before is lost.

        Raises:
            KernelDied: it has ended.
        """
        loop = asyncio.get_running_loop()
        replied = heard = False
        while not (replied and heard):
            msg_id = private_id()
            self._greetings.add(msg_id)
            await self.send(Message("shell", "kernel_info_request", {}, msg_id=msg_id))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None) as patience:
                    while not (replied and heard):
                        message = await self._channels.receive()
                        heard |= message.channel == "iopub"
                        if message.msg_type == "kernel_info_reply":
                            replied = True
                            patience.reschedule(loop.time() + _ASK_AGAIN)

    async def limit_memory(self, memory: int) -> None:
        """What it may allocate from now on."""
        if self.pid is not None:
            await asyncio.to_thread(self._manager.limit_memory, self.pid, memory)

    async def _watch(self) -> None:
        if self.pid is not None:
            await ended(self.pid)
        code = await self._provisioner.wait()
        if self._closing is None:
            await self._channels.drain()
            self._backstage.close()
            lines = self._backstage.last_lines
            reason = f"The kernel {describe_exit(code)}" + (f"; its last words: {lines}" if lines else ".")
            log.warning("a kernel has died", pid=self.pid, reason=reason)
            self._channels.end(reason)
            # What it started may have outlived it.
            self._closing = asyncio.create_task(self._close())

    async def _close(self) -> None:
        self._channels.end("The kernel has been closed.")
        if self.pid is None:
            await self._manager.shutdown_kernel(now=True)
        else:
            await self._warden.end(self._folder, self.pid)
        await self._process_end
        self._backstage.close()
        await self._manager.cleanup_resources()


class StockKernels:
    """The source of stock kernels (see :class:`stagedoor.kernels.protocol.KernelSource`)."""

    def __init__(
        self,
        limits: Callable[[str], Limits] = lambda _: Limits(),
        *,
        at_once: int | None = None,
        cgroups: Cgroups | None = None,
    ) -> None:
        """Must be made in a running event loop.

        Args:
            limits: what kernels of the app of this name may use, as far as they can be confined.
            at_once: how many kernels may be starting at one time; others wait. Default: one more than processors.
            cgroups: where the groups of kernels are, if there are any.
        """
        self._limits = limits
        self._warden = Warden(cgroups)
        self._specs = Kernelspecs()
        self._context = zmq.asyncio.Context()
        self._context.set(zmq.MAX_SOCKETS, min(_MAX_SOCKETS, int(self._context.get(zmq.SOCKET_LIMIT))))
        self._starting = asyncio.Semaphore(at_once or (os.cpu_count() or 1) + 1)
        self._kernels: set[StockKernel] = set()
        self._closed = False
        allow_many_files()

    def recipe(self, app: App) -> Recipe:
        """What a kernel for the app must be started with.

        Raises:
            KernelError: there is no such kernel on this machine.
        """
        folder = None if self._takes_prelude(app) else app.folder
        return Recipe(app.kernel_name, folder, self._limits(app.name) if self.confines(app) else Limits())

    def confines(self, app: App) -> bool:
        """See the protocol."""
        return sys.platform == "linux" and is_local(self._specs.find(app.kernel_name))

    async def open(self, app: App) -> StockKernel:
        """See the protocol."""
        return await self.prepare(await self.launch(self.recipe(app)), app)

    def keep_ready(self, app: App) -> None:
        """See the protocol: here a kernel is started when it is asked for."""

    async def launch(self, recipe: Recipe) -> StockKernel:
        """A new kernel that answers, and belongs to no app yet.

        Raises:
            KernelError: it does not start.
        """
        async with self._starting:
            kernel = await self._start(recipe)
            try:
                async with asyncio.timeout(START_LIMIT):
                    await kernel.greet()
                if recipe.limits.memory:
                    await kernel.limit_memory(recipe.limits.memory)
            except TimeoutError:
                await kernel.close()
                raise KernelError(
                    f"The kernel {recipe.kernel_name!r} did not answer within {START_LIMIT:.0f} s."
                ) from None
            except BaseException:
                await kernel.close()
                raise
            return kernel

    async def prepare(self, kernel: StockKernel, app: App) -> StockKernel:
        """Makes a kernel the app's; returns it.

        Raises:
            KernelError: that failed, and the kernel is closed.
        """
        if not self._takes_prelude(app):
            return kernel
        try:
            reply = await run_silently(kernel, prelude(app))
            if reply.content.get("status") != "ok":
                problem = f"{reply.content.get('ename')}: {reply.content.get('evalue')}"
                raise KernelError(f"The kernel could not be prepared for {app.path} ({problem}).")
        except BaseException:
            await kernel.close()
            raise
        return kernel

    async def close(self) -> None:
        """See the protocol."""
        self._closed = True
        await asyncio.gather(*(kernel.close() for kernel in list(self._kernels)))
        await self._warden.close()
        self._context.destroy(linger=0)

    def _takes_prelude(self, app: App) -> bool:
        # The kernelspec knows its language; what a notebook says of it may be missing.
        return str(self._specs.find(app.kernel_name).language).lower() == PYTHON

    async def _start(self, recipe: Recipe) -> StockKernel:
        if self._closed:
            raise KernelError("No kernel is started any more: Stagedoor is ending.")
        spec = self._specs.find(recipe.kernel_name)
        owner = owner_of(recipe.limits.user)
        folder = self._warden.make_folder(owner)
        manager = Manager(
            kernel_name=recipe.kernel_name,
            kernel_spec_manager=self._specs,
            context=self._context,
            transport="tcp" if sys.platform == "win32" else "ipc",
            connection_file=str(folder / "connection.json"),
        )
        if manager.transport == "ipc":
            manager.ip = str(folder / "s")
        if sys.platform == "linux" and is_local(spec):
            manager.launcher = launcher(recipe.limits, folder)
            manager.owner = owner
        backstage = Backstage(folder.name)
        try:
            await manager.start_kernel(
                extra_arguments=extra_arguments(spec),
                env=environment(folder, owner),
                cwd=str(recipe.folder or folder),
                stdin=subprocess.DEVNULL,
                stdout=backstage.writing,
                stderr=backstage.writing,
                **(owner.starting() if owner else {}),
            )
        except BaseException as error:
            backstage.close()
            await self._warden.end(folder, None)
            if not isinstance(error, Exception):
                raise
            # A provisioner may raise anything; most often its program is missing.
            raise KernelError(f"The kernel {recipe.kernel_name!r} cannot be started: {error}.") from error
        backstage.started()
        channels = Channels(self._context, manager.get_connection_info(), manager.session)
        kernel = StockKernel(manager, channels, backstage, self._warden, folder)
        if kernel.pid is not None:
            self._warden.watch(kernel.pid, recipe.limits)
        self._kernels.add(kernel)
        kernel._process_end.add_done_callback(lambda _: self._kernels.discard(kernel))
        return kernel
