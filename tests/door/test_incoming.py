"""A page's frames are read in one way, or refused."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagedoor.door.gate import Refused
from stagedoor.door.incoming import FrameLimits, read_message, read_object
from stagedoor.jupyter.framing import join

LIMITS = FrameLimits(frame=100_000, json=10_000)
HEADER = json.dumps({"msg_id": "p-1", "msg_type": "comm_msg"}).encode()


def frame(content: bytes = b"{}", header: bytes = HEADER, channel: bytes = b"shell", *buffers: bytes) -> bytes:
    return join([channel, header, b"{}", b"{}", content, *buffers])


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_message(data, LIMITS)
    return caught.value.reason


def test_a_message_is_read() -> None:
    message = read_message(frame(b'{"a": [1, 2.5, "\\u00e9"]}', HEADER, b"shell", b"xyz"), LIMITS)
    assert (message.channel, message.msg_type, message.msg_id) == ("shell", "comm_msg", "p-1")
    assert message.content == {"a": [1, 2.5, "é"]}
    assert [bytes(buffer) for buffer in message.buffers] == [b"xyz"]


def test_what_rides_in_parent_and_metadata_is_not_even_read() -> None:
    parts = [b"shell", HEADER, b"[" * 5000, b'{"a":1,"a":2}', b"{}"]
    message = read_message(join(parts), LIMITS)
    assert (message.parent_id, message.metadata) == ("", {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "duplicate_key"),
        (b'{"a" : {"b":":", "b" :1}}', "duplicate_key"),
        (b'{"a": [[{"b": 1, "b": 1}]], "c": {}}', "duplicate_key"),
        (b'{"a": NaN}', "json_number"),
        (b'{"a": -Infinity}', "json_number"),
        (b'{"a": 1e999}', "json_number"),
        (b'{"a": [{"b": ' + b"9" * 30 + b"}]}", "json_number"),
        (b'{"a": ' + b"9" * 9000 + b"}", "bad_json"),
        (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}", "json_depth"),
        (b"[" * 9000, "json_depth"),
        (b'{"a": "\\ud800"}', "json_text"),
        (b'{"a": "\xff"}', "bad_json"),
        (b"\xef\xbb\xbf{}", "bad_json"),
        (b"[]", "bad_content"),
        (b"null", "bad_content"),
        (b"", "bad_json"),
        (b"{} {}", "bad_json"),
        (b'{"a": "' + b"x" * 10_000 + b'"}', "json_size"),
    ],
)
def test_json_that_can_be_read_in_more_than_one_way(content: bytes, reason: str) -> None:
    assert refusal(frame(content)) == reason


@pytest.mark.parametrize(
    "header",
    [b"{}", b'{"msg_id": 1, "msg_type": "comm_msg"}', b'{"msg_id": "p", "msg_type": "Comm Msg"}', b'{"msg_id": "p"}'],
)
def test_headers(header: bytes) -> None:
    assert refusal(frame(header=header)) == "bad_header"


@pytest.mark.parametrize("channel", [b"SHELL", b"sh\xc3\xa9ll", b"shell\0", b"x" * 17])
def test_channels(channel: bytes) -> None:
    assert refusal(frame(channel=channel)) == "bad_frame"


def test_sizes_and_layouts() -> None:
    assert refusal(frame(b"{}", HEADER, b"shell", b"x" * 100_000)) == "frame_size"
    assert refusal(join([b"shell", HEADER, b"{}", b"{}"])) == "bad_frame"
    assert refusal(join([b"x"] * 600)) == "bad_frame"
    assert refusal(struct.pack("<Q", 2**63) + b"x" * 64) == "bad_frame"
    good = bytearray(frame())
    good[16:24], good[24:32] = good[24:32], good[16:24]
    assert refusal(bytes(good)) == "bad_frame"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        read_message(data, LIMITS)
    except Refused:
        return


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, st.booleans(), st.sampled_from([None, 2]))
def test_what_is_plain_json_is_read_as_it_is(value: object, escaped: bool, indent: int | None) -> None:
    text = json.dumps({"a": value}, ensure_ascii=escaped, indent=indent)
    assert read_object(text.encode()) == {"a": value}


@given(JSON, st.text(), st.sampled_from(["{}", "[{}]", '{{"a:": [{}, {{}}]}}']))
def test_a_key_that_is_there_twice_is_found_wherever_it_is(value: object, key: str, around: str) -> None:
    one = f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
    with pytest.raises(Refused) as caught:
        read_object(f'{{"content": {around.format("{" + one + "," + one + "}")}}}'.encode())
    assert caught.value.reason == "duplicate_key"
