"""What a kernel has shown, folded: widgets, outputs, where they go, what a page would be told anew."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_messages import (
    CELLS,
    after,
    captured,
    clear_output,
    comm_open,
    display,
    error,
    input_request,
    kernel_message,
    output_widget,
    status,
    stream,
    texts,
    update,
)

from stagedoor.jupyter.comms import KEPT_CUSTOM
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.transcript import Transcript

# -- widgets ---------------------------------------------------------------------------------------------------------


def test_a_thousand_updates_are_one_state() -> None:
    transcript = after(comm_open("bar", {"_model_name": "IntProgressModel", "value": 0, "max": 999}))
    for value in range(1_000):
        transcript.apply(update("bar", {"value": value}))
    [message] = transcript.messages()
    assert message.content["data"]["state"] == {"_model_name": "IntProgressModel", "value": 999, "max": 999}


def test_binary_values_are_put_into_the_state_and_come_out_again() -> None:
    transcript = after(
        comm_open("image", {"format": "png"}, buffer_paths=[["value"]], buffers=[b"old"]),
        update("image", {}, buffer_paths=[["value"]], buffers=[b"new"]),
    )
    assert transcript.comms["image"].state["value"] == b"new"
    [message] = transcript.messages()
    assert message.content["data"]["buffer_paths"] == [["value"]]
    assert message.buffers == [b"new"]


def test_echoes_are_applied_and_custom_messages_are_not() -> None:
    transcript = after(comm_open("s", {"value": 1}), update("s", {"value": 2}, method="echo_update"))
    transcript.apply(
        kernel_message("comm_msg", {"comm_id": "s", "data": {"method": "custom", "content": {"value": 3}}})
    )
    assert transcript.comms["s"].state == {"value": 2}


def custom(comm_id: str, content: Any, *buffers: bytes) -> Message:
    data = {"method": "custom", "content": content}
    return kernel_message("comm_msg", {"comm_id": comm_id, "data": data}, buffers=buffers)


def test_what_custom_messages_have_drawn_is_drawn_anew() -> None:
    transcript = after(comm_open("canvas", {"width": 3}), custom("canvas", "line", b"x"), comm_open("other", {}))
    twin = transcript.copy()
    transcript.apply(custom("canvas", "circle"))
    kinds = [(m.msg_type, m.content["comm_id"]) for m in transcript.messages()]
    assert kinds == [("comm_open", "canvas"), ("comm_open", "other"), ("comm_msg", "canvas"), ("comm_msg", "canvas")]
    line, circle = transcript.messages()[2:]
    assert (line.content["data"]["content"], list(line.buffers), line.parent_id) == ("line", [b"x"], CELLS[0])
    assert circle.content["data"]["content"] == "circle"
    assert len(twin.messages()) == 3
    transcript.apply(kernel_message("comm_close", {"comm_id": "canvas", "data": {}}))
    assert [m.msg_type for m in transcript.messages()] == ["comm_open"]


def test_what_a_page_says_is_not_said_to_it() -> None:
    transcript = after(comm_open("button", {}))
    clicked = custom("button", {"event": "click"}).replace(channel="shell", msg_id="p1")
    transcript.note_sent("p1", "button", clicked)
    transcript.apply(status("busy", "p1"))
    assert [m.msg_type for m in transcript.messages()] == ["comm_open"]


def test_of_custom_messages_the_latest_are_kept() -> None:
    transcript = after(comm_open("canvas", {}))
    for number in range(100):
        transcript.apply(custom("canvas", number, bytes(KEPT_CUSTOM // 10)))
    kept = [m.content["data"]["content"] for m in transcript.messages() if m.msg_type == "comm_msg"]
    assert kept == list(range(91, 100))


def test_closed_comms_are_gone_and_models_are_in_order() -> None:
    transcript = after(
        comm_open("layout", {"_model_name": "LayoutModel"}),
        comm_open("gone", {"_model_name": "ButtonModel"}),
        comm_open("label", {"_model_name": "LabelModel"}, "cell-1"),
        comm_open("theirs", {"any": "thing"}, target_name="my.own"),
        kernel_message("comm_close", {"comm_id": "gone", "data": {}}),
        update("gone", {"value": 1}),
    )
    assert transcript.models() == [("LayoutModel", "layout"), ("LabelModel", "label")]
    assert list(transcript.comms) == ["layout", "label", "theirs"]
    assert [message.content["comm_id"] for message in transcript.messages()] == ["layout", "label"]


def test_a_comm_that_is_opened_again_is_a_new_one() -> None:
    transcript = after(comm_open("a", {"old": 1}), comm_open("b", {}), comm_open("a", {"new": 1}))
    assert list(transcript.comms) == ["b", "a"]
    assert transcript.comms["a"].state == {"new": 1}


def test_a_comm_belongs_to_the_cell_in_which_it_was_opened() -> None:
    transcript = after(comm_open("button", {}, "cell-1"))
    transcript.note_sent("click-1", "button")
    opened = transcript.follow(comm_open("made by a click", {}, "click-1"))
    assert opened is not None
    assert opened.parent_id == "cell-1"
    transcript.note_sent("click-2", "made by a click")
    transcript.apply(stream("clicked", "click-2"))
    assert texts(transcript, "cell-1") == ["clicked"]


def test_what_a_page_sets_counts_from_when_the_kernel_deals_with_it() -> None:
    transcript = after(comm_open("upload", {"value": 0}))
    transcript.note_sent("m1", "upload", update("upload", {"value": 1}, "", channel="shell"))
    transcript.apply(update("upload", {"value": "set before the kernel has seen the page's"}))
    transcript.apply(status("busy", "m1"))
    assert transcript.comms["upload"].state == {"value": 1}
    transcript.apply(update("upload", {"value": "the kernel's answer"}, "m1"))
    transcript.apply(status("idle", "m1"))
    assert transcript.comms["upload"].state == {"value": "the kernel's answer"}


# -- where outputs go ------------------------------------------------------------------------------------------------


def test_outputs_of_a_click_go_where_its_widget_was_made() -> None:
    transcript = after(comm_open("button", {}, "cell-0"))
    transcript.note_sent("click", "button")
    transcript.apply(stream("clicked", "click"))
    transcript.apply(stream("nobody's", "who-knows"))
    transcript.apply(stream("no parent's", ""))
    assert texts(transcript, "cell-0") == ["clicked"]
    assert texts(transcript, "cell-2") == ["nobody'sno parent's"]


def test_a_widget_that_closes_itself_still_prints_in_its_cell() -> None:
    transcript = after(comm_open("button", {}, "cell-0"))
    transcript.note_sent("click", "button")
    transcript.apply(kernel_message("comm_close", {"comm_id": "button"}))
    transcript.apply(stream("bye", "click"))
    assert texts(transcript, "cell-0") == ["bye"]


def test_only_the_last_messages_that_were_sent_are_remembered() -> None:
    transcript = after(comm_open("button", {}, "cell-0"))
    for number in range(3_000):
        transcript.note_sent(f"m{number}", "button")
    assert len(transcript._sent) <= 1_024
    transcript.apply(stream("late", "m2999"))
    transcript.apply(stream("too late", "m1"))
    assert (texts(transcript, "cell-0"), texts(transcript, "cell-2")) == (["late"], ["too late"])


def test_clear_output_goes_where_outputs_of_its_parent_go() -> None:
    transcript = after(
        stream("a", "cell-0"), stream("b", "cell-1"), clear_output("cell-0"), clear_output("cell-1", wait=True)
    )
    assert (texts(transcript, "cell-0"), texts(transcript, "cell-1")) == ([], ["b"])
    transcript.apply(stream("c", "cell-1"))
    assert texts(transcript, "cell-1") == ["c"]


# -- prompts and errors ----------------------------------------------------------------------------------------------


def test_a_prompt_is_open_until_it_is_answered() -> None:
    transcript = after(stream("hello"), input_request("name? "))
    assert transcript.prompt is not None
    assert transcript.prompt.msg_id == "request-1"
    last = transcript.messages()[-1]
    assert (last.channel, last.msg_type, last.parent_id) == ("stdin", "input_request", "cell-0")
    transcript.note_answer()
    assert transcript.prompt is None


def test_a_prompt_ends_with_its_execution() -> None:
    transcript = after(input_request("name? "), status("idle", "cell-1"), status("busy"))
    assert transcript.prompt is not None
    transcript.apply(status("idle"))
    assert transcript.prompt is None


def test_a_click_asks_in_the_cell_of_its_widget() -> None:
    transcript = after(comm_open("button", {}, "cell-1"))
    transcript.note_sent("click", "button")
    transcript.apply(input_request("sure? ", "click"))
    assert transcript.messages()[-1].parent_id == "cell-1"
    assert [message.msg_type for message in transcript.messages(["cell-0"])] == ["comm_open"]


def test_errors_are_outputs_and_kept_raw() -> None:
    transcript = after(*(error(f"E{number}") for number in range(300)))
    assert transcript.errors[0].content["ename"] == "E0"
    assert len(transcript.errors) == 100
    assert len(transcript.outputs_of("cell-0").as_notebook()) == 300


# -- the whole -------------------------------------------------------------------------------------------------------


def test_messages_come_in_the_protocols_order() -> None:
    transcript = after(
        stream("b", "cell-1"),
        comm_open("w1", {}, "cell-1"),
        display("a", "cell-0"),
        comm_open("w0", {}, "cell-0"),
        input_request("? ", "cell-1"),
    )
    messages = transcript.messages()
    assert [(m.msg_id, m.msg_type, m.parent_id) for m in messages] == [
        ("r-0", "comm_open", "cell-1"),
        ("r-1", "comm_open", "cell-0"),
        ("r-2", "display_data", "cell-0"),
        ("r-3", "stream", "cell-1"),
        ("r-4", "input_request", "cell-1"),
    ]
    assert [m.msg_type for m in transcript.messages({"cell-0"})] == ["comm_open", "comm_open", "display_data"]


def test_what_the_messages_make_makes_the_same_messages() -> None:
    transcript = after(
        output_widget("out", msg_id="cell-1"),
        stream("captured", "cell-1"),
        comm_open("image", {"format": "png"}, buffer_paths=[["value"]], buffers=[b"png"]),
        display("d", "cell-0", "x"),
        stream("s", "cell-2"),
        clear_output("cell-2", wait=True),
    )
    anew = after(*transcript.messages())
    assert [(m.msg_type, m.content, m.parent_id, [bytes(b) for b in m.buffers]) for m in anew.messages()] == [
        (m.msg_type, m.content, m.parent_id, [bytes(b) for b in m.buffers]) for m in transcript.messages()
    ]
    for each in (transcript, anew):
        each.apply(stream("new", "cell-2"))
        assert texts(each, "cell-2") == ["new"]


def test_copies_go_their_own_ways() -> None:
    transcript = after(
        output_widget("out", msg_id="click"), comm_open("s", {"value": 1}), stream("a"), display("one", "cell-1", "x")
    )
    twin = transcript.copy()
    twin.apply(update("s", {"value": 2}))
    twin.apply(stream("b"))
    twin.apply(stream("captured", "click"))
    twin.apply(display("two", "cell-1", "x", update=True))
    twin.apply(update("out", {"msg_id": ""}))
    twin.apply(comm_open("new", {}))
    twin.apply(error("KeyError"))
    twin.apply(input_request("? "))
    assert transcript.comms["s"].state["value"] == 1
    assert texts(transcript, "cell-0") == ["a"]
    assert texts(transcript, "cell-1") == ["one"]
    assert captured(transcript, "out") == []
    assert (transcript.errors, transcript.prompt, "new" in transcript.comms) == ([], None, False)
    transcript.apply(stream("mine", "click"))
    assert captured(transcript, "out") == ["mine"]
    assert captured(twin, "out") == ["captured"]
    assert texts(twin, "cell-1") == ["two"]


def test_a_page_that_follows_is_told_once_when_outputs_are_cut() -> None:
    transcript = Transcript(CELLS, limit=2_000)
    shown = [transcript.follow(stream("x" * 300)) for _ in range(20)]
    assert sum("cut here" in message.content["text"] for message in shown if message) == 1
    assert shown[-1] is None
    transcript.apply(display("one", "cell-1", "x"))
    large = transcript.follow(display("y" * 5_000, "cell-1", "x", update=True))
    assert large is not None
    assert large.msg_type == "update_display_data"
    assert "cut here" in large.content["data"]["text/plain"]
    assert large.content["transient"] == {"display_id": "x"}


MALFORMED: list[tuple[str, Any]] = [
    ("stream", {}),
    ("stream", {"name": "stdout", "text": 5}),
    ("display_data", {"data": []}),
    ("display_data", {"data": {}, "metadata": None}),
    ("error", {"ename": "E"}),
    ("update_display_data", {"transient": {"display_id": ["x"]}}),
    ("update_display_data", {"transient": {"display_id": "x"}}),
    ("clear_output", []),
    ("comm_open", {}),
    ("comm_open", {"comm_id": [], "target_name": "jupyter.widget", "data": {"state": {}}}),
    ("comm_open", {"comm_id": "new", "target_name": "jupyter.widget", "data": {}}),
    ("comm_open", {"comm_id": "new", "target_name": "jupyter.widget", "data": {"state": {}, "buffer_paths": [["x"]]}}),
    (
        "comm_open",
        {
            "comm_id": "out",
            "target_name": "jupyter.widget",
            "data": {"state": {"_model_name": "OutputModel", "msg_id": {}}},
        },
    ),
    ("comm_msg", {}),
    ("comm_msg", {"comm_id": {}, "data": {}}),
    ("comm_msg", {"comm_id": "out", "data": []}),
    ("comm_msg", {"comm_id": "out", "data": {"method": "update", "state": []}}),
    ("comm_msg", {"comm_id": "out", "data": {"method": "update", "state": {"outputs": "x"}}}),
    ("comm_msg", {"comm_id": "out", "data": {"method": "update", "state": {"msg_id": 5}}}),
    (
        "comm_msg",
        {"comm_id": "out", "data": {"method": "update", "state": {"layout": 1}, "buffer_paths": [["a", "b"]]}},
    ),
    ("comm_msg", {"comm_id": "out", "data": {"method": ["update"], "state": {}}}),
    ("comm_close", {"comm_id": []}),
    ("input_request", {"prompt": 5}),
    ("unheard_of", {"any": "thing"}),
    ("execute_input", {"code": "secret"}),
]


@pytest.mark.parametrize(("msg_type", "content"), MALFORMED)
def test_malformed_messages_are_skipped_and_change_nothing(msg_type: str, content: Any) -> None:
    transcript = after(output_widget("out"), display("shown", "cell-0", "x"))
    before = [(m.msg_type, m.content) for m in transcript.messages()]
    transcript.apply(kernel_message(msg_type, content))
    assert [(m.msg_type, m.content) for m in transcript.messages()] == before
    assert transcript.prompt is None
    transcript.apply(stream("goes on"))
    assert texts(transcript, "cell-0") == ["shown", "goes on"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 100_000, b"\xff"])
def test_contents_that_are_no_json_are_skipped(content: bytes) -> None:
    transcript = after(stream("a"), input_request("? "))
    for msg_type in ("stream", "comm_open", "comm_msg", "comm_close", "clear_output", "input_request", "status"):
        transcript.apply(Message("iopub", msg_type, content, parent_id="cell-0"))
    assert texts(transcript, "cell-0") == ["a"]


def test_an_app_without_cells_shows_nothing() -> None:
    transcript = Transcript([])
    transcript.apply(stream("a"))
    transcript.apply(input_request("? "))
    assert transcript.messages() == []


_parents = st.sampled_from(["cell-0", "cell-1", "click", ""])
_anything: st.SearchStrategy[Message] = st.one_of(
    st.builds(stream, st.text("ab\r\n", max_size=4), _parents),
    st.builds(display, st.text("ab", max_size=2), _parents, st.sampled_from([None, "x", "y"]), update=st.booleans()),
    st.builds(clear_output, _parents, wait=st.booleans()),
    st.builds(output_widget, st.sampled_from("ABC"), _parents, msg_id=_parents),
    st.builds(lambda comm_id, msg_id: update(comm_id, {"msg_id": msg_id}), st.sampled_from("ABC"), _parents),
    st.builds(lambda comm_id: update(comm_id, {"outputs": []}), st.sampled_from("ABC")),
    st.builds(lambda comm_id: kernel_message("comm_close", {"comm_id": comm_id}), st.sampled_from("ABC")),
)


def folded(transcript: Transcript) -> list[tuple[Any, ...]]:
    return [(m.msg_type, m.parent_id, m.content) for m in transcript.messages()]


@given(st.lists(_anything, max_size=30), st.integers(0, 30))
def test_a_copy_taken_at_any_time_ends_where_the_original_does(messages: list[Message], middle: int) -> None:
    whole, first = after(*messages), after(*messages[:middle])
    before = folded(first)
    twin = first.copy()
    for message in messages[middle:]:
        twin.apply(message)
    assert folded(twin) == folded(whole)
    assert folded(first) == before
    assert set(twin._captures) == set(twin._capturing.values())
