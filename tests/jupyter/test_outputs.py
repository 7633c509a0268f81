"""Outputs of a cell, as a notebook would save them."""

from __future__ import annotations

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_messages import display, error, kernel_message, stream

from stagedoor.jupyter.message import Message
from stagedoor.jupyter.outputs import OutputList


def outputs(*messages: Message, limit: int = 100_000) -> OutputList:
    made = OutputList(limit)
    for message in messages:
        made.add(message)
    return made


def texts(made: OutputList) -> list[str]:
    return [output.get("text") or output["data"]["text/plain"] for output in made.as_notebook()]


def test_adjacent_streams_of_one_name_are_one() -> None:
    made = outputs(stream("a"), stream("b\n"), stream("oh", name="stderr"), stream("c"), display("d"), stream("e"))
    assert [(o["output_type"], o.get("name")) for o in made.as_notebook()] == [
        ("stream", "stdout"),
        ("stream", "stderr"),
        ("stream", "stdout"),
        ("display_data", None),
        ("stream", "stdout"),
    ]
    assert texts(made) == ["ab\n", "oh", "c", "d", "e"]


def test_every_type_is_valid_in_a_notebook() -> None:
    result = kernel_message("execute_result", {"execution_count": 3, "data": {"text/plain": "3"}, "metadata": {}})
    made = outputs(stream("text"), display("shown"), result, error("ValueError"))
    for output in made.as_notebook():
        nbformat.validate(output, ref="output", version=4)
    assert made.as_notebook()[2]["execution_count"] == 3
    assert made.as_notebook()[3] == {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "why",
        "traceback": ["line 1", "line 2"],
    }


def test_as_messages_they_make_the_same_outputs() -> None:
    made = outputs(stream("a"), stream("b"), display("d", display_id="x"), error("KeyError"))
    messages = made.as_messages("cell-7")
    assert [message.msg_type for message in messages] == ["stream", "display_data", "error"]
    assert {(message.channel, message.parent_id) for message in messages} == {("iopub", "cell-7")}
    assert outputs(*messages).as_notebook() == made.as_notebook()


def test_clear_output_waits_for_the_next_output() -> None:
    made = outputs(stream("old"))
    made.clear(wait=True)
    assert texts(made) == ["old"]
    assert [message.msg_type for message in made.as_messages("cell-0")] == ["stream", "clear_output"]
    made.add(stream("new"))
    assert texts(made) == ["new"]
    made.clear()
    assert made.as_messages("cell-0") == []


def test_a_malformed_output_does_not_clear_what_is_there() -> None:
    made = outputs(stream("old"))
    made.clear(wait=True)
    for content in ({}, {"name": "stdout"}, {"name": 1, "text": "x"}, {"name": "stdout", "text": ["x"]}):
        with pytest.raises(ValueError, match="stream"):
            made.add(kernel_message("stream", content))
    with pytest.raises(ValueError, match="MIME"):
        made.add(kernel_message("display_data", {"data": "x"}))
    with pytest.raises(ValueError, match="traceback"):
        made.add(kernel_message("error", {"ename": "E", "evalue": "e", "traceback": "x"}))
    assert texts(made) == ["old"]


def test_update_display_changes_every_output_of_its_id() -> None:
    made = outputs(display("one", display_id="x"), display("two"), display("three", display_id="x"))
    before = made.copy()
    made.update_display(display("new", display_id="x", update=True))
    assert texts(made) == ["new", "two", "new"]
    made.update_display(display("other", display_id="y", update=True))
    made.update_display(display("nameless", update=True))
    assert texts(made) == ["new", "two", "new"]
    assert texts(before) == ["one", "two", "three"]
    before.update_display(display("newer", display_id="x", update=True))
    assert texts(before) == ["newer", "two", "newer"]
    assert texts(made) == ["new", "two", "new"]


