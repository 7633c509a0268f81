"""A kernel of a Jupyter server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from ...jupyter.message import Message
from ..asking import OnMessage, private_id
from ..protocol import KernelDied
from .copies import Copies
from .line import Line
from .problems import ServerProblem
from .server import JupyterServer

log = structlog.get_logger("stagedoor.kernels")

_ASK_AGAIN = 2.0
_CLOSING_SECONDS = 3.0


class RemoteKernel:
    """A running kernel of a Jupyter server (see :class:`stagedoor.kernels.protocol.Kernel`)."""

    rehearsed = False
    on_trial = False
    pid = None

    def __init__(
        self, server: JupyterServer, kernel_id: str, copies: Copies, end: Callable[[str], Awaitable[None]]
    ) -> None:
        """
        Args:
            copies: of what its environment has.
            end: ends the kernel of this id on the server.
        """
        self.id = kernel_id
        self.language = ""
        """In lower case; known once it has been greeted."""
        self._server = server
        self._copies = copies
        self._end = end
        self._ended = asyncio.Event()
        self._closing: asyncio.Future[None] | None = None
        self._greetings: set[str] = set()
        self.line = Line(server, kernel_id, self._line_ended)

    @property
    def alive(self) -> bool:
        """Whether it has not ended. While its line is cut, it may be taken to be alive."""
        return not self._ended.is_set()

    def stuck(self) -> bool:
        """See the protocol: a kernel that started afresh has its locks to itself."""
        return False

    def watch_line(self, on_change: Callable[[bool], None]) -> None:
        """See :class:`stagedoor.kernels.protocol.Distant`."""
        self.line.on_change = on_change

    async def bring_folders(self, folders: Sequence[str]) -> list[Path]:
        """See :class:`stagedoor.kernels.protocol.Distant`."""
        return await self._copies.folders(self, folders)

    async def bring_file(self, path: str, on_message: OnMessage) -> Path | None:
        """See :class:`stagedoor.kernels.protocol.Distant`."""
        return await self._copies.file(self, path, on_message)

    async def wait_ended(self) -> None:
        """Waits until it has ended."""
        await self._ended.wait()

    async def send(self, message: Message) -> None:
        """See the protocol. While the line is cut, the message waits."""
        await self.line.send(message)

    async def receive(self) -> Message:
        """See the protocol."""
        while True:
            message = await self.line.receive()
            if message.parent_id not in self._greetings:
                return message

    async def interrupt(self) -> None:
        """See the protocol."""
        try:
            await self._server.interrupt(self.id)
        except ServerProblem as problem:
            log.warning("a kernel could not be interrupted", kernel=self.id, reason=str(problem))

    async def close(self) -> None:
        """See the protocol. Where the server does not answer, the kernel is ended later."""
        await self.line.end(KernelDied("The kernel has been closed."))
        if self._closing is not None:
            await asyncio.wait([self._closing], timeout=_CLOSING_SECONDS)

    async def greet(self) -> None:
        """Waits until the kernel answers, and is heard on ``iopub`` too.

        Raises:
            KernelDied: it has ended.
        """
        replied = heard = False
        while not (replied and heard):
            msg_id = private_id()
            self._greetings.add(msg_id)
            await self.send(Message("shell", "kernel_info_request", {}, msg_id=msg_id))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ASK_AGAIN):
                    while not (replied and heard):
                        message = await self.line.receive()
                        heard |= message.channel == "iopub"
                        if message.msg_type == "kernel_info_reply":
                            replied = True
                            self.language = str(message.content.get("language_info", {}).get("name", "")).lower()

    def _line_ended(self) -> None:
        self._ended.set()
        # A kernel that cannot be gone on with is of no use to anybody: the server may have restarted it.
        self._closing = asyncio.ensure_future(self._end(self.id))
