"""Messages that a page could send, damaged by hypothesis: what passes the gate has a known form."""

from __future__ import annotations

import json
from typing import Any

import ipywidgets
from house import LONG, Tally
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stagedoor.door.gate import MESSAGE_ID, Refused, admit
from stagedoor.door.incoming import FrameLimits, read_message
from stagedoor.door.traits import CAPTURED, RULES, STEERING
from stagedoor.jupyter.comms import Comm
from stagedoor.jupyter.framing import join
from stagedoor.jupyter.message import Message

WIDGETS = [ipywidgets.IntSlider(), ipywidgets.Text(), ipywidgets.Button(), ipywidgets.Output(), ipywidgets.FileUpload(),
           ipywidgets.Dropdown(options=[1, 2]), ipywidgets.DatePicker(), ipywidgets.FloatRangeSlider()]  # fmt: skip
COMMS = {f"w{number}": Comm(f"w{number}", "jupyter.widget", state=w.get_state()) for number, w in enumerate(WIDGETS)}
COMMS["control"] = Comm("control", "jupyter.widget.control", state={"value": 1})
PROMPT = Message("stdin", "input_request", {"prompt": "?"}, msg_id="ask")
EXAMPLES = 20_000 if LONG else 150

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(sorted(COMMS)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
traits = st.sampled_from(sorted({trait for comm in COMMS.values() for trait in comm.state} | STEERING)) | st.text(
    max_size=8
)
paths = st.lists(st.lists(traits | st.integers(-1, 3) | values, max_size=4), max_size=2)
updates = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["update", "custom", "request_state"]) | values,
        "state": st.dictionaries(traits, values),
    },
    optional={"buffer_paths": paths | values, "content": values, "more": values},
)
contents = st.fixed_dictionaries(
    {},
    optional={
        "comm_id": st.sampled_from(sorted(COMMS)) | values,
        "data": updates | values,
        "value": values,
        "code": values,
    },
)
headers = st.fixed_dictionaries(
    {
        "msg_id": st.sampled_from(["p", "cell-0", "~1", ""]) | values,
        "msg_type": st.sampled_from(["comm_msg", "input_reply"]) | values,
    }
)


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([b"shell", b"stdin", b"control"]) | st.binary(max_size=8),
    headers,
    contents | values,
    st.lists(st.binary(max_size=20), max_size=2),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=3),
)
def test_whatever_passes_has_a_known_form(
    tally: Tally, channel: bytes, header: Any, content: Any, buffers: list[bytes], damage: list[tuple[int, int]]
) -> None:
    tally.tried["messages that hypothesis has made"] += 1
    frame = bytearray(
        join([channel, json.dumps(header).encode(), b"{}", b"{}", json.dumps(content).encode(), *buffers])
    )
    for at, byte in damage:
        frame[at % len(frame)] = byte
    try:
        admitted = admit(read_message(bytes(frame), FrameLimits()), COMMS, PROMPT)
    except Refused:
        return
    assert MESSAGE_ID.fullmatch(admitted.msg_id)
    assert (admitted.channel, admitted.msg_type) in {("shell", "comm_msg"), ("stdin", "input_reply")}
    if admitted.msg_type == "comm_msg":
        assert set(admitted.content) == {"comm_id", "data"}
        comm, data = COMMS[admitted.content["comm_id"]], admitted.content["data"]
        if data["method"] == "update":
            assert set(data) == {"method", "state", "buffer_paths"}
            may = {*RULES.get(comm.model_name, {}), "_view_count"} - STEERING - CAPTURED
            assert {*data["state"], *(path[0] for path in data["buffer_paths"])} <= may
