"""What a page has to be told when a run of the app is not quite as the one that it shows."""

from __future__ import annotations

import pytest

from stagedoor.door.reconcile import compare, stale, translate
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.transcript import Transcript


def widget(module: str, **state: object) -> Transcript:
    """An app with one widget."""
    transcript = Transcript(["cell-0"])
    state |= {"_model_name": "PlotModel", "_model_module": module}
    opened = {"comm_id": "c", "target_name": "jupyter.widget", "data": {"state": state}}
    transcript.apply(Message("iopub", "comm_open", opened, parent_id="cell-0"))
    return transcript


def displayed(text: str, display_id: str | None = None) -> Transcript:
    """An app whose only cell displays this."""
    transcript = Transcript(["cell-0"])
    transient = {"display_id": display_id} if display_id else {}
    content = {"data": {"text/html": text}, "metadata": {}, "transient": transient}
    transcript.apply(Message("iopub", "display_data", content, parent_id="cell-0"))
    return transcript


def drawn(*strokes: str) -> Transcript:
    """A canvas on which its custom messages have drawn."""
    transcript = Transcript(["cell-0"])
    state = {"_model_name": "CanvasModel", "width": 3}
    opened = {"comm_id": "c", "target_name": "jupyter.widget", "data": {"state": state}}
    transcript.apply(Message("iopub", "comm_open", opened, parent_id="cell-0"))
    for stroke in strokes:
        said = {"comm_id": "c", "data": {"method": "custom", "content": {"draw": "stroke"}}}
        transcript.apply(Message("iopub", "comm_msg", said, parent_id="cell-0", buffers=[stroke.encode()]))
    return transcript


def test_a_picture_that_was_drawn_alike_stays() -> None:
    difference = compare(drawn("a", "b"), drawn("a", "b"))
    assert (difference.other_models, difference.updates, difference.cells) == (False, [], [])


def test_a_picture_that_was_drawn_otherwise_is_drawn_anew() -> None:
    assert compare(drawn("a"), drawn("b")).other_models
    assert compare(drawn("a"), drawn("a", "b")).other_models


def test_a_core_widget_is_given_its_new_state() -> None:
    [update] = compare(
        widget("@jupyter-widgets/controls", value=1), widget("@jupyter-widgets/controls", value=2)
    ).updates
    assert update.content["data"]["state"] == {"value": 2}


def test_others_are_drawn_anew_and_hear_nothing_of_what_was_said_to_the_former() -> None:
    shown, live = widget("anywidget", uid="a"), widget("anywidget", uid="b")
    assert not compare(shown, widget("anywidget", uid="a")).other_models
    assert compare(shown, live).other_models
    clicked = Message("shell", "comm_msg", {"comm_id": "c", "data": {"method": "custom", "content": {"uid": "a"}}})
    assert translate(clicked, shown, live, stale(shown, live)).content["comm_id"] == ""
    assert translate(clicked, shown, live, stale(live, live)).content["comm_id"] == "c"


ONE, OTHER = "0a" * 16, "3366d0e9-8001-4650-a74f-9d72506290e3"


def test_a_widget_that_differs_by_names_that_are_made_up_stays_and_is_still_spoken_with() -> None:
    shown = widget("anywidget", traces=[{"uid": ONE}, {"uid": "mine"}], object_ids=[0x7F00_0000_1000])
    live = widget("anywidget", traces=[{"uid": OTHER}, {"uid": "mine"}], object_ids=[0x7F00_0000_2000])
    difference = compare(shown, live)
    assert (difference.other_models, difference.updates, difference.cells) == (False, [], [])
    assert stale(shown, live) == frozenset()
    theirs, ours = (
        {"uid": uid, "id": address} for uid, address in ((ONE, 0x7F00_0000_1000), (OTHER, 0x7F00_0000_2000))
    )
    said = Message("shell", "comm_msg", {"comm_id": "c", "data": {"method": "custom", "content": theirs}})
    assert difference.names.to_kernel(said).content["data"]["content"] == ours
    assert difference.names.to_page(difference.names.to_kernel(said)).content == said.content


@pytest.mark.parametrize(
    ("shown", "live"),
    [
        ({"uid": ONE, "of": ONE}, {"uid": OTHER, "of": ONE}),  # what was one is two
        ({"uid": ONE, "of": OTHER}, {"uid": OTHER, "of": OTHER}),
        ({"uid": ONE, "value": 1}, {"uid": OTHER, "value": 2}),
        ({"uid": f"a {ONE}"}, {"uid": f"b {OTHER}"}),
        ({"uid": ONE}, {"uid": OTHER, "more": True}),
        ({"uids": [ONE]}, {"uids": [OTHER, ONE]}),
        ({"at": 1_764_115_200_123}, {"at": 1_764_115_201_456}),
        ({"at": 0x7F00_0000_1000}, {"at": 5}),
    ],
)
def test_one_that_differs_by_more_does_not(shown: dict[str, object], live: dict[str, object]) -> None:
    assert compare(widget("anywidget", **shown), widget("anywidget", **live)).other_models


def test_an_id_that_a_library_makes_up_is_no_difference() -> None:
    assert compare(displayed(f"<b id={'0a' * 16}>"), displayed(f"<b id={'b1' * 16}>")).cells == []
    assert compare(displayed("<b>one</b>"), displayed("<b>two</b>")).cells == ["cell-0"]


def test_another_display_id_is_one_since_updates_are_addressed_by_it() -> None:
    assert compare(displayed("<b>", "0a" * 16), displayed("<b>", "0a" * 16)).cells == []
    assert compare(displayed("<b>", "0a" * 16), displayed("<b>", "b1" * 16)).cells == ["cell-0"]
