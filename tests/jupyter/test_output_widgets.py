"""Output widgets: what they capture, and what of it the kernel is told."""

from __future__ import annotations

from kernel_messages import (
    after,
    captured,
    clear_output,
    display,
    kernel_message,
    output_widget,
    stream,
    texts,
    update,
)


def test_an_output_widget_captures_while_its_msg_id_is_set() -> None:
    transcript = after(
        output_widget("out"),
        stream("before"),
        update("out", {"msg_id": "cell-0"}),
        stream("in"),
        stream("side"),
        stream("elsewhere", "cell-1"),
        display("picture"),
        update("out", {"msg_id": ""}),
        stream("after"),
    )
    assert captured(transcript, "out") == ["inside", "picture"]
    assert texts(transcript, "cell-0") == ["beforeafter"]
    assert texts(transcript, "cell-1") == ["elsewhere"]
    [opened, *_] = transcript.messages()
    assert [o["output_type"] for o in opened.content["data"]["state"]["outputs"]] == ["stream", "display_data"]


def test_nested_output_widgets_give_back_to_the_outer_one() -> None:
    transcript = after(
        output_widget("outer"),
        output_widget("inner"),
        update("outer", {"msg_id": "cell-0"}),
        stream("1"),
        update("inner", {"msg_id": "cell-0"}),
        stream("2"),
        update("inner", {"msg_id": ""}),
        stream("3"),
        update("outer", {"msg_id": ""}),
        stream("4"),
    )
    assert (captured(transcript, "outer"), captured(transcript, "inner")) == (["13"], ["2"])
    assert texts(transcript, "cell-0") == ["4"]
    assert list(transcript.take_captured()) == ["outer", "inner"]


def test_a_msg_id_that_is_set_again_changes_nothing() -> None:
    transcript = after(
        output_widget("first", msg_id="cell-0"),
        output_widget("second", msg_id="cell-0"),
        update("first", {"msg_id": "cell-0"}),
    )
    transcript.apply(stream("text"))
    assert (captured(transcript, "first"), captured(transcript, "second")) == ([], ["text"])


def test_a_capture_moves_on_and_ends_with_its_widget() -> None:
    transcript = after(output_widget("out", msg_id="click-1"), output_widget("under"))
    transcript.apply(update("under", {"msg_id": "click-2"}))
    transcript.apply(stream("1", "click-1"))
    transcript.apply(update("out", {"msg_id": "click-2"}))
    transcript.apply(stream("nobody", "click-1"))
    transcript.apply(stream("2", "click-2"))
    assert captured(transcript, "out") == ["12"]
    transcript.apply(kernel_message("comm_close", {"comm_id": "out"}))
    transcript.apply(stream("3", "click-2"))
    assert captured(transcript, "under") == ["3"]
    assert texts(transcript, "cell-2") == ["nobody"]


def test_clear_output_in_an_output_widget() -> None:
    transcript = after(
        output_widget("out", msg_id="cell-0"), stream("old"), clear_output(wait=True), stream("new"), clear_output()
    )
    assert captured(transcript, "out") == []
    transcript.apply(stream("newer"))
    assert captured(transcript, "out") == ["newer"]


def test_the_kernel_may_set_outputs_itself() -> None:
    appended = [{"output_type": "stream", "name": "stdout", "text": text} for text in ("a", "b")]
    transcript = after(
        output_widget("out"), update("out", {"outputs": appended[:1]}), update("out", {"outputs": appended})
    )
    assert captured(transcript, "out") == ["ab"]
    assert transcript.take_captured() == {}
    transcript.apply(update("out", {"msg_id": "cell-0"}))
    transcript.apply(stream("c"))
    assert captured(transcript, "out") == ["abc"]
    transcript.apply(update("out", {"outputs": []}))
    assert captured(transcript, "out") == []


def test_outputs_in_the_first_state_are_kept() -> None:
    transcript = after(output_widget("out", outputs=[{"output_type": "stream", "name": "stdout", "text": "early"}]))
    assert captured(transcript, "out") == ["early"]


def test_the_echo_of_captured_outputs_does_not_undo_newer_ones() -> None:
    transcript = after(output_widget("out", msg_id="cell-0"), stream("1"))
    told = transcript.take_captured()["out"]
    transcript.apply(stream("2"))
    transcript.apply(update("out", {"outputs": told}, method="echo_update"))
    assert captured(transcript, "out") == ["12"]


def test_what_was_captured_is_taken_once() -> None:
    transcript = after(output_widget("out", msg_id="cell-0"), output_widget("quiet"), stream("1"))
    assert transcript.take_captured() == {"out": [{"output_type": "stream", "name": "stdout", "text": "1"}]}
    assert transcript.take_captured() == {}
    transcript.apply(clear_output())
    assert transcript.take_captured() == {"out": []}
    transcript.apply(stream("2"))
    transcript.apply(kernel_message("comm_close", {"comm_id": "out"}))
    assert transcript.take_captured() == {}


def test_update_display_reaches_cells_and_output_widgets() -> None:
    transcript = after(
        display("one", "cell-0", "x"),
        output_widget("out"),
        update("out", {"msg_id": "cell-1"}),
        display("one", "cell-1", "x"),
        update("out", {"msg_id": ""}),
    )
    transcript.take_captured()
    transcript.apply(display("two", "cell-2", "x", update=True))
    assert texts(transcript, "cell-0") == ["two"]
    assert captured(transcript, "out") == ["two"]
    assert texts(transcript, "cell-2") == []
    assert list(transcript.take_captured()) == ["out"]
