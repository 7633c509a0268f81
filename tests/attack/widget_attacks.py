"""What is sent to widgets that no view of theirs would send."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from attacker import Attacker
from message_attacks import CODE, FRAMES_A_LINE

_Attack = tuple[str, Any, Sequence[bytes]]
"""Comm, data, buffers."""

NASTY: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 2**200, 1.5, -1e308, "", "x", "\0", "IPY_MODEL_x", "<script>alert(1)</script>",
    "../../etc/passwd", "__class__", [], [[]], ["x"], [1, 2], {}, {"a": 1}, {"__proto__": 1}, [None], "€" * 50,
    {"year": 0, "month": 99, "date": -1}, [{"name": "../../x", "type": "", "size": 1, "last_modified": 0}],
]  # fmt: skip
_TOO_LARGE = [2**63, 2**200]
OUTSIDE: list[Any] = [-1, 2, 99, 2**31, True, 1.0, "0", [0], [0, 0], [5, 0], "zqnone"]
"""Of what can be chosen among two."""
_HIDDEN_TRAITS = ["comm", "keys", "_msg_callbacks", "__class__", "__dict__", "msg_id", "outputs", "log", "_esm", "_css",
                  "_view_module", "_model_module", "_model_module_version", "_property_lock", "traits"]  # fmt: skip
_TARGETS = ["jupyter.widget", "jupyter.widget.control", "jupyter.widget.version", "matplotlib", "target"]


def comms(attacker: Attacker, rounds: int = 1) -> None:
    """Every trait of every widget with nasty values, buffers at nowhere; and widgets that are none of the app's."""

    def attack(some: list[_Attack]) -> None:
        with attacker.connection() as line:
            line.open()
            for comm_id, data, buffers in some:
                attacker.tries("comms")
                assert line.comm(comm_id, data, buffers)
            line.update("x", {})  # answered in its turn, as a frame that is no message is not
            assert line.until_idle()

    attacker.at_once(attack, _sessions(attacker, rounds))
    unknown_comms(attacker)
    uploads(attacker)


def _sessions(attacker: Attacker, rounds: int) -> Iterator[list[_Attack]]:
    """The attacks on all widgets, a session's together; numbers that are too large end a connection soon."""
    session: list[_Attack] = []
    too_large = 0
    for content in attacker.opened:
        for data, buffers in _attacks(content["data"]["state"], rounds):
            session.append((content["comm_id"], data, buffers))
            too_large += any(value in _TOO_LARGE for value in (data.get("state") or {}).values() if type(value) is int)
            if too_large > FRAMES_A_LINE or len(session) >= 1000:
                yield session
                session, too_large = [], 0
    yield session


def _attacks(state: dict[str, Any], rounds: int) -> Iterator[tuple[Any, Sequence[bytes]]]:
    """What is sent to one widget."""
    for trait in [*state, *_HIDDEN_TRAITS]:
        values = random.Random(trait).sample(NASTY, min(len(NASTY), 3 * rounds))
        values += OUTSIDE if trait in {"index", "selected_index", "value"} else []
        for value in values:
            yield {"method": "update", "state": {trait: value}, "buffer_paths": []}, ()
    for path in [
        ["value", 0, "content"],
        ["value"],
        ["layout"],
        ["x"] * 70,
        [0],
        [-1],
        ["__class__", "__init__"],
        [],
        "value",
    ]:
        yield {"method": "update", "state": {}, "buffer_paths": [path]}, [b"x"]
    yield {"method": "update", "state": {}, "buffer_paths": [["value"]] * 1000}, [b"x"]
    for content in [None, [], "x", {"event": "click", "x": 1}, {"event": {"x": 1}}, {"event": "submit", "x": CODE}, 3]:
        yield {"method": "custom", "content": content}, ()
    for method in ["request_state", "request_states", "backbone", "echo_update", "UPDATE", "update\0", None, {}]:
        yield {"method": method, "state": {}}, ()


def unknown_comms(attacker: Attacker) -> None:
    """Comms that the app has not opened: guessed, of other kinds, of the protocol itself."""
    with attacker.connection() as line:
        line.open()
        for comm_id in ["", "x", "0" * 32, "jupyter.widget.control", "../x", None, 3, ["x"], {"x": 1}]:
            for target in _TARGETS:
                attacker.tries("comms", 3)
                line.send("shell", "comm_open", {"comm_id": comm_id, "target_name": target, "data": {"state": {}}})
                line.send("shell", "comm_close", {"comm_id": comm_id, "data": {}})
                line.comm(comm_id, {"method": "request_states"})
        line.update("x", {})
        assert line.until_idle()


def uploads(attacker: Attacker) -> None:
    """Files with names, sizes and contents that no browser sends."""
    upload = attacker.comm("FileUploadModel")
    file = {"name": "a.txt", "type": "text/plain", "size": 1, "last_modified": 0}
    names: list[Any] = [
        "../x",
        "..\\x",
        "/etc/passwd",
        "C:\\x",
        "a/b",
        ".",
        "..",
        "",
        "a\0b",
        "x" * 5000,
        "\u202egpj",
        None,
        3,
        ["x"],
    ]
    hostile = [
        *({**file, "name": name} for name in names),
        *({**file, "size": size} for size in (0, 2, -1, 2**63, 1.5, "1", None)),
        *({**file, "type": kind} for kind in ("", "x", "text/html; x", "a" * 5000, "a\nb", None)),
        *({**file, "last_modified": time} for time in (-1, 2**70, "0", None)),
        {**file, "content": "x"}, {**file, "more": 1}, {"name": "x"}, {},
    ]  # fmt: skip
    paths = [["value", 0, "content"]]
    with attacker.connection() as line:
        line.open()
        for each in hostile:
            attacker.tries("comms")
            line.update(upload, {"value": [each]}, paths, [b"x"])
        for number, where in ((2, paths), (2, paths * 2), (1, []), (1, paths * 2), (1, [["value", 1, "content"]])):
            attacker.tries("comms")
            line.update(upload, {"value": [file] * number}, where, [b"x"] * len(where))
        line.update("x", {})
        assert line.until_idle()
