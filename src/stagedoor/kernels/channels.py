"""A kernel's ZeroMQ sockets as one stream of messages.

The wire protocol is that of "Messaging in Jupyter" (jupyter-client's documentation). Contents are passed on as they
came, undecoded; the session of jupyter_client signs and verifies.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
import zmq
import zmq.asyncio
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.session import DELIM, Session

from ..jupyter.message import Json, Message, decode_json, encode_json
from .protocol import KernelDied

log = structlog.get_logger("stagedoor.kernels")

MAX_UNREAD = 64 * 2**20
"""Bytes of messages that may wait to be received; beyond, what the kernel prints is dropped."""

_SENDING = ("shell", "control", "stdin")
_RECONNECT = 10  # ms; while a kernel starts, its sockets are not there yet
_AT_ONCE = 16


class Channels:
    """The channels ``shell``, ``control``, ``stdin`` and ``iopub`` of one kernel."""

    def __init__(self, context: zmq.asyncio.Context, connection: KernelConnectionInfo, session: Session) -> None:
        self._session = session
        self._sockets = {channel: _connect(context, connection, channel, session) for channel in (*_SENDING, "iopub")}
        self._inbox: deque[Message] = deque()
        self._unread = 0
        self._dropped = 0
        self._arrived = asyncio.Event()
        self._last_words = ""
        self._readers = [asyncio.create_task(self._read(channel, socket)) for channel, socket in self._sockets.items()]

    async def send(self, message: Message) -> None:
        """Sends a message of one of the channels other than ``iopub``.

        Raises:
            KernelDied: the channels have been ended.
        """
        if self._last_words:
            raise KernelDied(self._last_words)
        header: Json = {
            "msg_id": message.msg_id,
            "msg_type": message.msg_type,
            "session": self._session.session,
            "username": "",
            "date": datetime.now(UTC).isoformat(),
            "version": "5.3",
        }
        parent = {"msg_id": message.parent_id} if message.parent_id else {}
        parts = [encode_json(header), encode_json(parent), encode_json(message.metadata), bytes(message.content_json)]
        frames = [DELIM, self._session.sign(parts), *parts, *message.buffers]
        try:
            await self._sockets[message.channel].send_multipart(frames)
        except zmq.ZMQError as error:
            raise KernelDied(self._last_words or f"The kernel cannot be reached ({error}).") from error

    async def receive(self) -> Message:
        """The next message.

        Raises:
            KernelDied: the channels have been ended, and all has been received.
        """
        while not self._inbox:
            if self._last_words:
                raise KernelDied(self._last_words)
            self._arrived.clear()
            await self._arrived.wait()
        message = self._inbox.popleft()
        self._unread -= message.size
        return message

    async def drain(self) -> None:
        """Waits until everything that a kernel sent before it died has arrived."""
        while True:
            count = len(self._inbox)
            # What is in the sockets' buffers is read within a turn or two of ZeroMQ's own thread.
            await asyncio.sleep(0.05)
            if len(self._inbox) <= count:
                return

    def end(self, last_words: str) -> None:
        """Closes the sockets; whoever receives or sends is told why. May be called twice: the first reason counts."""
        if self._last_words:
            return
        self._last_words = last_words
        self._arrived.set()
        for reader in self._readers:
            reader.cancel()
        for socket in self._sockets.values():
            socket.close(linger=0)

    async def _read(self, channel: str, socket: zmq.asyncio.Socket) -> None:
        count = 0
        while True:
            frames = await socket.recv_multipart()
            message = self._parse(channel, frames)
            if message is not None:
                self._put(message)
            # Receiving does not yield while there is more, and a kernel that prints without end always has more.
            count += 1
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def _put(self, message: Message) -> None:
        if self._unread > MAX_UNREAD and message.msg_type == "stream":
            if not self._dropped:
                log.warning("the kernel prints faster than it can be shown; some of it is dropped")
            self._dropped += 1
            return
        self._unread += message.size
        self._inbox.append(message)
        self._arrived.set()

    def _parse(self, channel: str, frames: Sequence[bytes]) -> Message | None:
        try:
            start = list(frames).index(DELIM)
            signature, header_json, parent_json, metadata_json, content = frames[start + 1 : start + 6]
            signed = [header_json, parent_json, metadata_json, content]
            if not hmac.compare_digest(signature, self._session.sign(signed)):
                raise ValueError("its signature is wrong")
            header, parent = decode_json(header_json), decode_json(parent_json)
            return Message(
                channel,
                header["msg_type"],
                content,
                msg_id=header["msg_id"],
                parent_id=parent.get("msg_id") or "",
                metadata=decode_json(metadata_json),
                buffers=frames[start + 6 :],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("a kernel's message is not understood", channel=channel, reason=str(error))
            return None


def _connect(
    context: zmq.asyncio.Context, connection: KernelConnectionInfo, channel: str, session: Session
) -> zmq.asyncio.Socket:
    socket = context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT)
    if channel == "iopub":
        # A publisher drops what its reader is too slow for, and a lost `idle` would never be noticed.
        socket.setsockopt(zmq.RCVHWM, 0)
        socket.setsockopt(zmq.SUBSCRIBE, b"")
    else:
        # A prompt is sent over `stdin` to the identity from which the request came over `shell`.
        socket.setsockopt(zmq.IDENTITY, session.bsession)
    port = connection[f"{channel}_port"]  # type: ignore[literal-required]
    separator = "-" if connection["transport"] == "ipc" else ":"
    socket.connect(f"{connection['transport']}://{connection['ip']}{separator}{port}")
    return socket
