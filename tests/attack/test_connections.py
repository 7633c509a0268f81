"""Connections that are silent, slow, or not read: they end, and hold nothing."""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import wire_attacks
from attacker import Attacker, masked
from gateway import Gateway, refusals, wait_until
from house import memory
from trouble import MB, move

from stagedoor.jupyter.framing import encode
from stagedoor.jupyter.message import Message
from stagedoor.web.assets import STATIC

LARGEST = max((STATIC / "assets").iterdir(), key=lambda path: path.stat().st_size).relative_to(STATIC).as_posix()
ANSWERS = 10


@pytest.fixture
def gateway(trouble: Gateway) -> Gateway:
    return trouble


def test_a_page_that_has_vanished_without_a_word_is_missed(gateway: Gateway) -> None:
    attacker = Attacker(gateway, "app")
    before = refusals(gateway, "unread")
    with attacker.socket(20.0) as connection:
        wire_attacks.handshake(attacker, connection)
        connection.sendall(masked(encode(Message("control", "stagedoor_open", {}, msg_id="o"))))
        received = b""
        with suppress(ConnectionError):
            while chunk := connection.recv(2**16):  # pings among them, which nobody answers
                received += chunk
    assert b'"live"' in received
    (label,) = set(re.findall(rb'"id":"([0-9a-f]{8})"', received))
    assert refusals(gateway, "unread") == before + 1
    wait_until(lambda: [line for line in gateway.logged("session ended") if label.decode() in line])


def ask_much(gateway: Gateway, connection: socket.socket) -> None:
    """Asks for more, one after the other, than the buffers of a connection hold."""
    address = urlsplit(gateway.url)
    connection.settimeout(20)
    connection.connect((address.hostname, address.port))
    request = f"GET /{LARGEST} HTTP/1.1\r\nHost: {address.netloc}\r\n"
    connection.sendall((f"{request}\r\n" * (ANSWERS - 1) + f"{request}Connection: close\r\n\r\n").encode())


def test_answers_that_nobody_takes_are_given_up(gateway: Gateway) -> None:
    before = refusals(gateway, "unread")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ask_much(gateway, connection)
        wait_until(lambda: refusals(gateway, "unread") > before)


def test_answers_that_are_taken_slowly_arrive(gateway: Gateway) -> None:
    """It takes longer than nothing may be taken for, but always something is."""
    before, received, began = refusals(gateway, "unread"), b"", time.monotonic()
    with socket.socket() as connection, gateway.page("app") as page:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        ask_much(gateway, connection)
        value = 0
        while chunk := connection.recv(2**13 if time.monotonic() - began < 3 else 2**16):
            received += chunk
            value = value % 999 + 1
            move(page, value)  # takes some time
    assert received.count(b"HTTP/1.1 200") == ANSWERS
    assert len(received) > ANSWERS * (STATIC / LARGEST).stat().st_size
    assert refusals(gateway, "unread") == before


def test_a_connection_on_which_nothing_comes_is_closed(gateway: Gateway) -> None:
    attacker = Attacker(gateway, "app")
    before = refusals(gateway, "request")
    with attacker.socket(20.0) as connection, suppress(ConnectionResetError):
        assert connection.recv(1) == b""
    assert refusals(gateway, "request") == before + 1


def test_a_frame_that_comes_byte_by_byte_is_not_waited_for(gateway: Gateway) -> None:
    before = refusals(gateway, "silence")
    assert wire_attacks.dripped(Attacker(gateway, "app"), limit=20) < 15
    wait_until(lambda: refusals(gateway, "silence") == before + 1)


def test_of_a_message_of_200_megabytes_little_is_taken(gateway: Gateway) -> None:
    before = memory(gateway)
    assert wire_attacks.large(Attacker(gateway, "app")) < 20 * MB  # what fits into the buffers on the way
    assert memory(gateway) - before < 20 * MB
