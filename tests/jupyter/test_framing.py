"""Frames: what is joined comes apart again, and nothing else does."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagedoor.jupyter.framing import MAX_PARTS, FramingError, decode, encode, join, split
from stagedoor.jupyter.message import Message


@given(st.lists(st.binary(max_size=64), max_size=12))
def test_what_is_joined_comes_apart_again(parts: list[bytes]) -> None:
    assert [bytes(part) for part in split(join(parts))] == parts


@given(st.binary(max_size=200))
def test_garbage_is_refused_with_a_framing_error_alone(frame: bytes) -> None:
    try:
        split(frame)
        decode(frame)
    except FramingError:
        pass


@given(st.binary(max_size=30), st.data())
def test_a_frame_that_was_tampered_with_never_reaches_beyond_itself(part: bytes, data: st.DataObject) -> None:
    frame = bytearray(join([part, part]))
    place = data.draw(st.integers(0, 31))
    frame[place] = data.draw(st.integers(0, 255))
    try:
        parts = split(bytes(frame))
    except FramingError:
        return
    assert sum(len(part) for part in parts) == len(frame) - 8 * (len(parts) + 2)


def test_a_message_of_many_kinds_of_buffers() -> None:
    wide: Any = memoryview(struct.pack("<3d", 1, 2, 3)).cast("d")  # as numpy gives them: three items, 24 bytes
    message = Message(
        "iopub", "comm_msg", {"a": 1}, msg_id="m", parent_id="p", metadata={"v": 1}, buffers=[b"xy", wide, b""]
    )
    back = decode(encode(message))
    assert (back.channel, back.msg_type, back.msg_id, back.parent_id) == ("iopub", "comm_msg", "m", "p")
    assert (back.content, back.metadata) == ({"a": 1}, {"v": 1})
    assert [bytes(buffer) for buffer in back.buffers] == [b"xy", struct.pack("<3d", 1, 2, 3), b""]


def test_more_parts_than_anybody_needs_are_refused_unless_they_are_our_own() -> None:
    frame = join([b""] * (MAX_PARTS + 1))
    with pytest.raises(FramingError):
        split(frame)
    assert len(split(frame, max_parts=MAX_PARTS + 1)) == MAX_PARTS + 1
