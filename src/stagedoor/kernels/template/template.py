"""A template as the gateway has it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import structlog

from ...jupyter.framing import encode
from ...jupyter.message import Json, Message
from .. import reaper
from ..asking import OnMessage, private_id
from ..owner import owner_of
from ..process import Backstage, describe_exit
from ..protocol import KernelDied, KernelError
from ..specs import environment
from ..warden import Warden
from .forked import LENGTH_BYTES, ForkedKernel, Rehearsal
from .limits import Limits
from .memory_events import MemoryEvents
from .watched import WatchedProcess

log = structlog.get_logger("stagedoor.kernels")

_ANSWER_LIMIT = 60.0
_EXIT_NEWS_LIMIT = 0.5
_FAILED = 1
"""The status of a child that met an error outside of the app."""
_ROOMS = "rooms"
"""Where the folders of its children are, and nothing else: a child does not see those of others."""
_FORKS_AT_ONCE = 16
"""How many forks may be asked for at a time: a request is sent at once or not at all, and a socket has room for some
hundred."""


class Template:
    """A process that runs an app once and forks for its visitors."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        connection: socket.socket,
        folder: Path,
        output: Backstage,
        warden: Warden,
    ) -> None:
        self.reasons: list[str] = []
        """What speaks against forking it, in plain words, once it is frozen."""
        self.rehearsed = False
        """Whether the app has run in it."""
        self.kernel = Rehearsal(connection, WatchedProcess(process.pid), self)
        self._process = process
        self._folder = folder
        self._output = output
        self._warden = warden
        self._born = time.monotonic()
        self._replies: dict[str, asyncio.Future[Json]] = {}
        self._exits: dict[int, asyncio.Future[int]] = {}
        self._children: set[ForkedKernel] = set()
        self._numbers = count()
        self._forking = asyncio.Semaphore(_FORKS_AT_ONCE)
        self._memory = MemoryEvents()
        self._listening: asyncio.Task[None] | None = None
        self._gone = False

    @classmethod
    async def start(cls, warden: Warden, user: str = "") -> Template:
        """A new template, whose kernel is ready.

        Args:
            user: whose it is, and all that it forks; default: ours.

        Raises:
            KernelError: it cannot be started.
        """
        owner = owner_of(user)
        folder = warden.make_folder(owner)
        folder.joinpath(_ROOMS).mkdir()
        ours, theirs = socket.socketpair()
        output = Backstage(folder.name)
        try:
            process = subprocess.Popen(  # noqa: ASYNC220, S603 -- our own program, started in milliseconds
                [sys.executable, "-m", "stagedoor.kernels.template.process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment(folder, owner),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output.writing,
                stderr=output.writing,
                start_new_session=True,
                **(owner.starting() if owner else {}),
            )
        except OSError as error:
            ours.close()
            output.close()
            raise KernelError(f"A template cannot be started: {error}.") from error
        finally:
            theirs.close()
        output.started()
        warden.watch(process.pid)
        ours.setblocking(False)
        template = cls(process, ours, folder, output, warden)
        await template.kernel.connect()
        return template

    @property
    def alive(self) -> bool:
        """Whether it can be forked."""
        return not self._gone and self.kernel._closing is None

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._born

    async def settle(self, seconds: float, on_message: OnMessage) -> None:
        """Lets the app's own tasks run for a while; what they say meanwhile is handed on."""
        await self._ask("stagedoor_settle", {"seconds": seconds}, seconds + _ANSWER_LIMIT, on_message)

    async def modules(self, folder: Path) -> list[str]:
        """Names of the modules that have been imported from elsewhere than the app's folder."""
        return list((await self._ask("stagedoor_modules", {"folder": str(folder)}))["modules"])

    async def load(self, modules: list[str]) -> None:
        """Imports modules; those that cannot be imported are left to the app."""
        await self._ask("stagedoor_import", {"modules": modules})

    async def freeze(self) -> None:
        """From now on it only forks."""
        self.reasons = list((await self._ask("stagedoor_freeze", {}))["reasons"])
        self._listening = asyncio.create_task(self._listen())

    async def fork(self, limits: Limits) -> ForkedKernel:
        """A kernel that goes on from where the template is.

        Raises:
            KernelDied: the template is no more.
            KernelError: the system gives no process.
        """
        async with self._forking:
            return await self._fork(limits)

    async def close(self) -> None:
        """No more forks. The process ends at once, its folder when the last child has ended."""
        await self.kernel.close()

    async def end(self) -> None:
        """See :meth:`close`; called by its kernel, once."""
        # Its children go on, below the gateway; only the process itself ends.
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.kernel._process.ended.wait()
        self._process.wait()
        self._warden.forget(self._process.pid)
        if self._listening is not None:
            self._listening.cancel()
        self._output.close()
        self._memory.close()
        if not self._children:
            await self._clear()

    async def forget(self, kernel: ForkedKernel, process: WatchedProcess, folder: Path) -> None:
        """A child is not wanted any more: nothing of it is left after this."""
        whole = process.kill()
        await process.ended.wait()
        if not whole:
            # What it has left behind is found by its mark and its session.
            await asyncio.to_thread(reaper.end, str(folder), [process.pid], 0.0)
        await self._status(process)
        self._exits.pop(process.pid, None)
        self._warden.forget(process.pid)
        if not _remove_if_empty(folder):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self._children.discard(kernel)
        if not self._children and self.kernel._closing is not None:
            await self._clear()

    async def how_ended(self, process: WatchedProcess) -> str:
        """How a child has ended, as a part of a sentence."""
        status = await self._status(process)
        # Its last words are the template's too: they share what the gateway reads of them.
        why = f": {self._output.last_lines.splitlines()[-1]}" if status == _FAILED and self._output.last_lines else ""
        return describe_exit(status) + self._memory.explain(status) + why

    async def has_spent(self, process: WatchedProcess) -> bool:
        """Whether a child has ended because it has used up its processor time, or the machine's memory."""
        return bool(self._memory.explain(await self._status(process)))

    async def describe_end(self) -> str:
        """Why the template is no more, as a sentence."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.kernel._process.ended.wait(), _EXIT_NEWS_LIMIT)
        status = self._process.poll()
        lines = self._output.last_lines
        how = describe_exit(status) + self._memory.explain(status)
        return f"The app's process {how}{': ' + lines if lines else ''}."

    async def _fork(self, limits: Limits) -> ForkedKernel:
        ours, theirs = socket.socketpair()
        folder = self._folder / _ROOMS / str(next(self._numbers))
        ours.setblocking(False)
        try:
            content = await self._ask_for_fork({"folder": str(folder), "limits": limits.as_json()}, theirs)
            if problem := content.get("error"):
                raise KernelError(f"The system gives no process for a fork ({problem}).")
            process = WatchedProcess(int(content["pid"]))
        except BaseException as error:
            ours.close()
            if isinstance(error, ProcessLookupError):
                raise KernelDied("The kernel has ended as soon as it was forked.") from None
            raise
        finally:
            theirs.close()
        self._warden.watch(process.pid, limits)
        self._exits[process.pid] = asyncio.get_running_loop().create_future()
        kernel = ForkedKernel(ours, process, folder, self, rehearsed=self.rehearsed)
        self._children.add(kernel)
        await kernel.connect()
        return kernel

    async def _ask(
        self, msg_type: str, content: Json, limit: float = _ANSWER_LIMIT, on_message: OnMessage = lambda _: None
    ) -> Json:
        msg_id = private_id()
        try:
            async with asyncio.timeout(limit):
                await self.kernel.send(Message("control", msg_type, content, msg_id=msg_id))
                while True:
                    answer = await self.kernel.receive()
                    if answer.parent_id == msg_id and answer.channel == "control":
                        return dict(answer.content)
                    on_message(answer)
        except TimeoutError:
            raise KernelError(f"The app's process has not answered within {limit:g} s.") from None

    async def _ask_for_fork(self, content: Json, descriptor: socket.socket) -> Json:
        """Messages with descriptors go past the stream, whose buffer is empty: it is used for nothing else now."""
        if self._gone:
            raise KernelDied(await self.describe_end())
        msg_id = private_id()
        frame = encode(Message("control", "stagedoor_fork", content, msg_id=msg_id))
        data = len(frame).to_bytes(LENGTH_BYTES, "little") + frame
        reply: asyncio.Future[Json]
        reply = self._replies[msg_id] = asyncio.get_running_loop().create_future()
        try:
            sent = socket.send_fds(self.kernel.connection, [data], [descriptor.fileno()])
            assert sent == len(data), "a request this small goes out whole"
            async with asyncio.timeout(_ANSWER_LIMIT):
                return await reply
        except OSError as error:  # also a TimeoutError
            raise KernelDied(f"The template gives no fork: {error or 'it does not answer'}.") from None
        finally:
            self._replies.pop(msg_id, None)

    async def _listen(self) -> None:
        """Takes the answers of a frozen template, and its news of children that have ended."""
        try:
            while True:
                message = await self.kernel.receive()
                if message.msg_type == "stagedoor_child_ended":
                    self._note_exit(int(message.content["pid"]), int(message.content["status"]))
                elif reply := self._replies.get(message.parent_id):
                    reply.set_result(dict(message.content))
        except KernelDied as death:
            self._gone = True
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(KernelDied(str(death)))
            if self.kernel._closing is None:
                log.error("a template has died; sessions that it has opened go on", reason=str(death))

    def _note_exit(self, pid: int, status: int | None) -> None:
        """How a child has ended. Of one that is forgotten nothing is kept: its number may be another's soon."""
        news = self._exits.get(pid)
        if news is not None and not news.done() and status is not None:
            news.set_result(status)

    async def _status(self, process: WatchedProcess) -> int | None:
        """The exit status of a child; None when nobody has waited for it."""
        # Where the template is gone, we have come to be the parent.
        self._note_exit(process.pid, process.take_status())
        if (news := self._exits.get(process.pid)) is None:
            return None
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(news), _EXIT_NEWS_LIMIT if self.alive else 0)
        return None

    async def _clear(self) -> None:
        await self._warden.end(self._folder, None, grace=0.0)


def _remove_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
