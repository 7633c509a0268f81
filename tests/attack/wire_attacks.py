"""The websocket itself: who may connect, and what is sent on a connection that is no frame of a message."""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

import base64
import os
import socket
import struct
import time
import zlib
from contextlib import suppress

from attacker import Attacker, masked

from stagedoor.jupyter.framing import PROTOCOL

UPGRADE = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
SPEAKS = f"Sec-WebSocket-Protocol: {PROTOCOL}"
HUGE = 200 * 2**20

# How a connection ends (RFC 6455, section 7.4.1).
LEFT, WRONG, NO_TEXT, POLICY, TOO_BIG = 1000, 1002, 1007, 1008, 1009
TINY: set[int | None] = {POLICY, None}
"""Many frames that are no messages are read slowly, then cut off."""


def key() -> str:
    return "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()


def handshakes(attacker: Attacker) -> None:
    """Websockets to other places, in other protocols, and half of what a handshake takes."""
    target = f"/apps/{attacker.app}/live"
    wrong = [
        [*UPGRADE, key()], [*UPGRADE, SPEAKS], [*UPGRADE, key(), "Sec-WebSocket-Protocol: x, y"], UPGRADE[:1], UPGRADE[:2],
        [*UPGRADE[:2], key(), SPEAKS, "Sec-WebSocket-Version: 7"], [*UPGRADE, key(), key(), SPEAKS], [*UPGRADE, "Sec-WebSocket-Key: x", SPEAKS],
        [*UPGRADE, "Sec-WebSocket-Key: é\x80", SPEAKS], ["Upgrade: websocket, h2c", *UPGRADE[1:], key(), SPEAKS],
        [*UPGRADE, key(), SPEAKS.upper()], [*UPGRADE, key(), f"Sec-WebSocket-Protocol: {PROTOCOL}x"], [*UPGRADE, UPGRADE[2], key(), SPEAKS],
        [*UPGRADE, key(), "Sec-WebSocket-Protocol: ,,;"],
    ]  # fmt: skip

    def shake(headers: list[str]) -> None:
        answer = attacker.get(target, *headers, kind="handshakes")
        assert not answer.startswith(b"HTTP/1.1 101"), f"{headers} open a connection"

    attacker.at_once(shake, wrong)
    for method in ("POST", "HEAD", "OPTIONS"):
        attacker.get(target, *UPGRADE, key(), SPEAKS, method=method, kind="handshakes")
    elsewhere = ["/", "/apps/x/live", "/apps/broken/live", "/apps/failing/live", "/live", f"{target}/", "/metrics", f"/apps/{attacker.app}", "/healthz", "//", "*",
                 "/\x80", "/api/kernels/x/channels", f"{target}%00", f"/apps/{attacker.app}/../{attacker.app}/live", f"{target}?{'x' * 20_000}"]  # fmt: skip
    attacker.at_once(lambda path: attacker.get(path, *UPGRADE, key(), SPEAKS, kind="handshakes"), elsewhere)
    queries = [
        "?generation=%ff",
        "?generation=" + "x" * 5000,
        "?generation=x&generation=y",
        "?session=x",
        "?token=x",
        "?%00",
        "?=&&;",
    ]
    for also in [*(target + query for query in queries), f"/apps/{attacker.app}%2flive"]:
        attacker.tries("handshakes")
        with attacker.socket(3.0) as connection:
            handshake(attacker, connection, target=also)


