"""What the door costs: microseconds a message, inward and outward. ``python -m bench.gate`` prints a table."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from stagedoor.door.gate import admit
from stagedoor.door.incoming import FrameLimits, read_message
from stagedoor.door.redaction import Redaction
from stagedoor.jupyter.comms import Comm
from stagedoor.jupyter.framing import decode, encode
from stagedoor.jupyter.message import Message

CORE = {"_model_module": "@jupyter-widgets/controls"}
COMMS = {
    "slider": Comm(
        "slider", "jupyter.widget", state={**CORE, "_model_name": "IntSliderModel", "value": 1, "min": 0, "max": 9}
    ),
    "button": Comm("button", "jupyter.widget", state={**CORE, "_model_name": "ButtonModel"}),
    "other": Comm("other", "jupyter.widget", state={"_model_module": "other", "_model_name": "M", "data": []}),
}
LIMITS = FrameLimits()
ROUNDS, REPEATS = 2000, 7


def page(comm_id: str, data: dict[str, Any], buffers: tuple[bytes, ...] = ()) -> bytes:
    return encode(Message("shell", "comm_msg", {"comm_id": comm_id, "data": data}, msg_id="p-1", buffers=buffers))


def update(comm_id: str, state: dict[str, Any], paths: tuple[list[str], ...] = (), *buffers: bytes) -> bytes:
    return page(comm_id, {"method": "update", "state": state, "buffer_paths": list(paths)}, buffers)


INWARD = {
    "a slider moved": update("slider", {"value": 5}),
    "a button pressed": page("button", {"method": "custom", "content": {"event": "click"}}),
    "refused: a trait that is not the visitor's": update("slider", {"max": 5}),
    "100 kB of JSON": update("other", {"data": [1.5] * 25_000}),
    "1 MB of buffer": update("other", {}, (["data"],), b"x" * 2**20),
}
OUTWARD = {
    "status": {"execution_state": "idle"},
    "stream": {"name": "stdout", "text": "a line\n"},
    "comm_msg": {"comm_id": "slider", "data": {"method": "update", "state": {"value": 5}, "buffer_paths": []}},
    "display_data": {"data": {"text/plain": "<Figure>", "image/png": "A" * 40_000}, "metadata": {}, "transient": {}},
}


def inward(frame: bytes) -> None:
    try:
        encode(admit(read_message(frame, LIMITS), COMMS, None))
    except Exception as refusal:
        if "protected_trait" not in str(refusal):
            raise


def outward(frame: bytes) -> None:
    cleaned = Redaction(lambda *_: None).outward(decode(frame), COMMS)
    assert cleaned is not None
    encode(cleaned)


def microseconds(work: Callable[[], None], rounds: int) -> float:
    """The least of several means: others use the machine too."""

    def once() -> float:
        began = time.perf_counter()
        for _ in range(rounds):
            work()
        return (time.perf_counter() - began) / rounds * 1e6

    times = [once() for _ in range(REPEATS)]
    return min(times)


def main() -> None:
    print("| message | bytes | microseconds |\n|---|---:|---:|")
    for name, frame in INWARD.items():
        rounds = ROUNDS if len(frame) < 10_000 else 50
        print(f"| in: {name} | {len(frame)} | {microseconds(lambda frame=frame: inward(frame), rounds):.1f} |")
    for kind, content in OUTWARD.items():
        frame = encode(Message("iopub", kind, content, parent_id="p-1"))
        print(f"| out: {kind} | {len(frame)} | {microseconds(lambda frame=frame: outward(frame), ROUNDS):.1f} |")


if __name__ == "__main__":
    main()
