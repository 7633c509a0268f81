"""The measure of the door: an app full of marks is attacked in every way, and no mark comes out.

``make test`` takes the short form; ``make attack`` the long one (``STAGEDOOR_ATTACK=long``).
"""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

import json
import os
import random
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from attacker import Attacker
from gateway import Gateway, running_gateway, wait_until
from marked import HIDDEN, Theatre, build
from scanner import hidden_in, shown_in

from stagedoor.jupyter.framing import FramingError, decode, split

LONG = os.environ.get("STAGEDOOR_ATTACK") == "long"
SETTINGS = (
    '[log]\nformat = "json"\n[sessions]\ngrace = 1.0\n[limits]\nmessages = 100000\n[kernels]\nsnapshot = "{snapshot}"\n'
)
FATAL = {"exit", "interrupt", "breakpoint"}
OURS = [
    rb"site-packages", rb"\.venv", rb"ipykernel", rb"/usr/lib/python", rb"\bpid\b", rb"kernel-[0-9a-f]{8}", rb"username",
    rb"(?i:uvicorn)", rb"(?i:starlette)", rb"(?i:server: )", rb"(?i:x-powered-by)", rb"Python/3", rb"websockets/1", rb"Traceback",
]  # fmt: skip
"""What is Stagedoor's own and nobody's business."""


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    return build(tmp_path_factory.mktemp("theatre"))


def serve(theatre: Theatre, tmp_path_factory: pytest.TempPathFactory, snapshot: str, *flags: str):  # type: ignore[no-untyped-def]
    config = tmp_path_factory.mktemp("settings") / "stagedoor.toml"
    config.write_text(SETTINGS.format(snapshot=snapshot))
    # The other apps are attacked by their addresses only, once.
    apps = [theatre.folder] if snapshot == "auto" and not flags else [theatre.folder / "marked.py"]
    return running_gateway(apps, "--config", str(config), *flags, env=theatre.environment)


@pytest.fixture(scope="module", params=["auto", "never"])
def gateway(
    request: pytest.FixtureRequest, theatre: Theatre, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    with serve(theatre, tmp_path_factory, request.param) as running:
        running.snapshot = request.param  # type: ignore[attr-defined]
        yield running


def check(attacker: Attacker, theatre: Theatre) -> None:
    """Nothing hidden was received, and nothing of Stagedoor's own."""
    names = [
        re.escape(name.encode())
        for name in (socket.gethostname(), sys.prefix, str(theatre.folder.parent), str(Path.cwd()))
        if len(name) > 3
    ]
    ours = re.compile(b"|".join([*OURS, *names]))
    for where, data in dict.fromkeys(attacker.received):
        leaked = {mark: theatre.marks.places.get(mark, "?") for mark in hidden_in(data)}
        assert not leaked, f"{where} holds {leaked}"
        if where.startswith("routes: b'GET /stagedoor.js") or "licenses" in where:
            continue
        found = ours.search(data)
        assert not found, f"{where} holds {found[0]!r}: {data[max(0, found.start() - 80) : found.end() + 80]!r}"
        if where == "frame":
            check_headers(data)


def check_headers(frame: bytes) -> None:
    try:
        message = decode(frame)
    except FramingError as error:
        raise AssertionError(f"the gateway sends what is no frame: {error}") from None
    header = json.loads(bytes(frame_part(frame, 1)))
    assert set(header) <= {"msg_id", "msg_type", "version"}
    assert set(json.loads(bytes(frame_part(frame, 2)))) <= {"msg_id"}
    assert dict(message.metadata) in ({}, {"version": "2.1.0"})
    if message.msg_type == "error":
        assert set(message.content) == {"ename", "evalue", "traceback"}


def frame_part(frame: bytes, index: int) -> bytes:
    return bytes(split(frame)[index])


def test_no_mark_comes_out(gateway: Gateway, theatre: Theatre) -> None:
    attacker = Attacker(gateway, "marked")
    forked = gateway.snapshot == "auto"  # type: ignore[attr-defined]
    rounds = 8 if LONG else 1
    memory = psutil.Process(gateway.process.pid).memory_info
    before = memory().rss
    # Every way in which an error can arise; with kernels that start slowly, the shorter run takes those that differ.
    ways = attacker.labels if forked or LONG else ["callback", "thread", "output", "debug", "rich", "exit"]
    for label in ways:
        attacker.press(label)
    attacker.act("IntSliderModel", {"value": 7})
    attacker.act("IntSliderModel", {"value": 3})
    if forked or LONG:
        attacker.act("TextModel", {"value": "<img src=x onerror=alert(1)>"})
        attacker.act("DropdownModel", {"index": 1})
        attacker.comms(rounds)
        attacker.sessions()
    attacker.messages(opened=False)
    if forked:
        attacker.messages(opened=True)
        attacker.routes()
        names = [entry.name for entry in theatre.folder.iterdir()][: None if LONG else 2]
        attacker.traversal([*names, "etc/passwd", "proc/self/environ"][: None if LONG else 3])
        attacker.smuggling()
        attacker.hosts()
        attacker.handshakes()
        attacker.escapes()
        attacker.frames(random.Random(7), rounds=5000 if LONG else 100)
        attacker.wire()
        attacker.close_line()
    check(attacker, theatre)
    shown = set().union(*(shown_in(data) for _, data in attacker.received))
    assert len(shown) > 5, "what the app shows on purpose has been seen, so marks can be seen"
    # The errors have happened: the log has them, with the marks.
    assert wait_until(lambda: len(gateway.logged("withheld from the page")) >= len(ways) - len(FATAL))
    assert any(HIDDEN in line for line in gateway.logged("withheld from the page: error"))
    report(attacker, gateway, memory().rss - before)


def test_the_same_attack_on_an_author_at_work_finds_marks(
    theatre: Theatre, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serve(theatre, tmp_path_factory, "auto", "--dev") as gateway:
        attacker = Attacker(gateway, "marked")
        for label in ("callback", "output", "syntax", "logging"):
            attacker.press(label)
        found = {mark for _, data in attacker.received for mark in hidden_in(data)}
        assert len(found) > 10


def report(attacker: Attacker, gateway: Gateway, growth: int) -> None:
    """For those who ask for figures (``-s``)."""
    refusals = re.findall(r'stagedoor_refusals_total\{reason="(\w+)"\} ([\d.]+)', gateway.get("/metrics").text)
    size = sum(len(data) for _, data in attacker.received)
    print(f"\nattacks tried: {sum(attacker.tried.values())} {dict(attacker.tried)}")
    print(
        f"bytes searched: {size}, marks found: 0, refusals: { {reason: int(float(number)) for reason, number in refusals} }"
    )
    print(f"the gateway's memory has grown by {growth / 2**20:.1f} MiB")