def wire(attacker: Attacker) -> None:
    """Lengths, fragments, bombs, masks, reserved bits: each ends the connection in its way, or is nothing at all."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(b"\0" * 50_000_000) + bomb.flush(zlib.Z_SYNC_FLUSH)
    fragment, go_on = masked(b"a", 0x02), masked(b"a", 0x00)
    shapes: list[tuple[bytes, set[int | None]]] = [
        *((b"\x82\xff" + struct.pack(">Q", size) + b"abcd", {TOO_BIG}) for size in (HUGE, 17 * 2**20, 2**32, 2**63 - 1)),
        (b"\x82\xff" + struct.pack(">Q", 2**64 - 1) + b"abcd", {WRONG, TOO_BIG}),
        (b"\x82\x05hello", {WRONG}),  # not masked
        (masked(packed, 0xC2), {WRONG}), (b"\xf2\x80abcd", {WRONG}), (b"\xa2\x80abcd", {WRONG}),  # reserved bits
        *((bytes([0x80 | kind]) + b"\x80abcd", {WRONG}) for kind in (3, 7, 11, 15)),  # kinds of frames that there are not
        (go_on, {WRONG}), (fragment * 2, {WRONG}), (b"\x02\x80abcd" * 2000, {WRONG}),
        (masked(b"x", 0x09), {WRONG}), (masked(b"x" * 200, 0x89), {WRONG}), (masked(b"\0", 0x88), {WRONG}), (masked(b"\0\0", 0x88), {WRONG}),
        (masked(b"\x03\xe8\xff\xfe", 0x88), {NO_TEXT, WRONG}), (masked(b"\xff\xfe\xfd", 0x81), {NO_TEXT}),
        (masked(b"a" * 2**20, 0x02) + masked(b"a" * 2**20, 0x00) * 16, {TOO_BIG}),  # fragments of one that is too large
        (b"\x8a\x80abcd" * 1000, set()), (b"\x89\x80abcd" * 1000, set()), (fragment + go_on * 1000, set()),
        (fragment + b"\x89\x80abcd" + go_on * 3 + b"\x8a\x80abcd", set()),
        (masked(b"x") * 1000, TINY), (masked(b"") * 1000, TINY), (masked(b"x", 0x81) * 1000, TINY),  # a thousand tiny frames
        (fragment + masked(b"a", 0x80) + (fragment + masked(b"a", 0x80)) * 500, TINY),
    ]  # fmt: skip

    def send(shape: tuple[bytes, set[int | None]]) -> None:
        data, codes = shape
        ended = _closed_with(attacker, data, limit=0.5 if None in codes or not codes else 3.0)
        assert (ended in codes) if codes else ended is None, f"{data[:40]!r} ends the connection with {ended}"

    attacker.at_once(send, shapes)


def handshake(attacker: Attacker, connection: socket.socket, *more: str, target: str = "") -> None:
    """Opens a live connection on a bare socket."""
    target = target or f"/apps/{attacker.app}/live?generation={attacker.recording.generation}"
    lines = [f"GET {target} HTTP/1.1", f"Host: {attacker.address.netloc}", *UPGRADE, key(), SPEAKS, *more, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1)
    attacker.keep("handshake", head)
    assert head.startswith(b"HTTP/1.1 101"), head
    assert b"permessage-deflate" not in head, "what a page sends cannot be a compressed bomb"


def _closed_with(attacker: Attacker, data: bytes, *, limit: float) -> int | None:
    """The code with which the gateway closes the connection when this is sent on it; None if it does not."""
    attacker.tries("wire")
    with attacker.socket(limit) as connection:
        handshake(attacker, connection, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
        answer = b""
        with suppress(OSError):
            connection.sendall(data)
        with suppress(OSError):
            while _close_code(answer) is None and (chunk := connection.recv(2**16)):
                answer += chunk
    attacker.received.append(("wire", answer))
    return _close_code(answer)


def _close_code(answer: bytes) -> int | None:
    """The code of the close frame among a server's frames, all of which are short here."""
    at = 0
    while at + 2 <= len(answer):
        kind, size = answer[at] & 0x0F, answer[at + 1]
        if kind == 8:
            return int(struct.unpack_from(">H", answer, at + 2)[0]) if size >= 2 else LEFT
        at += 2 + size
    return None


def large(attacker: Attacker) -> int:
    """A message of 200 MB, sent as it is; returns how much of it the gateway took before it hung up."""
    attacker.tries("wire")
    sent = 0
    with attacker.socket(10.0) as connection:
        handshake(attacker, connection)
        with suppress(OSError):
            connection.sendall(b"\x82\xff" + struct.pack(">Q", HUGE) + b"abcd")
            while sent < HUGE:
                sent += connection.send(b"x" * 2**16)
    return sent


def dripped(attacker: Attacker, limit: float) -> float:
    """A frame that comes byte by byte; returns for how many seconds the gateway waited."""
    attacker.tries("wire")
    began = time.monotonic()
    with attacker.socket(0.05) as connection:
        handshake(attacker, connection)
        for byte in masked(b"x" * 100_000):
            if time.monotonic() - began > limit:
                break
            try:
                connection.sendall(bytes([byte]))
                if not connection.recv(100):
                    break
            except TimeoutError:
                continue  # it waits for more
            except OSError:
                break
    return time.monotonic() - began
