"""The line to a kernel of a Jupyter server: a websocket, and another one after each cut.

While no socket of our session is open, the server keeps what the kernel says and gives it to the next one. What it had
already sent into a dead socket is lost, and what we had sent may be. So after a cut a question is put to the kernel
that it answers when it is through with all that has arrived (the marker): then what it has shown no sign of is sent
again, and its widgets are asked for their state.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import uuid
from collections.abc import Callable, Collection, Coroutine
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ...jupyter.comms import OUTPUT_MODEL, WIDGET_TARGET
from ...jupyter.message import Message
from ..asking import execute_request, private_id
from ..protocol import KernelDied
from . import wire
from .inbox import Inbox
from .outbox import Outbox
from .problems import KernelLost, ServerProblem
from .server import JupyterServer

log = structlog.get_logger("stagedoor.kernels")

PATIENCE = 120.0
"""Seconds for which a cut line is tried to be had again."""

_PAUSES = (0.1, 0.3, 1.0, 2.0, 3.0)
_TICK = 5.0
_SILENCE = 20.0
_LOOK_EVERY = 30.0
_TRIES_FOR_STALE = 4
_TOO_BIG = 1009
_LOST = "The connection was cut while the app ran, and what it said meanwhile is lost."
_PREPARED = "'stagedoor' in __import__('sys').modules"
_ENDS = {"restarting", "autorestarting", "dead"}


class Line:
    """A line that is open. All that is sent and received passes through :class:`Outbox` and :class:`Inbox`."""

    def __init__(self, server: JupyterServer, kernel_id: str, on_end: Callable[[], None]) -> None:
        self._server = server
        self._kernel_id = kernel_id
        self._on_end = on_end
        self._session_id = uuid.uuid4().hex
        self._outbox = Outbox()
        self._inbox = Inbox()
        self._socket: ClientConnection | None = None
        self._heard_at = self._alive_at = self._looked_at = time.monotonic()
        self._ending = False
        self._marker: str | None = None
        self._marker_reply: Message | None = None
        self._marker_idle = False
        self._executing: set[str] = set()
        self._executing_before: Collection[str] = ()
        self._busy: dict[str, None] = {}
        self._widgets: dict[str, None] = {}
        self._refreshed = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.death: KernelDied | None = None
        """Why it has ended."""
        self.prepared = False
        """The kernel has been prepared: one that has not is another, which the server has put in its place."""
        self.on_change: Callable[[bool], None] = lambda there: None
        """Is told when the line is cut, and when it is there again."""

    async def open(self) -> None:
        """Opens it for the first time.

        Raises:
            ServerProblem: that cannot be done.
        """
        self._socket = await self._server.connect(self._kernel_id, self._session_id)
        await self._outbox.open()
        tasks = (self._keep(self._socket), self._write(), self._watch())
        self._tasks = [asyncio.create_task(self._until_dead(task)) for task in tasks]

    async def send(self, message: Message) -> None:
        """Sends a message, at once or when the line is there again."""
        if self.death is None:
            await self._outbox.put(message)
        if self.death is not None:
            raise self.death

    async def receive(self) -> Message:
        """The next message of the kernel."""
        return await self._inbox.get()

    async def end(self, death: KernelDied) -> None:
        """Closes it; whoever sends or receives is told why. The first reason counts."""
        if self.death is not None:
            return
        self.death = death
        self._inbox.end(death)
        self._on_end()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        await self._outbox.end()
        if self._socket is not None:
            with contextlib.suppress(Exception):
                await self._socket.close()

    async def _until_dead(self, task: Coroutine[Any, Any, None]) -> None:
        try:
            await task
        except KernelDied as death:
            await self.end(death)
        except Exception as error:
            log.exception("the line to a kernel has met an error of Stagedoor itself")
            await self.end(KernelDied(f"The line to the kernel has met an error of Stagedoor itself ({error!r})."))

    # -- from the kernel ---------------------------------------------------------------------------------------------

    async def _keep(self, socket: ClientConnection) -> None:
        """Listens, over one socket after the other, until the kernel is no more."""
        while True:
            await self._listen(socket)
            socket = await self._bridge()

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                wire.acknowledge(socket)
                self._heard_at = self._alive_at = time.monotonic()
                message = wire.decode(frame, socket.subprotocol)
                if message is not None:
                    await self._hear(message)
        except ConnectionClosed as closed:
            if closed.sent is not None and closed.sent.code == _TOO_BIG:
                raise KernelDied("The kernel has sent a message that is larger than any may be.") from None

    async def _hear(self, message: Message) -> None:
        parent = message.parent_id
        if self._marker is not None and parent == self._marker:
            await self._hear_marker(message)
            return
        state = _state(message)
        if not parent and state in _ENDS:
            raise KernelDied("The kernel has died: the Jupyter server says so, and has its exit in its log.")
        if message.msg_type == "shutdown_reply":
            self._ending = True  # by somebody: whether it is still there is looked at soon
        if state == "busy":
            self._busy[parent] = None
        elif state == "idle":
            self._busy.pop(parent, None)
        if parent:
            self._outbox.seen(parent)
        if message.channel != "stdin":
            self._outbox.alive()
        if message.msg_type == "execute_reply":
            self._executing.discard(parent)
        elif message.msg_type in {"comm_open", "comm_close"}:
            self._note_widget(message)
        await self._inbox.put(message)

    def _note_widget(self, message: Message) -> None:
        try:
            content = message.content
            comm_id = str(content["comm_id"])
            if message.msg_type == "comm_close":
                self._widgets.pop(comm_id, None)
            elif content["target_name"] == WIDGET_TARGET and content["data"]["state"]["_model_name"] != OUTPUT_MODEL:
                self._widgets[comm_id] = None  # what an output widget shows is the page's to tell
        except (ValueError, LookupError, TypeError):
            return  # a kernel runs anybody's code, and says what it likes

    # -- to the kernel -----------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        while True:
            message = await self._outbox.next()
            if message.msg_type == "execute_request":
                self._executing.add(message.msg_id)
            await self._send(message)

    async def _send(self, message: Message) -> None:
        socket = self._socket
        if socket is not None:
            with contextlib.suppress(ConnectionClosed):  # which is noticed where it is listened, too
                await socket.send(wire.encode(message, self._session_id, socket.subprotocol))

    async def _watch(self) -> None:
        """Finds out that a line is dead although nobody says so, and that a kernel is no more."""
        while True:
            await asyncio.sleep(_TICK)
            socket, now = self._socket, time.monotonic()
            if socket is None or self._inbox.full:
                self._alive_at = now
                continue
            if now - self._alive_at > _SILENCE:
                socket.transport.abort()
                continue
            with contextlib.suppress(ConnectionClosed):
                asyncio.ensure_future(await socket.ping()).add_done_callback(self._hear_pong)
            silent = now - self._heard_at > _TICK
            if self._ending or (silent and (self._outbox.unanswered or now - self._looked_at > _LOOK_EVERY)):
                self._looked_at, self._ending = now, False
                await self._look()

    def _hear_pong(self, pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            self._alive_at = time.monotonic()

    async def _look(self) -> None:
        try:
            model = await self._server.look_after(self._kernel_id)
        except ServerProblem:
            return
        if model.get("execution_state") == "dead":
            raise KernelDied("The kernel has died, says the Jupyter server.")

    # -- over a cut --------------------------------------------------------------------------------------------------

    async def _bridge(self) -> ClientConnection:
        """Another socket, in place of the one that has been cut.

        Raises:
            KernelDied: the kernel is no more, or has not been reached for too long.
        """
        self._socket = None
        await self._outbox.cut()
        self.on_change(False)
        began, tries, problem = time.monotonic(), 0, "it has closed the connection"
        while time.monotonic() - began < PATIENCE:
            pause = _PAUSES[min(tries, len(_PAUSES) - 1)]
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 -- not all lines at once
            tries += 1
            try:
                if (await self._server.look_after(self._kernel_id)).get("connections"):
                    # The server has not noticed the cut yet: what the kernel says still goes into the dead socket.
                    if tries <= _TRIES_FOR_STALE:
                        continue
                    if self._executing:
                        raise KernelLost(_LOST)
                socket = await self._server.connect(self._kernel_id, self._session_id)
            except ServerProblem as error:
                problem = str(error)
                continue
            log.info("the line to a kernel is there again", kernel=self._kernel_id, tries=tries)
            await self._resume(socket)
            return socket
        raise KernelLost(f"The kernel has not been reached for {PATIENCE:g} s. {problem}")

    async def _resume(self, socket: ClientConnection) -> None:
        self._socket, self._alive_at = socket, time.monotonic()
        self._marker, self._marker_reply, self._marker_idle = private_id(), None, False
        self._executing_before = set(self._executing)
        await self._send(self._question(self._marker))
        await self._outbox.back()
        self.on_change(True)

    def _question(self, msg_id: str) -> Message:
        if self.prepared:
            return execute_request("", msg_id, silent=True, prepared=_PREPARED)
        return Message("shell", "kernel_info_request", {}, msg_id=msg_id)

    async def _hear_marker(self, message: Message) -> None:
        if message.channel == "shell":
            self._marker_reply = message
        self._marker_idle |= _state(message) == "idle"
        if self._marker_reply is None or not self._marker_idle:
            return
        found = self._marker_reply.content.get("user_expressions", {}).get("prepared", {})
        self._marker = None
        if found.get("data", {}).get("text/plain") == "False":
            raise KernelDied("The kernel has died while the line was cut: the Jupyter server has started another one.")
        if self._executing.intersection(self._executing_before):
            raise KernelLost(_LOST)
        for parent in list(self._busy):  # it is through with them, but has said so into the dead socket
            await self._hear(Message("iopub", "status", {"execution_state": "idle"}, parent_id=parent))
        await self._outbox.open()
        await self._refresh()

    async def _refresh(self) -> None:
        """Has the widgets tell their whole state: a change of it may have been lost."""
        for comm_id in list(self._widgets):
            self._refreshed += 1
            content = {"comm_id": comm_id, "data": {"method": "request_state"}}
            await self._send(Message("shell", "comm_msg", content, msg_id=f"refresh-{self._refreshed}"))


def _state(message: Message) -> object:
    if message.msg_type != "status":
        return None
    try:
        return message.content.get("execution_state")
    except ValueError:
        return None
