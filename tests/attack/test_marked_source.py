"""The measure of the door: an app full of marks is attacked in every way, and no mark comes out.

``make test`` takes the short form; ``make attack`` the long one (``STAGEDOOR_ATTACK=long``).
"""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

import json
import random
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import message_attacks
import pytest
import request_attacks
import widget_attacks
import wire_attacks
from attacker import Attacker
from gateway import Gateway, wait_until
from house import LONG, Tally, memory, serve
from marked import EXTENSION, HIDDEN, NOT_SERVED, Theatre
from scanner import hidden_in, marks_in

from stagedoor.jupyter.framing import FramingError, decode, split

FATAL = {"exit", "interrupt", "breakpoint"}
WAYS_OF_STOCK = ["callback", "thread", "output", "debug", "rich", "exit"]
"""With kernels that start slowly, the shorter run takes the ways of an error that differ there."""
OURS = [
    rb"site-packages", rb"\.venv", rb"ipykernel", rb"/usr/lib/python", rb"\bpid\b", rb"kernel-[0-9a-f]{8}", rb"username",
    rb"(?i:uvicorn)", rb"(?i:starlette)", rb"(?i:\bh11\b)", rb"(?i:server: )", rb"(?i:x-powered-by)", rb"Python/3", rb"websockets/1",
    rb"Traceback", rb"root:x:0:0", rb"(?i:\bvia: )", rb"Failed to open a WebSocket", rb"(?i:python-)",
]  # fmt: skip
"""What is Stagedoor's own, or the machine's, and nobody's business."""

_NUMBERED = re.compile(rb'"[pk]-\d+"|"id":"[0-9a-f]{8}"|^date: .*$', re.MULTILINE)
"""Ids that the attacker has made up, that count what was sent, or that are an answer's own."""


SERVED_NAMES = ("recording", "assets", "stagedoor.js")
"""What is a file's name beside the apps, and a route's too."""


def check(attacker: Attacker, theatre: Theatre) -> set[str]:
    """Nothing hidden was received, and nothing of Stagedoor's own; returns the marks of what is shown on purpose."""
    machine = (socket.gethostname(), sys.prefix, str(theatre.folder.parent), str(Path.cwd()))
    ours = re.compile(b"|".join([*OURS, *(re.escape(name.encode()) for name in machine if len(name) > 3)]))
    shown: set[str] = set()
    # Answers that differ in their numbers alone are looked at once.
    distinct = {_NUMBERED.sub(b"", data): (where, data) for where, data in attacker.received}
    for where, data in distinct.values():
        marks = marks_in(data)
        leaked = {mark: theatre.marks.places.get(mark, "?") for mark in marks if mark.startswith(HIDDEN)}
        assert not leaked, f"{where} holds {leaked}"
        shown |= marks
        if "/stagedoor.js" in where or "licenses" in where:
            continue
        found = ours.search(data)
        assert not found, f"{where} holds {found[0]!r}: {data[max(0, found.start() - 80) : found.end() + 80]!r}"
        if where == "frame":
            check_headers(data)
    return shown


def check_headers(frame: bytes) -> None:
    try:
        message = decode(frame)
    except FramingError as error:
        raise AssertionError(f"the gateway sends what is no frame: {error}") from None
    header, parent = (json.loads(bytes(part)) for part in split(frame)[1:3])
    assert set(header) <= {"msg_id", "msg_type", "version"}
    assert set(parent) <= {"msg_id"}
    assert dict(message.metadata) in ({}, {"version": "2.1.0"})
    if message.msg_type == "error":
        assert set(message.content) == {"ename", "evalue", "traceback"}


def check_log(gateway: Gateway) -> None:
    """Whatever was sent, Stagedoor itself has met no error."""
    troubles = [
        "an error of Stagedoor itself",
        "Exception in",
        "callback",
        "never retrieved",
        "Fatal error",
        "Task exception",
    ]
    records = [json.loads(line) for line in gateway.log if line.startswith("{")]
    wrong = [record for record in records if any(word in record.get("event", "") for word in troubles)]
    assert not wrong, wrong[:3]


