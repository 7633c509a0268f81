"""Kernels at the other end of a unix socket: a visitor's, and the template while the app has its first run in it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from ...jupyter.framing import FramingError, decode, encode
from ...jupyter.message import Message
from ..protocol import KernelDied, KernelSpent
from .watched import WatchedProcess, hangs

if TYPE_CHECKING:
    from .template import Template

LENGTH_BYTES = 8
_READ_LIMIT = 2**20
_LAST_WORDS = 0.5


class PipeKernel:
    """See :class:`stagedoor.kernels.protocol.Kernel`."""

    rehearsed = False
    on_trial = False

    def __init__(self, connection: socket.socket, process: WatchedProcess) -> None:
        self.pid: int | None = process.pid
        self._process = process
        self.connection = connection
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._length: int | None = None
        self._closing: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None]

    async def connect(self) -> None:
        """Begins to listen."""
        self._reader, self._writer = await asyncio.open_unix_connection(sock=self.connection, limit=_READ_LIMIT)
        self._watching = asyncio.create_task(self._watch())

    def stuck(self) -> bool:
        """See the protocol."""
        return hangs(self._process.pid) and not self._process.ended.is_set()

    async def send(self, message: Message) -> None:
        """See the protocol."""
        frame = encode(message)
        try:
            self._writer.write(len(frame).to_bytes(LENGTH_BYTES, "little") + frame)
            await self._writer.drain()
        except OSError:
            raise await self._death() from None

    async def receive(self) -> Message:
        """See the protocol. May be cancelled, and called again."""
        try:
            if self._length is None:
                self._length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "little")
            frame = await self._reader.readexactly(self._length)
        except (asyncio.IncompleteReadError, OSError):
            raise await self._death() from None
        self._length = None
        try:
            return decode(frame)
        except FramingError as error:
            raise KernelDied(f"The kernel has sent what is no message: {error}.") from error

    async def interrupt(self) -> None:
        """See the protocol."""
        self._process.signal(signal.SIGINT)

    async def close(self) -> None:
        """See the protocol."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        # Whoever waits may be cancelled; the end of the processes may not.
        await asyncio.shield(self._closing)

    async def _death(self) -> KernelDied:
        return KernelDied("The kernel has been closed." if self._closing else await self._why())

    async def _watch(self) -> None:
        await self._process.ended.wait()
        # A process that the app has forked may hold the socket open. What has been sent is there already.
        await asyncio.sleep(_LAST_WORDS)
        self._reader.feed_eof()

    async def _close(self) -> None:
        await self._end()
        self._watching.cancel()
        self._writer.close()
        self._process.close()
        self.pid = None

    async def _end(self) -> None:
        raise NotImplementedError

    async def _why(self) -> str:
        raise NotImplementedError


class ForkedKernel(PipeKernel):
    """A visitor's kernel: a child of a template."""

    on_trial = True

    def __init__(
        self, connection: socket.socket, process: WatchedProcess, folder: Path, template: Template, *, rehearsed: bool
    ) -> None:
        super().__init__(connection, process)
        self.rehearsed = rehearsed
        self.template = template
        self._folder = folder

    async def _end(self) -> None:
        await self.template.forget(self, self._process, self._folder)

    async def _death(self) -> KernelDied:
        death = await super()._death()
        return KernelSpent(*death.args) if await self.template.has_spent(self._process) else death

    async def _why(self) -> str:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.ended.wait(), _LAST_WORDS)
        return f"The kernel {await self.template.how_ended(self._process)}."


class Rehearsal(PipeKernel):
    """The template itself, while the app has its first run in it."""

    def __init__(self, connection: socket.socket, process: WatchedProcess, template: Template) -> None:
        super().__init__(connection, process)
        self.template = template

    async def _end(self) -> None:
        await self.template.end()

    async def _why(self) -> str:
        return await self.template.describe_end()
