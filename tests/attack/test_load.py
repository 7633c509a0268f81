"""One visitor takes all that there is: the others go on, both sides are told, and it passes by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import wire_attacks
from attacker import Attacker, masked
from gateway import Gateway, Page, refusals, running_gateway, wait_until
from house import memory
from trouble import APP, MB, ended, is_idle, kernels, move, press, resident, sleepers, until_busy

from stagedoor.jupyter.framing import encode
from stagedoor.jupyter.message import Message


@pytest.fixture
def gateway(trouble: Gateway) -> Gateway:
    return trouble


@pytest.fixture
def other(gateway: Gateway) -> Iterator[Page]:
    """Another visitor, who is there already."""
    with gateway.page("app") as page:
        move(page, 1)
        yield page


def test_a_callback_that_never_returns_holds_up_nobody_else(gateway: Gateway, other: Page) -> None:
    before = kernels(gateway)
    with gateway.page("app") as page:
        # The visitor is told: the page is busy, for as long as it takes.
        until_busy(page, press(page, "burn"))
        move(other, 2)
        with gateway.page("app") as new:
            move(new, 3)
    assert ended(gateway, page)["code"] == "left"
    wait_until(lambda: kernels(gateway) <= before)
    move(other, 4)


def test_a_callback_that_never_returns_ends_where_processor_time_does(gateway: Gateway, other: Page) -> None:
    with gateway.page("limited") as page:
        press(page, "burn")
        told = page.until(lambda m: m.content.get("state") == "ended", 90).content
        assert (told["code"], told["message"]) == (
            "kernel_died",
            "The program behind this page has stopped unexpectedly.",
        )
    line = ended(gateway, page)
    assert line["level"] == "error"
    assert re.search(r"SIGXCPU|SIGKILL", line["reason"])
    assert re.search(r'stagedoor_sessions_ended_total\{\w+="kernel_died"\} [1-9]', gateway.get("/metrics").text)
    move(other, 5)
    with gateway.page("limited") as again:
        move(again, 6)


def test_a_visitor_who_eats_memory_gets_an_error_and_goes_on(gateway: Gateway, other: Page) -> None:
    with gateway.page("app") as page:
        done = page.until_done(press(page, "eat"))
        (error,) = [m.content for m in done if m.msg_type == "error"]
        assert error["ename"] == "MemoryError"
        problem = error["evalue"].split()[-1].rstrip(".")
        assert wait_until(lambda: gateway.logged(problem))
        move(other, 7)
        move(page, 8)


def test_a_visitor_who_eats_memory_bit_by_bit_gets_no_more_than_that(gateway: Gateway, other: Page) -> None:
    with gateway.page("app") as page:
        nibbled = press(page, "nibble")
        # Python may have too little left to say what has happened, or to live.
        page.until(lambda m: m.content.get("state") == "ended" or is_idle(m, nibbled), 90)
        assert max(map(resident, kernels(gateway))) < 600 * MB
        move(other, 13)


def test_what_a_visitors_kernel_has_started_goes_with_it(gateway: Gateway, other: Page) -> None:
    with gateway.page("app") as page:
        page.until_done(press(page, "fork"))
        assert page.text == "forked\n"
        wait_until(lambda: len(sleepers()) == 7)
        move(other, 9)
    wait_until(lambda: not sleepers())
    move(other, 10)


def test_who_prints_without_end_and_reads_nothing_fills_no_memory(gateway: Gateway, other: Page) -> None:
    before = memory(gateway)
    attacker = Attacker(gateway, "app")
    with attacker.socket(20.0) as connection:
        wire_attacks.handshake(attacker, connection)
        data = {"method": "custom", "content": {"event": "click"}}
        content = {"comm_id": attacker.comm("ButtonModel", description="shout"), "data": data}
        connection.sendall(masked(encode(Message("shell", "comm_msg", content, msg_id="p-1"))))
        head = connection.recv(4096)
        while b'"id":"' not in head:
            head += connection.recv(4096)
        (label,) = set(re.findall(rb'"id":"([0-9a-f]{8})"', head))
        for value in range(20, 28):
            move(other, value)
        assert memory(gateway) - before < 120 * MB
        # Nothing is read, so no ping is answered: the session ends, though the connection was never closed.
        wait_until(lambda: [line for line in gateway.logged("session ended") if label.decode() in line], 30)
    assert refusals(gateway, "unread") >= 1
    move(other, 11)


def test_more_visitors_than_fit_wait_or_are_told_to_come_later(tmp_path: Path) -> None:
    app, settings = tmp_path / "app.py", tmp_path / "stagedoor.toml"
    app.write_text(APP)
    settings.write_text('[log]\nformat = "json"\n[sessions]\nseats = 1\n[limits]\nqueue = 1\n')
    with running_gateway([app], "--config", str(settings)) as gateway:
        first, second, third, later = (gateway.page("app") for _ in range(4))
        move(first, 1)
        second.send("control", "stagedoor_open", {})
        second.until(lambda m: "number 1 in the queue" in m.content.get("message", ""))
        third.send("control", "stagedoor_open", {})
        told = third.until_state("failed").content
        assert told["code"] == "full"
        assert "few minutes" in told["message"]
        assert refusals(gateway, "queue") == 1
        assert ended(gateway, third)["code"] == "full"
        assert "stagedoor_sessions_waiting 1.0" in gateway.get("/metrics").text
        move(first, 2)
        first.close()
        second.until_state("live")
        move(second, 3)
        second.close()
        move(later, 4)
        for page in (third, later):
            page.close()
