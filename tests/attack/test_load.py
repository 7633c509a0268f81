"""One visitor takes all that there is: the others go on, both sides are told, and it passes by itself."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import wire_attacks
from attacker import Attacker, masked
from gateway import Gateway, Page, refusals, running_gateway, wait_until
from house import memory

from stagedoor.jupyter.framing import encode
from stagedoor.jupyter.message import Message

MB = 2**20
SLEEPER = "sleep 61.83"
"""A program that nobody else runs here."""
APP = f"""
import os, subprocess
import ipywidgets as widgets
from IPython.display import display

kept = []
slider = widgets.IntSlider(max=1000)
slider.observe(lambda change: print("moved to", change["new"]), "value")


def burn(_):
    while True:
        pass


def eat(_):
    bytearray(2_000_000_000)


def nibble(_):
    while len(kept) < 200_000:
        kept.append(bytearray(10_000))


def fork(_):
    for own in (False, True) * 3:
        subprocess.Popen("{SLEEPER}".split(), start_new_session=own)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", "{SLEEPER}".split())
        os._exit(0)
    os.wait()
    print("forked")


def shout(_):
    while True:
        print("x" * 1000)


for act in (burn, eat, nibble, fork, shout):
    button = widgets.Button(description=act.__name__)
    button.on_click(act)
    display(button)
display(slider)
"""
SETTINGS = """
[log]
format = "json"
[sessions]
grace = 0.5
[limits]
unread = 2
silence = 2
request = 1
[kernels]
memory_limit = "300MB"
[apps.limited]
cpu_limit = 1
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("apps")
    (folder / "app.py").write_text(APP)
    (folder / "limited.py").write_text(APP)
    # More than the buffers of a connection hold.
    (folder / "long.py").write_text("import os\nfor _ in range(9000): print(os.urandom(500).hex())")
    settings = folder / "stagedoor.toml"
    settings.write_text(SETTINGS)
    with running_gateway([folder], "--config", str(settings)) as running:
        yield running


@pytest.fixture
def other(gateway: Gateway) -> Iterator[Page]:
    """Another visitor, who is there already."""
    with gateway.page("app") as page:
        move(page, 1)
        yield page


def move(page: Page, value: int) -> None:
    """A visitor moves the slider, and the app answers."""
    page.until_done(page.update(page.comm("IntSliderModel"), value=value))
    assert page.text.endswith(f"moved to {value}\n")


def press(page: Page, label: str) -> str:
    return page.click(page.comm("ButtonModel", description=label))


def until_busy(page: Page, msg_id: str) -> None:
    page.until(lambda m: m.parent_id == msg_id and m.content.get("execution_state") == "busy")


def is_idle(message: Message, msg_id: str) -> bool:
    return message.parent_id == msg_id and bool(message.content.get("execution_state") == "idle")


def kernels(gateway: Gateway) -> set[int]:
    return {child.pid for child in psutil.Process(gateway.process.pid).children(recursive=True)}


def resident(pid: int) -> int:
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0  # it is gone


def sleepers() -> list[int]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cmdline() == SLEEPER.split() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def ended(gateway: Gateway, page: Page) -> dict[str, str]:
    """What the log says of the end of the page's session."""
    (line,) = wait_until(lambda: [line for line in gateway.logged("session ended") if page.label in line])
    found: dict[str, str] = json.loads(line)
    return found


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
        for value in range(20, 40):
            move(other, value)
        assert memory(gateway) - before < 120 * MB
        # Nothing is read, so no ping is answered: the session ends, though the connection was never closed.
        wait_until(lambda: [line for line in gateway.logged("session ended") if label.decode() in line], 30)
    assert refusals(gateway, "unread") >= 1
    move(other, 11)


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


def test_of_a_message_of_200_megabytes_little_is_taken(gateway: Gateway, other: Page) -> None:
    before = memory(gateway)
    assert wire_attacks.large(Attacker(gateway, "app")) < 20 * MB  # what fits into the buffers on the way
    assert memory(gateway) - before < 20 * MB
    move(other, 12)


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
