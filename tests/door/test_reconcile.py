"""What a page has to be told when a run of the app is not quite as the one that it shows."""

from __future__ import annotations

from stagedoor.door.reconcile import compare
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.transcript import Transcript


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
