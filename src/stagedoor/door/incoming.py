"""What a page sends, read more strictly than what a kernel sends: a frame can be read in one way, or is refused."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from ..jupyter.framing import FramingError, split
from ..jupyter.message import Buffer, Json, Message
from .gate import Refused

MAX_DEPTH = 64
_MAX_PARTS = 512
_TYPE = re.compile(r"[a-z_]{1,64}")
_CHANNEL = re.compile(rb"[a-z]{0,16}")
_LARGEST = 2**63
# Every digit alike: what may be too large a number is found by a fixed text, ten times as fast as by a pattern.
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_MANY_DIGITS = b"0" * 19


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Sizes in bytes."""

    frame: int = 16 * 2**20
    """Of a frame in all; most of it are the buffers."""
    json: int = 2**20
    """Of a frame's JSON."""


def read_message(frame: Buffer, limits: FrameLimits) -> Message:
    """The message of a page's frame. Its parent header and metadata say nothing to us, and are not read.

    Raises:
        Refused: the frame is malformed, too large, or its JSON can be read in more than one way.
    """
    if len(frame) > limits.frame:
        raise Refused("frame_size")
    try:
        parts = split(frame, max_parts=_MAX_PARTS)
    except FramingError:
        raise Refused("bad_frame") from None
    if len(parts) < 5 or not _CHANNEL.fullmatch(parts[0]):
        raise Refused("bad_frame")
    if sum(map(len, parts[:5])) > limits.json:
        raise Refused("json_size")
    header, content = read_object(parts[1]), read_object(parts[4])
    msg_id, msg_type = header.get("msg_id"), header.get("msg_type")
    if not isinstance(msg_id, str) or not isinstance(msg_type, str) or not _TYPE.fullmatch(msg_type):
        raise Refused("bad_header")
    return Message(str(parts[0], "ascii"), msg_type, content, msg_id=msg_id, buffers=parts[5:])


def read_object(data: Buffer) -> Json:
    """A JSON object in which nothing is ambiguous (RFC 8259 leaves several things to the reader).

    Raises:
        Refused: it is something else.
    """
    raw = bytes(data)
    value = _read_plain(raw)
    if value is None:
        value = _read_carefully(raw)
    if not isinstance(value, dict):
        raise Refused("bad_content")
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(value, MAX_DEPTH)
    if _MANY_DIGITS in raw.translate(_DIGITS_ALIKE):
        _check_integers(value)
    return value


def _read_plain(raw: bytes) -> Any:
    """The value of JSON as pages write it; None where something in it has to be looked at more closely.

    The fast reader keeps the last of two keys of one name. As many colons as keys: there are none.
    """
    if b"\\u" in raw:
        return None
    try:
        value = _decode(raw)
    except (ValueError, RecursionError):
        return None
    return value if raw.count(b":") == _count_keys(value, raw.count(b"{")) else None


def _count_keys(value: Any, objects: int) -> int:
    """The keys of all objects in a value, of which there are so many at most."""
    keys, unseen = 0, [value]
    while unseen and objects:
        one = unseen.pop()
        if isinstance(one, dict):
            objects -= 1
            keys += len(one)
            unseen.extend(one.values())
        elif isinstance(one, list):
            unseen.extend(one)
    return keys


def _read_carefully(raw: bytes) -> Any:
    try:
        value = _DECODER.decode(raw.decode())
    except RecursionError:
        raise Refused("json_depth") from None
    except ValueError:
        raise Refused("bad_json") from None
    if b"\\u" in raw:
        _check_characters(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Refused("duplicate_key")
    return value


def _no_number(text: str) -> None:
    raise Refused("json_number")  # NaN, Infinity, -Infinity: not JSON


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Refused("json_number")
    return number


_decode = msgspec.json.Decoder().decode
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite)


def _check_depth(value: Any, left: int) -> None:
    if left < 0:
        raise Refused("json_depth")
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            _check_depth(item, left - 1)


def _check_integers(value: Any) -> None:
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            _check_integers(item)
        elif isinstance(item, int) and abs(item) >= _LARGEST:
            raise Refused("json_number")


def _check_characters(value: Any) -> None:
    """Half of a surrogate pair is no character (RFC 8259, section 8.2)."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Refused("json_text") from None
