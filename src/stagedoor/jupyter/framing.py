"""Frames of the websocket subprotocol ``v1.kernel.websocket.jupyter.org`` (jupyter_server, "WebSocket protocols")."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from typing import Any

from .message import Buffer, Message, decode_json, encode_json

PROTOCOL = "v1.kernel.websocket.jupyter.org"
MAX_PARTS = 4096
"""How many parts a frame from elsewhere may have."""


class FramingError(ValueError):
    """A frame that is not laid out as the protocol says, or whose JSON is no message's."""


def join(parts: Sequence[Buffer]) -> bytes:
    """One frame of the parts: the count of offsets, the offsets, the parts (little-endian, unsigned, 64 bits)."""
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + (part.nbytes if isinstance(part, memoryview) else len(part)))
    return b"".join([struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets), *parts])


def split(frame: Buffer, *, max_parts: int = MAX_PARTS) -> list[memoryview]:
    """The parts of a frame, without copying.

    Raises:
        FramingError: counts, offsets and length do not fit each other exactly, or there are too many parts.
    """
    view = memoryview(frame).cast("B")
    if len(view) < 16:
        raise FramingError("a frame has at least one offset")
    (count,) = struct.unpack_from("<Q", view)
    if not 1 <= count <= max_parts + 1 or len(view) < 8 * (count + 1):
        raise FramingError("the frame's offsets are cut off or too many")
    offsets = struct.unpack_from(f"<{count}Q", view, 8)
    if offsets[0] != 8 * (count + 1) or offsets[-1] != len(view):
        raise FramingError("the frame's offsets do not span it")
    if any(start > end for start, end in itertools.pairwise(offsets)):
        raise FramingError("the frame's offsets overlap")
    return [view[start:end] for start, end in itertools.pairwise(offsets)]


def encode(message: Message, *, header: dict[str, Any] | None = None) -> bytes:
    """The frame of a message; ``header`` adds what a kernel wants in it (``session``, ``date``, ``username``)."""
    full = {"msg_id": message.msg_id, "msg_type": message.msg_type, "version": "5.3", **(header or {})}
    parent = {"msg_id": message.parent_id} if message.parent_id else {}
    parts = [encode_json(full), encode_json(parent), encode_json(message.metadata), message.content_json]
    return join([message.channel.encode(), *parts, *message.buffers])


def decode(frame: Buffer) -> Message:
    """The message of a frame; its content is decoded later (see :class:`Message`), its buffers are views of the frame.

    Raises:
        FramingError: the frame is malformed, or a header is not what a header must be.
    """
    parts = split(frame)
    if len(parts) < 5:
        raise FramingError("a message has a channel, header, parent header, metadata and content")
    try:
        channel = str(parts[0], "utf-8")
        header, parent, metadata = (decode_json(part) for part in parts[1:4])
    except ValueError as error:
        raise FramingError("a header is not JSON") from error
    if not (isinstance(header, dict) and isinstance(parent, dict) and isinstance(metadata, dict)):
        raise FramingError("a header is not an object")
    msg_id, msg_type, parent_id = header.get("msg_id"), header.get("msg_type"), parent.get("msg_id", "")
    if not (isinstance(msg_id, str) and isinstance(msg_type, str) and isinstance(parent_id, str)):
        raise FramingError("a header's ids are text")
    return Message(
        channel, msg_type, parts[4], msg_id=msg_id, parent_id=parent_id, metadata=metadata, buffers=parts[5:]
    )