def test_a_display_id_survives_the_notebook_format() -> None:
    loaded = OutputList()
    loaded.load(outputs(display("one", display_id="x")).as_notebook())
    loaded.update_display(display("two", display_id="x", update=True))
    assert texts(loaded) == ["two"]


def test_loading_takes_what_is_well_formed() -> None:
    made = outputs(stream("old"))
    made.load(
        [
            {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
            {"output_type": "stream", "name": "stdout", "text": "c"},
            {"output_type": "unheard of"},
            None,
            {"output_type": "display_data", "data": {"text/plain": "d"}},
        ]
    )
    assert texts(made) == ["a\nbc", "d"]


def test_copies_go_their_own_ways() -> None:
    made = outputs(display("d"), stream("a"))
    twin = made.copy()
    made.add(stream("b"))
    twin.add(stream("c"))
    twin.add(display("e"))
    assert texts(made) == ["d", "ab"]
    assert texts(twin) == ["d", "ac", "e"]


def test_what_is_too_much_is_cut_and_said_once() -> None:
    made = outputs(stream("first\n"), limit=2_000)
    shown = [made.add(stream("x" * 400)) for _ in range(10)]
    assert made.cut
    [text] = texts(made)
    assert text.startswith("first\nxxx")
    assert text.count("Output was cut here") == 1
    assert text.endswith("Output was cut here: only 0.002 MB of it are kept.\n")
    assert 1_600 < len(text) < 2_100

    notices = [message for message in shown if message is not None and "cut here" in message.content["text"]]
    assert len(notices) == 1
    assert shown[shown.index(notices[0]) + 1 :] == [None] * (9 - shown.index(notices[0]))
    assert "".join(message.content["text"] for message in shown if message) == text.removeprefix("first\n")

    made.clear()
    made.add(stream("again"))
    assert texts(made) == ["again"]


def test_a_picture_that_is_too_large_is_left_out() -> None:
    made = outputs(display("small"), limit=2_000)
    notice = made.add(display("large" * 1_000))
    assert notice is not None
    assert notice.msg_type == "stream"
    assert texts(made) == ["small", "\nOutput was cut here: only 0.002 MB of it are kept.\n"]


def test_a_display_that_grows_too_large_shows_the_notice_until_it_is_smaller() -> None:
    made = outputs(display("one", display_id="x"), limit=2_000)
    assert not made.update_display(display("large" * 1_000, display_id="x", update=True))
    assert texts(made) == ["Output was cut here: only 0.002 MB of it are kept."]
    for _ in range(100):
        assert made.update_display(display("y" * 1_000, display_id="x", update=True))
    assert texts(made) == ["y" * 1_000]


def test_displays_that_grow_come_to_the_limit_together() -> None:
    made = outputs(display("one", display_id="x"), display("two", display_id="y"), limit=3_000)
    assert made.update_display(display("x" * 1_400, display_id="x", update=True))
    assert not made.update_display(display("y" * 1_400, display_id="y", update=True))
    assert made.update_display(display("x", display_id="x", update=True))
    assert made.update_display(display("y" * 1_400, display_id="y", update=True))
    assert texts(made) == ["x", "y" * 1_400]


def test_a_progress_bar_never_comes_to_the_limit() -> None:
    made = OutputList(2_000)
    for percent in range(1_000):
        made.add(stream(f"\r{percent / 10}% of a long calculation"))
    assert not made.cut
    assert texts(made) == ["99.9% of a long calculation"]


@given(
    st.lists(
        st.builds(stream, st.text(max_size=300), name=st.sampled_from(["stdout", "stderr"]))
        | st.builds(display, st.text(max_size=300)),
        max_size=40,
    )
)
def test_the_limit_holds_whatever_comes(messages: list[Message]) -> None:
    made = outputs(*messages, limit=4_000)
    kept = sum(len(message.content_json) for message in made.as_messages("c"))
    assert len(made.as_notebook()) <= 4_000 / 256 + 1
    # JSON escapes a character with six bytes at most.
    assert kept <= 6 * 4_000
