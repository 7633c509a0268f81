"""What is sent as a message: every type on every channel, hidden ones, and frames that are none."""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator

from attacker import Attacker

from stagedoor.jupyter.framing import encode, join
from stagedoor.jupyter.message import Message

TYPES = [
    "execute_request", "inspect_request", "complete_request", "history_request", "is_complete_request",
    "connect_request", "comm_info_request", "kernel_info_request", "shutdown_request", "interrupt_request",
    "debug_request", "comm_open", "comm_close", "comm_msg", "create_subshell_request", "delete_subshell_request",
    "list_subshell_request", "usage_request", "input_request", "input_reply", "apply_request", "abort_request",
    "clear_request", "execute_reply", "inspect_reply", "complete_reply", "history_reply", "is_complete_reply",
    "comm_info_reply", "kernel_info_reply", "shutdown_reply", "interrupt_reply", "debug_reply", "debug_event",
    "status", "stream", "display_data", "update_display_data", "execute_input", "execute_result", "error",
    "clear_output", "iopub_welcome", "data_pub", "stagedoor_fork", "stagedoor_freeze", "stagedoor_import",
    "stagedoor_modules", "stagedoor_session", "stagedoor_render", "nonsense", "", "EXECUTE_REQUEST", "execute_request ",
]  # fmt: skip
"""Jupyter's messaging protocol, 5.5, and more."""
CHANNELS = ["shell", "control", "stdin", "iopub", "hb", "", "SHELL", "shell\0", "../shell"]
CODE = "print(open(__file__).read()); import os; print(os.environ); In"

FRAMES_A_LINE = 15
"""The gateway cuts off whoever sends more that is no message; what comes after that would not be tried."""


def messages(attacker: Attacker, *, opened: bool) -> None:
    """Every type of message on every channel, in a session or before there is one."""
    slider = attacker.comm("IntSliderModel")
    content = {"code": CODE, "comm_id": slider, "target_name": "jupyter.widget", "data": {"method": "request_state"},
               "session": "", "silent": False, "value": CODE, "detail_level": 1, "hist_access_type": "tail", "n": 99,
               "command": "variables", "arguments": {}, "seconds": 1, "modules": ["os"], "folder": "/",
               "transient": {"display_id": "x"}, "execution_state": "idle", "shutdown": True, "restart": True}  # fmt: skip

    def send(some: tuple[str, list[str]]) -> None:
        channel, kinds = some
        with attacker.connection() as line:
            if opened:
                line.open()
            for kind in kinds:
                attacker.tries("messages")
                assert line.send(channel, kind, content)

    starts = range(0, len(TYPES), FRAMES_A_LINE)
    attacker.at_once(send, [(channel, TYPES[at : at + FRAMES_A_LINE]) for channel in CHANNELS for at in starts])


def escapes(attacker: Attacker) -> None:
    """The same, hidden: escaped, repeated, nested, in other parts of the message."""
    headers = [
        b'{"msg_id": "p", "msg_type": "execute\\u005frequest"}',
        b'{"msg_id": "p", "msg_type": "comm_msg", "msg_type": "execute_request"}',
        b'{"msg_id": "p", "msg_type": "execute_request", "msg_type": "comm_msg"}',
        b'{"msg_id": "p", "msg_type": "comm_msg", "msg\\u005ftype": "execute_request"}',
        b'{"msg_id": "p", "MSG_TYPE": "execute_request", "msg_type": "comm_msg"}',
        b'{"msg_id": "p", "msg_type": ["execute_request"]}',
        b'{"msg_id": "p", "msg_type": "execute_request\\u0000"}',
        b'{"msg_id": "p", "msg_type": "\\ud800execute_request"}',
        b'{"msg_id": "cell-0", "msg_type": "comm_msg"}',
        b'{"msg_id": "~0", "msg_type": "comm_msg"}',
        b'{"msg_id": "p", "msg_type": "comm_msg", "subshell_id": "x", "session": "x", "username": "root"}',
        '{"msg_id": "p", "msg_type": "\uff45xecute_request"}'.encode(),
    ]
    update = {"method": "update", "state": {"value": 1}, "buffer_paths": []}
    data, run = {"comm_id": attacker.comm("IntSliderModel"), "data": update}, {"code": CODE}
    good = json.dumps(data)
    contents = [
        json.dumps(run).encode(), good.encode(), json.dumps(data | run).encode(),
        good.encode()[:-1] + b', "comm_id": "x"}', good.encode()[:-1] + b', "comm\\u005fid": "x"}',
        good.replace('"value": 1', '"value": 1, "value": 7').encode(),
        *(good.replace('"value": 1', f'"value": {number}').encode()
          for number in ("NaN", "Infinity", "-Infinity", "1" * 400, "1e999", "-0", "0x10", "1_0", "01", "1.0", "true")),
        b'{"a":' * 50_000, b"[" * 100_000, b'{"a":' * 65 + b"1" + b"}" * 65, b"\xff\xfe{\0}\0", b"\xef\xbb\xbf{}",
        good.replace("value", "\\ud800").encode(), good.replace("value", "\\ud83d").encode(), good.encode("utf-16"),
        b"", b"null", b"{}{}", b"{},", b"{'a': 1}", b'{"a": 1,}', b'{"a": "\n"}', b"{\"a\": \"\xed\xa0\x80\"}",
        json.dumps({"header": {"msg_type": "execute_request"}, "content": run}).encode(),
        json.dumps(data | {"__proto__": run, "header": {"msg_type": "execute_request"}}).encode(),
    ]  # fmt: skip
    frames(attacker, "escapes", [
        join([b"shell", header, b'{"msg_id": "cell-0"}', b'{"cellId": "x"}', content])
        for header in headers for content in contents
    ])  # fmt: skip


