"""The framing that is spoken where no subprotocol is negotiated, as jupyter_server itself writes and reads it."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.services.kernels.connection.base import deserialize_binary_message, serialize_binary_message

from stagedoor.jupyter.framing import FramingError
from stagedoor.jupyter.legacy import decode, encode
from stagedoor.jupyter.message import Message

HEADER = {"session": "s", "username": "", "date": "2026-01-01T00:00:00+00:00"}
MESSAGE = Message("shell", "comm_msg", {"a": "ü"}, msg_id="p-1", parent_id="c", metadata={"m": 1})


def test_a_message_without_buffers_is_text() -> None:
    frame = encode(MESSAGE, header=HEADER)
    assert isinstance(frame, str)
    assert json.loads(frame)["header"] == HEADER | {"msg_id": "p-1", "msg_type": "comm_msg", "version": "5.3"}
    assert repr(decode(frame)) == repr(MESSAGE)


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5))
def test_jupyter_server_reads_what_we_write_and_we_what_it_writes(buffers: list[bytes]) -> None:
    frame = encode(MESSAGE.replace(buffers=[memoryview(buffer) for buffer in buffers]), header=HEADER)
    assert isinstance(frame, bytes)
    read = deserialize_binary_message(frame)
    assert (read["channel"], read["content"], read["buffers"]) == ("shell", {"a": "ü"}, buffers)
    back = decode(serialize_binary_message(read))
    assert (back.msg_id, back.parent_id, back.content) == ("p-1", "c", {"a": "ü"})
    assert list(map(bytes, back.buffers)) == buffers


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "[]",
        "{}",
        '{"channel": 1, "header": {}, "parent_header": {}, "metadata": {}, "content": {}}',
        '{"channel": "", "header": {"msg_id": "", "msg_type": ""}, "parent_header": {}, "metadata": {}, "content": []}',
        b"",
        struct.pack(">II", 0, 8),
        struct.pack(">II", 2**32 - 1, 8),
        struct.pack(">II", 1, 4),
        struct.pack(">III", 2, 12, 4) + b"{}",
    ],
)
def test_a_malformed_frame_is_refused(frame: str | bytes) -> None:
    with pytest.raises(FramingError):
        decode(frame)


@given(st.binary(max_size=200))
def test_no_frame_breaks_the_reading(frame: bytes) -> None:
    with pytest.raises(FramingError):
        decode(frame)
