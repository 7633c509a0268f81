"""A recording: everything in it comes out again, and what is large is in it once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagedoor.jupyter.framing import MAX_PARTS, FramingError, join, split
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.recording import Recording, decode_recording, encode_recording


def recorded(messages: Sequence[Message]) -> bytes:
    return encode_recording(
        app="thebe_test",
        title="A test",
        generation="5f1c",
        cells=[{"name": "plot", "id": "cell-0"}],
        assets={"plotly": "assets/0a1b/plotly.js"},
        messages=messages,
        extensions={"bqplot": {"kind": "amd", "address": "assets/2c3d/index.js"}},
    )


def opened(comm_id: str, state: dict[str, Any], *buffers: bytes, paths: Sequence[Any] = ()) -> Message:
    data = {"state": state, "buffer_paths": list(paths)}
    content = {"comm_id": comm_id, "target_name": "jupyter.widget", "data": data}
    return Message("iopub", "comm_open", content, msg_id=comm_id, parent_id="cell-0", buffers=buffers)


def contents(frame: bytes) -> Any:
    return json.loads(bytes(split(frame, max_parts=10**6)[0]))


def essence(messages: Sequence[Message]) -> list[tuple[Any, ...]]:
    return [(m.channel, m.msg_type, m.msg_id, m.parent_id, m.metadata, m.content, list(m.buffers)) for m in messages]


def test_it_is_laid_out_as_the_protocol_says() -> None:
    esm = "export default {}" * 100
    frame = recorded([opened("a", {"_esm": esm}, b"png", paths=[["value"]]), opened("b", {"_esm": esm})])
    assert contents(frame) == {
        "format": 1,
        "app": "thebe_test",
        "title": "A test",
        "generation": "5f1c",
        "cells": [{"name": "plot", "id": "cell-0"}],
        "assets": {"plotly": "assets/0a1b/plotly.js"},
        "extensions": {"bqplot": {"kind": "amd", "address": "assets/2c3d/index.js"}},
        "messages": [
            {
                "channel": "iopub",
                "header": {"msg_id": "a", "msg_type": "comm_open"},
                "parent_header": {"msg_id": "cell-0"},
                "metadata": {},
                "content": {
                    "comm_id": "a",
                    "target_name": "jupyter.widget",
                    "data": {"state": {"_esm": ""}, "buffer_paths": [["value"]]},
                },
                "buffers": [2],
            },
            {
                "channel": "iopub",
                "header": {"msg_id": "b", "msg_type": "comm_open"},
                "parent_header": {"msg_id": "cell-0"},
                "metadata": {},
                "content": {
                    "comm_id": "b",
                    "target_name": "jupyter.widget",
                    "data": {"state": {"_esm": ""}, "buffer_paths": []},
                },
                "buffers": [],
            },
        ],
        "shared": [
            {"path": [0, "content", "data", "state", "_esm"], "part": 1},
            {"path": [1, "content", "data", "state", "_esm"], "part": 1},
        ],
    }
    assert [bytes(part) for part in split(frame)[1:]] == [esm.encode(), b"png"]


def test_equal_buffers_are_stored_once() -> None:
    frame = recorded([opened(f"c{n}", {}, b"same" * 1_000, paths=[["value"]]) for n in range(50)])
    assert len(split(frame)) == 2
    assert [list(m.buffers) for m in decode_recording(frame).messages] == [[b"same" * 1_000]] * 50


@pytest.mark.parametrize(("length", "times", "stored"), [(999, 9, 0), (1_000, 1, 0), (1_000, 2, 1), (64_000, 1, 1)])
def test_texts_are_stored_apart_when_it_pays(length: int, times: int, stored: int) -> None:
    frame = recorded([opened(f"c{n}", {"deep": [{"text": "é" * length}]}) for n in range(times)])
    assert len(split(frame)) == 1 + stored
    states = [m.content["data"]["state"] for m in decode_recording(frame).messages]
    assert states == [{"deep": [{"text": "é" * length}]}] * times


def test_the_messages_given_stay_as_they_are() -> None:
    message = opened("a", {"texts": ["x" * 70_000, "y"]}, b"b", paths=[["value"]])
    before = json.dumps(message.content)
    recorded([message])
    assert json.dumps(message.content) == before


def test_more_parts_than_a_frame_from_elsewhere_may_have() -> None:
    messages = [opened(f"c{n}", {}, str(n).encode(), paths=[["value"]]) for n in range(MAX_PARTS + 10)]
    assert essence(decode_recording(recorded(messages)).messages) == essence(messages)


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=4)
    | st.sampled_from(["a" * 1_000, "b" * 70_000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.lists(
        st.builds(opened, st.text(max_size=3), st.dictionaries(st.text(max_size=3), _json, max_size=3)), max_size=4
    )
)
def test_everything_comes_out_again_and_the_same_bytes_come_twice(messages: list[Message]) -> None:
    frame = recorded(messages)
    assert frame == recorded(messages)
    back = decode_recording(frame)
    assert essence(back.messages) == essence(messages)
    assert back == Recording(
        app="thebe_test",
        title="A test",
        generation="5f1c",
        cells=[{"name": "plot", "id": "cell-0"}],
        assets={"plotly": "assets/0a1b/plotly.js"},
        messages=back.messages,
        extensions={"bqplot": {"kind": "amd", "address": "assets/2c3d/index.js"}},
    )


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        join([]),
        join([b"no JSON"]),
        join([b"[]"]),
        join([b'{"format": 1}']),
        join([b'{"format": 2, "messages": []}']),
        join([b'{"format": 1, "messages": [{}], "shared": [{"path": [0, "x"], "part": 1}]}']),
        join([b'{"format": 1, "messages": [{}], "shared": [{"path": [], "part": 1}]}', b"x"]),
        join([b'{"format": 1, "messages": [{}], "shared": [{"path": [7, "x"], "part": 1}]}', b"x"]),
        join([b'{"format": 1, "messages": [{}], "shared": [{"path": [0, "x"], "part": 0}]}', b"x"]),
    ],
)
def test_what_is_no_recording_is_a_framing_error(frame: bytes) -> None:
    with pytest.raises(FramingError):
        decode_recording(frame)