@pytest.mark.parametrize("kernels", ["forked", "stock"])
def test_no_mark_comes_out(kernels: str, request: pytest.FixtureRequest, theatre: Theatre, tally: Tally) -> None:
    gateway: Gateway = request.getfixturevalue(kernels)
    attacker = Attacker(gateway, "marked")
    before = memory(gateway)
    forked, rounds = kernels == "forked", 8 if LONG else 1
    ways = attacker.labels if forked or LONG else WAYS_OF_STOCK
    arise(attacker, ways, everything=forked or LONG)
    message_attacks.messages(attacker, opened=False)
    if forked or LONG:
        widget_attacks.comms(attacker, rounds if forked else 1)
    if forked:
        message_attacks.messages(attacker, opened=True)
        message_attacks.escapes(attacker)
        message_attacks.malformed(attacker, random.Random(7), 5000 if LONG else 100)
        wire_attacks.handshakes(attacker)
        wire_attacks.wire(attacker)
        attack_addresses(attacker, theatre, every=LONG)
    shown = check(attacker, theatre)
    check_log(gateway)
    assert len(shown) > 5, "what the app shows on purpose has been seen, so marks can be seen"
    # The errors have happened: the log has them, with the marks.
    assert wait_until(lambda: len(gateway.logged("withheld from the page")) >= len(ways) - len(FATAL))
    assert any(HIDDEN in line for line in gateway.logged("withheld from the page: error"))
    tally.add(attacker)
    tally.remember(f"{kernels} kernels, first attack", before, memory(gateway))


def arise(attacker: Attacker, ways: list[str], *, everything: bool) -> None:
    """Every way in which an error can arise."""
    sliders = [
        content for content in attacker.opened if content["data"]["state"].get("_model_name") == "IntSliderModel"
    ]
    first, interact = (slider["comm_id"] for slider in sliders)
    acts: list[Callable[[], None]] = [lambda label=label: attacker.press(label) for label in ways]  # type: ignore[misc]
    acts += [lambda: attacker.act(first, {"value": 7}), lambda: attacker.act(interact, {"value": 3})]
    if everything:
        plot = attacker.comm("PlotModel")
        acts += [
            lambda: attacker.act(attacker.comm("TextModel"), {"value": "<img src=x onerror=alert(1)>"}),
            lambda: attacker.act(attacker.comm("DropdownModel"), {"index": 1}),
            lambda: attacker.act(plot, {"points": [1, {"a": None}]}),
            lambda: attacker.act(plot, {"points": "x"}),
            lambda: attacker.act(plot, {"checked": "x"}),
            lambda: attacker.act(plot, {"checked": {"x": [1]}}),
        ]
    attacker.at_once(lambda act: act(), acts)


def attack_addresses(attacker: Attacker, theatre: Theatre, *, every: bool = False) -> None:
    """The routes.

    Args:
        every: each way to write a path is tried with each file that is there.
    """
    address = attacker.recording.extensions[EXTENSION]["address"]
    request_attacks.routes(attacker)
    names = [entry.name for entry in theatre.folder.iterdir() if not entry.name.startswith(SERVED_NAMES)]
    names = ["etc/passwd", "marked.py", "package.json", *(names if every else names[:1])]
    request_attacks.traversal(attacker, names, [address.rpartition("/")[0]], every=every)
    request_attacks.extension(attacker, address, NOT_SERVED)
    request_attacks.smuggling(attacker)
    request_attacks.hosts(attacker)


@pytest.mark.skipif(not LONG, reason="takes minutes: a part of `make attack`")
def test_memory_does_not_grow_with_attacks(forked: Gateway, theatre: Theatre, tally: Tally) -> None:
    def attack(rounds: int) -> None:
        for seed in range(rounds):
            attacker = Attacker(forked, "marked")
            widget_attacks.comms(attacker, rounds=2)
            message_attacks.messages(attacker, opened=True)
            message_attacks.escapes(attacker)
            message_attacks.malformed(attacker, random.Random(seed), 2000)
            wire_attacks.wire(attacker)
            wire_attacks.large(attacker)
            attack_addresses(attacker, theatre)
            check(attacker, theatre)
            tally.add(attacker)

    attack(1)
    before = memory(forked)
    attack(4)
    after = memory(forked)
    tally.remember("four more attacks after that", before, after)
    assert after - before < 10 * 2**20


def test_the_same_attack_on_an_author_at_work_finds_marks(
    theatre: Theatre, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serve(theatre, tmp_path_factory, "auto", "--dev") as gateway:
        attacker = Attacker(gateway, "marked")
        attacker.at_once(attacker.press, ["callback", "output", "syntax", "logging"])
        found = {mark for _, data in attacker.received for mark in hidden_in(data)}
        assert len(found) > 10
