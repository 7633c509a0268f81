"""A template as the gateway has it, and the kernels that are forked from it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path

import structlog

from ...jupyter.framing import FramingError, decode, encode
from ...jupyter.message import Json, Message
from .. import reaper
from ..asking import private_id
from ..process import Backstage, describe_exit
from ..protocol import KernelDied, KernelError
from ..specs import environment
from ..warden import Warden

log = structlog.get_logger("stagedoor.kernels")

_LENGTH_BYTES = 8
_READ_LIMIT = 2**20
_FUTEX_CALLS = {"202", "98"}
"""Numbers of the system call futex(2): on x86-64, and on AArch64."""
_START_LIMIT = 60.0
_EXIT_NEWS_LIMIT = 0.5


class PipeKernel:
    """A kernel at the other end of a unix socket (see :class:`stagedoor.kernels.protocol.Kernel`)."""

    rehearsed = False
    on_trial = False

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.pid: int | None = pid
        self._process = pid
        self._connection = connection
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._closed = False

    async def connect(self) -> None:
        """Begins to listen."""
        self._reader, self._writer = await asyncio.open_unix_connection(sock=self._connection, limit=_READ_LIMIT)

    def stuck(self) -> bool:
        """See the protocol: its main thread waits for a lock, and no other thread can run to open it."""
        try:
            call = Path(f"/proc/{self._process}/syscall").read_text().split()
        except OSError:
            return False
        return bool(call) and call[0] in _FUTEX_CALLS

    async def send(self, message: Message) -> None:
        """See the protocol."""
        assert self._writer is not None
        frame = encode(message)
        try:
            self._writer.write(len(frame).to_bytes(_LENGTH_BYTES, "little") + frame)
            await self._writer.drain()
        except OSError:
            raise KernelDied(await self._why()) from None

    async def receive(self) -> Message:
        """See the protocol."""
        assert self._reader is not None
        try:
            length = await self._reader.readexactly(_LENGTH_BYTES)
            return decode(await self._reader.readexactly(int.from_bytes(length, "little")))
        except (asyncio.IncompleteReadError, OSError):
            raise KernelDied(await self._why()) from None
        except FramingError as error:
            raise KernelDied(f"The kernel has sent what is no message: {error}.") from error

    async def interrupt(self) -> None:
        """See the protocol."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGINT)

    async def close(self) -> None:
        """See the protocol."""
        if self._closed:
            return
        self._closed = True
        if self._writer is not None:
            self._writer.close()
        else:
            self._connection.close()
        await self._end()
        self.pid = None

    async def _end(self) -> None:
        raise NotImplementedError

    async def _why(self) -> str:
        raise NotImplementedError


class ForkedKernel(PipeKernel):
    """A visitor's kernel: a child of a template."""

    on_trial = True

    def __init__(
        self, connection: socket.socket, pid: int, folder: Path, template: Template, *, rehearsed: bool
    ) -> None:
        super().__init__(connection, pid)
        self.rehearsed = rehearsed
        self.template = template
        self._folder = folder

    async def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)
        await self.template.forget(self, self._process, self._folder)

    async def _why(self) -> str:
        return f"The kernel {await self.template.exit_of(self._process)}."


class Rehearsal(PipeKernel):
    """The template itself, while the app has its first run in it."""

    def __init__(self, connection: socket.socket, pid: int, template: Template) -> None:
        super().__init__(connection, pid)
        self.template = template

    async def _end(self) -> None:
        await self.template.close()

    async def _why(self) -> str:
        return await self.template.describe_end()


