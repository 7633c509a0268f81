"""Frames of a Jupyter server that negotiates no subprotocol (jupyter_server, "WebSocket protocols", the default one).

A message without buffers is JSON in a text frame. One with buffers is a binary frame: the count of parts, their offsets
(big-endian, unsigned, 32 bits), the JSON, the buffers.
"""

from __future__ import annotations

import itertools
import struct
from typing import Any

from .framing import MAX_PARTS, FramingError
from .message import Buffer, Message, decode_json, encode_json


def encode(message: Message, *, header: dict[str, Any]) -> str | bytes:
    """The frame of a message; ``header`` adds what a kernel wants in it (``session``, ``date``, ``username``)."""
    fields = {
        "channel": message.channel,
        "header": {"msg_id": message.msg_id, "msg_type": message.msg_type, "version": "5.3"} | header,
        "parent_header": {"msg_id": message.parent_id} if message.parent_id else {},
        "metadata": message.metadata,
        "content": message.content,
    }
    if not message.buffers:
        return encode_json(fields | {"buffers": []}).decode()
    parts: list[Buffer] = [encode_json(fields), *message.buffers]
    sizes = [part.nbytes if isinstance(part, memoryview) else len(part) for part in parts]
    start = 4 * (len(parts) + 1)
    offsets = itertools.accumulate(sizes[:-1], initial=start)
    return b"".join([struct.pack(f">{len(parts) + 1}I", len(parts), *offsets), *parts])


def decode(frame: str | bytes) -> Message:
    """The message of a frame.

    Raises:
        FramingError: the frame is malformed, or its JSON is no message's.
    """
    text, *buffers = [frame.encode()] if isinstance(frame, str) else _split(frame)
    try:
        fields = decode_json(text)
        header, parent = fields["header"], fields["parent_header"]
        return Message(
            _text(fields["channel"]),
            _text(header["msg_type"]),
            _mapping(fields["content"]),
            msg_id=_text(header["msg_id"]),
            parent_id=_text(parent.get("msg_id") or "") if parent else "",
            metadata=_mapping(fields["metadata"]),
            buffers=buffers,
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise FramingError(f"the frame's JSON is no message: {error!r}") from None


def _split(frame: bytes) -> list[memoryview]:
    view = memoryview(frame)
    if len(view) < 8:
        raise FramingError("a frame has at least one part")
    (count,) = struct.unpack_from(">I", view)
    if not 1 <= count <= MAX_PARTS or len(view) < 4 * (count + 1):
        raise FramingError("the frame's offsets are cut off or too many")
    offsets = [*struct.unpack_from(f">{count}I", view, 4), len(view)]
    if offsets[0] != 4 * (count + 1) or any(start > end for start, end in itertools.pairwise(offsets)):
        raise FramingError("the frame's offsets do not span it")
    return [view[start:end] for start, end in itertools.pairwise(offsets)]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("an id is text")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("a part of a message is an object")
    return value
