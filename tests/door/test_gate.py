"""What a visitor may send, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stagedoor.door.gate import Refused, admit
from stagedoor.jupyter.comms import Comm
from stagedoor.jupyter.message import Message

CORE = "@jupyter-widgets/controls"


def widget(comm_id: str, model: str, module: str = CORE, **state: Any) -> Comm:
    return Comm(comm_id, "jupyter.widget", state={"_model_name": model, "_model_module": module, **state})


SLIDER = widget("s1", "IntSliderModel", value=3, min=0, max=10, description="")
BUTTON = widget("b1", "ButtonModel", description="")
OUTPUT = widget("o1", "OutputModel", "@jupyter-widgets/output", outputs=[], msg_id="", layout="x")
OTHERS = widget("x1", "MapModel", "jupyter-leaflet", zoom=1, layout="x", value={})
CONTROL = Comm("c1", "jupyter.widget.control", state={"value": 1})
COMMS = {comm.comm_id: comm for comm in (SLIDER, BUTTON, OUTPUT, OTHERS, CONTROL)}
PROMPT = Message("stdin", "input_request", {"prompt": "name?"}, msg_id="ask-1")


def update(comm_id: Any = "s1", state: Any = None, **more: Any) -> Message:
    data = {"method": "update", "state": {"value": 4} if state is None else state, "buffer_paths": []} | more
    return Message("shell", "comm_msg", {"comm_id": comm_id, "data": data}, msg_id="p-1")


def refusal(message: Message, prompt: Message | None = None) -> str:
    with pytest.raises(Refused) as caught:
        admit(message, COMMS, prompt)
    return caught.value.reason


def test_a_slider_may_be_moved() -> None:
    admitted = admit(update(), COMMS, None)
    assert (admitted.channel, admitted.msg_type, admitted.msg_id) == ("shell", "comm_msg", "p-1")
    assert admitted.content == {
        "comm_id": "s1",
        "data": {"method": "update", "state": {"value": 4}, "buffer_paths": []},
    }


def test_nothing_unknown_rides_along() -> None:
    message = update(extra="field")
    message = message.replace(content={**message.content, "more": 1}, metadata={"deletedCells": []}, parent_id="x")
    admitted = admit(message, COMMS, None)
    assert set(admitted.content) == {"comm_id", "data"}
    assert set(admitted.content["data"]) == {"method", "state", "buffer_paths"}
    assert admitted.metadata == {}
    assert admitted.parent_id == ""


def test_a_button_may_be_clicked() -> None:
    click = Message(
        "shell",
        "comm_msg",
        {"comm_id": "b1", "data": {"method": "custom", "content": {"event": "click"}}},
        msg_id="p-2",
    )
    assert admit(click, COMMS, None).content["data"]["content"] == {"event": "click"}


@pytest.mark.parametrize(
    "msg_type",
    [
        "execute_request",
        "inspect_request",
        "complete_request",
        "history_request",
        "is_complete_request",
        "comm_info_request",
        "kernel_info_request",
        "shutdown_request",
        "interrupt_request",
        "debug_request",
        "comm_open",
        "comm_close",
        "create_subshell_request",
        "usage_request",
        "nonsense",
    ],
)
@pytest.mark.parametrize("channel", ["shell", "control", "stdin", "iopub", "hb", ""])
def test_every_other_type_is_refused(msg_type: str, channel: str) -> None:
    message = Message(channel, msg_type, {"code": "1", "comm_id": "s1", "data": {"method": "custom"}}, msg_id="p")
    assert refusal(message) == "message_type"


@pytest.mark.parametrize("channel", ["control", "stdin", "iopub"])
def test_comm_messages_go_by_shell_only(channel: str) -> None:
    assert refusal(update().replace(channel=channel)) == "message_type"


@pytest.mark.parametrize("comm_id", ["another", "", None, 3, ["s1"], {"s1": 1}])
def test_a_comm_that_does_not_exist(comm_id: Any) -> None:
    assert refusal(update(comm_id)) == "unknown_comm"


def test_the_control_comm_is_not_for_visitors() -> None:
    assert refusal(update("c1")) == "unknown_comm"


@pytest.mark.parametrize("method", ["request_state", "request_states", "echo_update", "", None, ["update"]])
def test_only_update_and_custom(method: Any) -> None:
    assert refusal(update(method=method)) == "comm_method"


def test_traits_that_are_not_synced_do_not_exist_for_a_visitor() -> None:
    assert refusal(update(state={"comm": None})) == "unknown_trait"


@pytest.mark.parametrize("trait", ["_model_module", "_model_name"])
def test_traits_that_steer_what_a_page_loads_are_protected(trait: str) -> None:
    assert refusal(update(state={trait: "evil"})) == "protected_trait"


@pytest.mark.parametrize("trait", ["outputs", "msg_id"])
def test_what_an_output_widget_captures_is_not_the_visitors(trait: str) -> None:
    assert refusal(update("o1", {trait: "x"})) == "protected_trait"


@pytest.mark.parametrize("state", [None, [], "x", 3])
def test_state_is_an_object(state: Any) -> None:
    content = {"comm_id": "s1", "data": {"method": "update", "state": state}}
    assert refusal(Message("shell", "comm_msg", content, msg_id="p")) == "bad_content"


def test_as_many_buffers_as_paths() -> None:
    assert refusal(update(buffer_paths=[["value"]])) == "bad_content"
    assert refusal(update().replace(buffers=[b"x"])) == "bad_content"


@pytest.mark.parametrize("path", [[], "value", [3], [None], ["value", None], ["value", 1.5], ["value"] * 100])
def test_paths_of_buffers_are_paths(path: Any) -> None:
    assert refusal(update(state={}, buffer_paths=[path]).replace(buffers=[b"x"])) == "bad_buffer_path"


def test_a_buffer_may_not_reach_an_unknown_trait() -> None:
    assert refusal(update(state={}, buffer_paths=[["secret"]]).replace(buffers=[b"x"])) == "unknown_trait"
    filled = update("x1", state={}, buffer_paths=[["value"]]).replace(buffers=[b"x"])
    assert admit(filled, COMMS, None).buffers == [b"x"]


@pytest.mark.parametrize("path", [["value", "a", "b"], ["value", 0], ["value", -1, "x"], ["zoom", 0]])
def test_a_buffers_place_has_to_exist(path: Any) -> None:
    message = update("x1", {"value": {}, "zoom": 3}, buffer_paths=[path]).replace(buffers=[b"x"])
    assert refusal(message) == "bad_buffer_path"


@pytest.mark.parametrize("msg_id", ["", "cell-0", "cell-x", "a" * 65, "a b", "ä", "a\n", "../x"])
def test_message_ids_are_plain_and_never_a_cells(msg_id: str) -> None:
    assert refusal(update().replace(msg_id=msg_id)) == "bad_message_id"


@pytest.mark.parametrize("content", [b"", b"[]", b"3", b"{", b'"x"', b"\xff", b"[" * 100_000])
def test_content_that_is_no_object(content: bytes) -> None:
    assert refusal(Message("shell", "comm_msg", content, msg_id="p")) == "bad_content"


def test_a_prompt_is_answered_once_asked() -> None:
    reply = Message("stdin", "input_reply", {"value": "Ada", "status": "error", "more": 1}, msg_id="p")
    assert refusal(reply) == "no_prompt"
    admitted = admit(reply, COMMS, PROMPT)
    assert admitted.content == {"value": "Ada", "status": "ok"}
    assert admitted.parent_id == "ask-1"


@pytest.mark.parametrize("value", [None, 3, ["x"], {}])
def test_an_answer_is_text(value: Any) -> None:
    assert refusal(Message("stdin", "input_reply", {"value": value}, msg_id="p"), PROMPT) == "bad_content"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    channel=st.sampled_from(["shell", "stdin", "control"]),
    msg_type=st.sampled_from(["comm_msg", "input_reply", "execute_request"]),
    content=st.dictionaries(st.sampled_from(["comm_id", "data", "value", "code"]), json_values, max_size=4),
)
def test_whatever_comes_is_admitted_in_a_known_form_or_refused(channel: str, msg_type: str, content: Any) -> None:
    try:
        admitted = admit(Message(channel, msg_type, content, msg_id="p"), COMMS, PROMPT)
    except Refused:
        return
    assert (admitted.channel, admitted.msg_type) in {("shell", "comm_msg"), ("stdin", "input_reply")}