class Template:
    """A process that runs an app once and forks for its visitors."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, backstage: Backstage, warden: Warden) -> None:
        self.reasons: list[str] = []
        """What speaks against forking it, in plain words, once it is frozen."""
        self.rehearsed = False
        """Whether the app has run in it."""
        self._process = process
        self._folder = folder
        self._backstage = backstage
        self._warden = warden
        self._replies: dict[str, asyncio.Future[Json]] = {}
        self._exits: dict[int, asyncio.Future[int]] = {}
        self._children: set[ForkedKernel] = set()
        self._numbers = count()
        self._listening: asyncio.Task[None] | None = None
        self._closing = False
        self._gone = False
        self.kernel: Rehearsal

    @classmethod
    async def start(cls, warden: Warden) -> Template:
        """A new template, whose kernel is ready.

        Raises:
            KernelError: it cannot be started.
        """
        folder = warden.make_folder()
        ours, theirs = socket.socketpair()
        backstage = Backstage(folder.name)
        try:
            process = subprocess.Popen(  # noqa: ASYNC220, S603 -- our own program, started in milliseconds
                [sys.executable, "-m", "stagedoor.kernels.template.process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment(folder),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=backstage.writing,
                stderr=backstage.writing,
                start_new_session=True,
            )
        except OSError as error:
            raise KernelError(f"A template cannot be started: {error}.") from error
        finally:
            theirs.close()
            backstage.started()
        warden.watch(process.pid)
        ours.setblocking(False)
        template = cls(process, folder, backstage, warden)
        template.kernel = Rehearsal(ours, process.pid, template)
        await template.kernel.connect()
        return template

    async def settle(self, seconds: float) -> None:
        """Lets the app's own tasks run for a while."""
        await self._ask("stagedoor_settle", {"seconds": seconds})

    async def modules(self) -> list[str]:
        """Names of the modules that the app's run has imported from elsewhere than its folder."""
        return list((await self._ask("stagedoor_modules", {}))["modules"])

    async def load(self, modules: list[str]) -> None:
        """Imports modules; those that cannot be imported are left to the app."""
        await self._ask("stagedoor_import", {"modules": modules})

    async def freeze(self) -> None:
        """From now on it only forks."""
        self.reasons = list((await self._ask("stagedoor_freeze", {}))["reasons"])
        self._listening = asyncio.create_task(self._listen())

    async def fork(self, limits: Json) -> ForkedKernel:
        """A kernel that goes on from where the template is.

        Raises:
            KernelDied: the template is no more.
        """
        ours, theirs = socket.socketpair()
        folder = self._folder / f"c{next(self._numbers)}"
        ours.setblocking(False)
        try:
            content = await self._ask("stagedoor_fork", {"folder": str(folder), "limits": limits}, theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        pid = int(content["pid"])
        self._warden.watch(pid)
        self._exits.setdefault(pid, asyncio.get_running_loop().create_future())
        kernel = ForkedKernel(ours, pid, folder, self, rehearsed=self.rehearsed)
        self._children.add(kernel)
        await kernel.connect()
        return kernel

    async def close(self) -> None:
        """No more forks. The process ends at once, its folder when the last child has ended."""
        if self._closing:
            return
        self._closing = True
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await asyncio.to_thread(self._process.wait)
        if self._listening is not None:
            self._listening.cancel()
        self._backstage.close()
        if self.kernel._writer is not None:
            self.kernel._writer.close()
        await self._clear()

    async def forget(self, kernel: ForkedKernel, pid: int, folder: Path) -> None:
        """A child is not wanted any more: nothing of it is left after this."""
        await asyncio.to_thread(reaper.end, str(folder), [pid], 0.0)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self._warden.forget(pid)
        self._exits.pop(pid, None)
        self._children.discard(kernel)
        if self._closing:
            await self._clear()

    async def exit_of(self, pid: int) -> str:
        """How a child has ended, as a part of a sentence."""
        ended = self._exits.get(pid)
        if ended is None:
            return "has ended"
        with contextlib.suppress(TimeoutError):
            status = await asyncio.wait_for(asyncio.shield(ended), _EXIT_NEWS_LIMIT)
            out_of_memory = " (perhaps for want of memory)" if status == -signal.SIGKILL else ""
            return describe_exit(status) + out_of_memory
        return "has ended"

    async def describe_end(self) -> str:
        """Why the template is no more, as a sentence."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, _EXIT_NEWS_LIMIT)
        lines = self._backstage.last_lines
        return f"The app's process {describe_exit(self._process.returncode)}{': ' + lines if lines else ''}."

    async def _ask(self, msg_type: str, content: Json, descriptor: socket.socket | None = None) -> Json:
        msg_id = private_id()
        message = Message("control", msg_type, content, msg_id=msg_id)
        if self._gone:
            raise KernelDied(await self.describe_end())
        if descriptor is not None:
            reply: asyncio.Future[Json]
            reply = self._replies[msg_id] = asyncio.get_running_loop().create_future()
            await self._send_descriptor(message, descriptor)
            return await reply
        await self.kernel.send(message)
        async with asyncio.timeout(_START_LIMIT):
            while True:
                answer = await self.kernel.receive()
                if answer.parent_id == msg_id:
                    return dict(answer.content)

    async def _send_descriptor(self, message: Message, descriptor: socket.socket) -> None:
        """Messages with descriptors go past the stream, whose buffer is empty: forks are asked for one at a time."""
        frame = encode(message)
        data = len(frame).to_bytes(_LENGTH_BYTES, "little") + frame
        try:
            sent = socket.send_fds(self.kernel._connection, [data], [descriptor.fileno()])
        except OSError as error:
            raise KernelDied(f"The template cannot be asked for a fork: {error}.") from error
        assert sent == len(data), "a request this small goes out whole"

    async def _listen(self) -> None:
        """Takes the answers of a frozen template, and its news of children that have ended."""
        try:
            while True:
                message = await self.kernel.receive()
                if message.msg_type == "stagedoor_child_ended":
                    pid = int(message.content["pid"])
                    ended = self._exits.setdefault(pid, asyncio.get_running_loop().create_future())
                    if not ended.done():
                        ended.set_result(int(message.content["status"]))
                elif reply := self._replies.pop(message.parent_id, None):
                    reply.set_result(dict(message.content))
        except KernelDied as death:
            self._gone = True
            for reply in self._replies.values():
                reply.set_exception(KernelDied(str(death)))
            self._replies.clear()
            if not self._closing:
                log.error("a template has died; sessions that it has opened go on", reason=str(death))

    @property
    def alive(self) -> bool:
        """Whether it can be forked."""
        return not (self._gone or self._closing)

    async def _clear(self) -> None:
        if not self._children:
            await self._warden.end(self._folder, self._process.pid, grace=0.0)
