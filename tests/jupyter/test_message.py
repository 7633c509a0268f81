"""What Python's kernels write and no other JSON reader takes must not cost a message, nor reach a browser."""

from __future__ import annotations

import json
import math

import pytest

from stagedoor.jupyter.message import Message, decode_json, encode_json


def test_a_content_is_decoded_when_it_is_looked_at_and_passed_on_as_it_came() -> None:
    raw = b'{ "text" : "as it came" }'
    message = Message("iopub", "stream", raw, parent_id="cell-0")
    assert message.content == {"text": "as it came"}
    assert message.content_json is raw
    assert message.replace(parent_id="cell-1").content_json is raw


def test_bytes_that_are_no_utf8_are_replaced_and_not_passed_on() -> None:
    # jupyter_client encodes with "surrogateescape": a file name of another encoding arrives as such a byte.
    message = Message("iopub", "stream", b'{"name": "stdout", "text": "caf\xe9"}')
    assert message.content["text"] == "caf\ufffd"
    assert json.loads(
        message.content_json.tobytes() if isinstance(message.content_json, memoryview) else message.content_json
    ) == {
        "name": "stdout",
        "text": "caf\ufffd",
    }


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert decode_json(rb'{"text": "\ud800 x"}') == {"text": "? x"}
    assert encode_json({"text": "\ud800 x"}) == b'{"text":"? x"}'
    assert decode_json(rb'{"text": "\ud83d\ude00"}') == {"text": "\U0001f600"}


def test_nan_is_read_and_leaves_as_null() -> None:
    message = Message("iopub", "comm_msg", b'{"value": NaN, "high": Infinity}')
    assert math.isnan(message.content["value"])
    assert math.isinf(message.content["high"])
    assert json.loads(bytes(message.content_json)) == {"value": None, "high": None}


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"[NaN, " + b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_json(text)


@pytest.mark.parametrize("text", [b"[]", b'"text"', b"null", b"[NaN]"])
def test_a_content_that_is_no_object_is_a_value_error_each_time(text: bytes) -> None:
    message = Message("iopub", "stream", text)
    for _ in range(2):
        with pytest.raises(ValueError, match="object"):
            _ = message.content
