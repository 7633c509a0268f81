"""Connections that are silent, slow, or not read: they end, and hold nothing."""

from __future__ import annotations

import re
import socket
from contextlib import suppress

import pytest
import wire_attacks
from attacker import Attacker, masked
from gateway import Gateway, refusals, wait_until
from house import memory
from trouble import MB, move

from stagedoor.jupyter.framing import encode
from stagedoor.jupyter.message import Message


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


def test_an_answer_that_nobody_takes_is_given_up(gateway: Gateway) -> None:
    attacker = Attacker(gateway, "app")
    before = refusals(gateway, "unread")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((attacker.address.hostname, attacker.address.port))
        connection.sendall(f"GET /apps/long/recording HTTP/1.1\r\nHost: {attacker.address.netloc}\r\n\r\n".encode())
        wait_until(lambda: refusals(gateway, "unread") > before)


def test_an_answer_that_is_taken_slowly_arrives(gateway: Gateway) -> None:
    """Longer than nothing may be taken, but always something."""
    attacker = Attacker(gateway, "app")
    before, received = refusals(gateway, "unread"), 0
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        connection.settimeout(20)
        connection.connect((attacker.address.hostname, attacker.address.port))
        connection.sendall(f"GET /apps/long/recording HTTP/1.1\r\nHost: {attacker.address.netloc}\r\n\r\n".encode())
        head = connection.recv(2000)
        size = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        received = len(head.partition(b"\r\n\r\n")[2])
        with gateway.page("app") as page:
            for value in range(1, 1000):  # each of which takes some time
                move(page, value)
                for _ in range(20):
                    received += len(connection.recv(2**14))
                if received >= size:
                    break
    assert received == size
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
