"""The state of widgets, and the binary values in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets.widgets import widget as ipywidgets  # type: ignore[import-untyped]

from stagedoor.jupyter.comms import Comm, put_buffers, remove_buffers, update_message

_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
_states = st.dictionaries(st.text(max_size=3), _values, max_size=4)


@given(_states)
def test_buffers_are_taken_out_as_ipywidgets_does_it_and_put_back(state: dict[str, Any]) -> None:
    before = repr(state)
    plain, paths, buffers = remove_buffers(state)
    assert (plain, paths, buffers) == ipywidgets._remove_buffers(state)
    assert put_buffers(plain, paths, buffers) == state
    assert repr(state) == before


@given(_states)
def test_a_state_without_its_buffers_is_not_changed_when_they_are_put_into_it(state: dict[str, Any]) -> None:
    plain, paths, buffers = remove_buffers(state)
    before = repr(plain)
    put_buffers(plain, paths, buffers)
    assert repr(plain) == before


@pytest.mark.parametrize(
    "paths",
    [
        [["x", "y", "z"]],
        [["list", 2]],
        [["list", -1]],
        [["list", True]],
        [["list", "0"]],
        [["number", "x"]],
        [[0]],
        [[]],
        ["list"],
        [None],
        [["list", 0], ["list", 1]],
        [],
    ],
)
def test_a_path_that_leads_nowhere_is_refused_and_nothing_has_changed(paths: list[Any]) -> None:
    comm = Comm("c", "jupyter.widget", state={"kept": 1})
    with pytest.raises(ValueError, match="path"):
        comm.update({"list": [None, None], "number": 5}, paths, [b"bytes"])
    assert comm.state == {"kept": 1}


def test_an_update_replaces_values_and_binary_ones_leave_as_buffers() -> None:
    comm = Comm("c", "jupyter.widget", parent_id="cell-1", metadata={"version": "2.1.0"})
    comm.update({"_model_name": "ImageModel", "_model_module": "@jupyter-widgets/controls", "format": "png"})
    comm.update({"deep": [{"x": 1}]}, [["value"], ["deep", 0, "data"]], [memoryview(b"old"), b"deep"])
    comm.update({"format": "jpeg"}, [["value"]], [memoryview(b"new")])
    assert comm.state["value"] == b"new"
    assert (comm.model_name, comm.model_module) == ("ImageModel", "@jupyter-widgets/controls")

    message = comm.open_message()
    data = message.content["data"]
    assert dict(zip(map(tuple, data["buffer_paths"]), message.buffers, strict=True)) == {
        ("value",): b"new",
        ("deep", 0, "data"): b"deep",
    }
    assert data["state"]["deep"] == [{"x": 1}]
    assert "value" not in data["state"]
    assert (message.channel, message.msg_type, message.parent_id) == ("iopub", "comm_open", "cell-1")
    assert message.metadata == {"version": "2.1.0"}

    comm.update({"value": None, "deep": []})
    assert comm.open_message().content["data"]["buffer_paths"] == []


def test_copies_go_their_own_ways() -> None:
    comm = Comm("c", "jupyter.widget", state={"value": 1, "blob": b"blob"})
    twin = comm.copy()
    third = twin.copy()
    comm.update({"value": 2})
    twin.update({"blob": None})
    assert (comm.state["value"], twin.state["value"], third.state["value"]) == (2, 1, 1)
    assert [c.state["blob"] for c in (comm, twin, third)] == [b"blob", None, b"blob"]
    assert third.open_message().buffers == [b"blob"]


def test_an_update_message_has_its_binary_values_as_buffers() -> None:
    message = update_message("c", {"value": b"picture", "format": "png"})
    assert message.content == {
        "comm_id": "c",
        "data": {"method": "update", "state": {"format": "png"}, "buffer_paths": [["value"]]},
    }
    assert message.buffers == [b"picture"]