def malformed(attacker: Attacker, randomness: random.Random, rounds: int) -> None:
    """Frames that are none: wrong and overlapping offsets, texts, and whatever chance makes of a good one."""
    slider = attacker.comm("IntSliderModel")
    good = encode(Message("shell", "comm_msg", {"comm_id": slider, "data": {}}, msg_id="p"))
    count = struct.unpack_from("<Q", good)[0]
    ends = struct.unpack_from(f"<{count}Q", good, 8)

    def with_offsets(*offsets: int, number: int = count) -> bytes:
        return struct.pack(f"<{len(offsets) + 1}Q", number, *offsets) + good[8 * (count + 1) :]

    odd = [
        b"", b"\0", b"\0" * 16, good[:-1], good + b"x", good[8:], b"{}", b"[]", b"\xff" * 64,
        *(struct.pack("<Q", number) + good[8:] for number in (0, 1, count - 1, count + 1, 2**32, 2**63, 2**64 - 1)),
        *(with_offsets(at, *ends[1:]) for at in (0, 8, ends[0] - 1, ends[0] + 1, 2**63, 2**64 - 1, len(good))),
        *(with_offsets(*ends[:3], at, *ends[4:]) for at in (0, ends[0], ends[4] + 1, 2**32, 2**64 - 1)),
        with_offsets(*reversed(ends)),
        with_offsets(*([ends[0]] * (count - 1)), ends[-1]),  # all parts are empty but the last
        with_offsets(ends[0], ends[3], ends[1], ends[4], *ends[4:]),  # two parts share bytes
        with_offsets(*ends[:-1], ends[-1] - 1),
        join([b"shell"] * 4), join([b"x"] * 4000), join([b"x"] * 5000), join([b""] * 5), join([b"shell", b"{}", b"{}", b"{}", b"{}"]),
    ]  # fmt: skip
    texts = ["", "{}", good.decode("latin-1"),
             json.dumps({"channel": "shell", "header": {"msg_type": "execute_request"}, "content": {"code": CODE}})]  # fmt: skip
    frames(attacker, "frames", [*odd, *texts, *_damaged(good, randomness, rounds)])


def _damaged(good: bytes, randomness: random.Random, rounds: int) -> Iterator[bytes]:
    for _ in range(rounds):
        damaged = bytearray(good)
        for _ in range(randomness.randint(1, 6)):
            damaged[randomness.randrange(len(damaged))] = randomness.randrange(256)
        yield bytes(damaged[: randomness.randint(1, len(damaged))] if randomness.random() < 0.2 else damaged)


def frames(attacker: Attacker, kind: str, all_frames: list[bytes | str] | list[bytes]) -> None:
    """The frames, on connections that the gateway lets live."""

    def send(some: list[bytes | str]) -> None:
        with attacker.connection() as line:
            for frame in some:
                attacker.tries(kind)
                assert line.send_raw(frame)

    attacker.at_once(send, [all_frames[at : at + FRAMES_A_LINE] for at in range(0, len(all_frames), FRAMES_A_LINE)])
