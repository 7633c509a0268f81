"""Messages as they go over a Jupyter server's websocket, in whichever way has been agreed on."""

from __future__ import annotations

import contextlib
import socket
import sys
from datetime import UTC, datetime

import structlog
from websockets.asyncio.client import ClientConnection

from ...jupyter import framing, legacy
from ...jupyter.message import Json, Message

log = structlog.get_logger("stagedoor.kernels")


def encode(message: Message, session_id: str, protocol: str | None) -> str | bytes:
    """The frame of a message, with a header that kernels want."""
    header: Json = {"session": session_id, "username": "", "date": datetime.now(UTC).isoformat()}
    if protocol == framing.PROTOCOL:
        return framing.encode(message, header=header)
    return legacy.encode(message, header=header)


def acknowledge(connection: ClientConnection) -> None:
    """Tells the server at once that something has come.

    It holds small frames back until then (Nagle's algorithm), and a kernel's answer to a click is several of them.
    """
    if sys.platform == "linux":
        line: socket.socket = connection.transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # it may have been closed behind what is still to be read
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def decode(frame: str | bytes, protocol: str | None) -> Message | None:
    """The message of a frame; None when it is none, which costs this one message only."""
    try:
        if protocol != framing.PROTOCOL:
            return legacy.decode(frame)
        if isinstance(frame, str):
            raise framing.FramingError("it is text")
        return framing.decode(frame)
    except framing.FramingError as error:
        log.warning("a kernel's message is not understood", reason=str(error))
        return None
