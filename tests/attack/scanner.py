"""Looks for marks in whatever was received, however it is encoded."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import brotli
from marked import HIDDEN

from stagedoor.jupyter.framing import FramingError, split

_MARK = re.compile(rb"zq(?:hidden|shown)[a-j]{4}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){12,}")
_DEPTH = 5


def marks_in(data: bytes) -> set[str]:
    """The marks in the data: as it is, and in every layer of encoding that can be taken off."""
    found: set[str] = set()
    seen: set[bytes] = set()

    def look(layer: bytes, depth: int) -> None:
        if layer in seen or not layer:
            return
        seen.add(layer)
        found.update(mark.decode() for mark in _MARK.findall(layer.lower()))
        if depth:
            for inner in _inner_layers(layer):
                look(inner, depth - 1)

    look(data, _DEPTH)
    return found


def hidden_in(data: bytes) -> set[str]:
    return {mark for mark in marks_in(data) if mark.startswith(HIDDEN)}


def _inner_layers(data: bytes) -> Iterator[bytes]:
    yield from _unpacked(data)
    if b"\0" in data:
        yield data.replace(b"\0", b"")  # UTF-16 and UTF-32 of plain letters
    yield from _parts(data)
    yield from _json_texts(data)
    if b"%" in data:
        yield unquote_to_bytes(data)
    if b"&" in data:
        yield html.unescape(data.decode("utf-8", "ignore")).encode()
    if b"\\" in data:
        yield re.sub(rb"\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})", _unescaped, data)
    for text in _BASE64.findall(data):
        for start in range(4):
            piece = text[start:].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
            yield base64.b64decode(piece[: len(piece) // 4 * 4])
    for text in _HEX.findall(data):
        yield binascii.unhexlify(text)


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1] or match[2], 16)])


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What can be unpacked, also of a part of a packed whole."""
    if data[:2] == b"\x1f\x8b":
        yield _inflated(data, 31)
    if data[:1] == b"\x78":
        yield _inflated(data, 15)
    with suppress(brotli.error):
        yield brotli.decompress(data)
    for at in re.finditer(rb"zTXt|IDAT|iCCP", data):  # compressed parts of a PNG
        yield _inflated(data[at.end() :], 15)


def _inflated(data: bytes, bits: int) -> bytes:
    with suppress(zlib.error):
        return zlib.decompressobj(bits).decompress(data)
    return b""


def _parts(data: bytes) -> Iterator[bytes]:
    with suppress(FramingError):
        yield from (bytes(part) for part in split(data, max_parts=100_000))


def _json_texts(data: bytes) -> Iterator[bytes]:
    if data[:1] not in (b"{", b"[", b'"'):
        return
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    holders = [value]
    while holders:
        item = holders.pop()
        if isinstance(item, dict):
            holders += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            holders += item
        elif isinstance(item, str):
            yield item.encode("utf-8", "replace")
