"""What of each widget a visitor may set: the table, and the values."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _registry  # the models that ipywidgets has

from stagedoor.door.gate import Refused, admit
from stagedoor.door.traits import EVENTS, RULES
from stagedoor.jupyter.comms import Comm
from stagedoor.jupyter.message import Message

CORE = {"@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output"}
CLASSES = {key[2]: widget for key, widget in _registry.items() if key[0] in CORE}


def comm_of(widget: ipywidgets.Widget, comm_id: str = "w") -> Comm:
    return Comm(comm_id, "jupyter.widget", state=widget.get_state())


def verdict(comm: Comm, trait: str, value: Any, *others: Comm, opened: frozenset[str] = frozenset()) -> str:
    """``ok``, or why a visitor may not set this."""
    data = {"method": "update", "state": {trait: value}, "buffer_paths": []}
    message = Message("shell", "comm_msg", {"comm_id": comm.comm_id, "data": data}, msg_id="p")
    return _verdict(message, comm, *others, opened=opened)


def _verdict(message: Message, *comms: Comm, opened: frozenset[str] = frozenset()) -> str:
    try:
        admit(message, {comm.comm_id: comm for comm in comms}, None, opened)
    except Refused as refusal:
        return refusal.reason
    return "ok"


def test_the_table_knows_ipywidgets_models_and_their_traits() -> None:
    for model, rules in RULES.items():
        assert set(rules) <= set(CLASSES[model].class_traits(sync=True)), model
    assert set(EVENTS) <= set(CLASSES)


@pytest.mark.parametrize("model", sorted(CLASSES))
def test_what_is_not_in_the_table_no_visitor_sets(model: str) -> None:
    traits = set(CLASSES[model].class_traits(sync=True)) - set(RULES.get(model, {})) - {"_view_count"}
    state = dict.fromkeys(traits, "") | {"_model_name": model, "_model_module": "@jupyter-widgets/controls"}
    comm = Comm("w", "jupyter.widget", state=state)
    assert {verdict(comm, trait, "") for trait in traits} == {"protected_trait"}


FILE = {"name": "a.csv", "type": "text/csv", "size": 3, "last_modified": 1700000000000}
GOOD = [
    (ipywidgets.IntSlider(max=10), "value", 10),
    (ipywidgets.FloatSlider(max=0.3), "value", 0.1 * 3),
    (ipywidgets.FloatSlider(max=3), "value", 2),
    (ipywidgets.FloatLogSlider(value=10, min=-10, max=10), "value", 0.01),
    (ipywidgets.IntRangeSlider(max=10), "value", [2, 2]),
    (ipywidgets.FloatRangeSlider(max=10), "value", [0.5, 7]),
    (ipywidgets.BoundedIntText(max=5), "value", 5),
    (ipywidgets.IntText(), "value", -(2**40)),
    (ipywidgets.FloatText(), "value", 1e300),
    (ipywidgets.Play(max=9), "playing", True),
    (ipywidgets.Checkbox(), "value", True),
    (ipywidgets.Text(), "value", "<script>alert(1)</script>"),
    (ipywidgets.Combobox(options=["a"], ensure_option=True), "value", "a"),
    (ipywidgets.Combobox(options=["a"]), "value", "b"),
    (ipywidgets.Dropdown(options=["a", "b"]), "index", 1),
    (ipywidgets.Dropdown(options=["a", "b"]), "index", None),
    (ipywidgets.SelectMultiple(options=["a", "b"]), "index", [1, 0]),
    (ipywidgets.SelectionRangeSlider(options=["a", "b"]), "index", [1, 1]),
    (ipywidgets.Tab(children=[ipywidgets.Label()]), "selected_index", 0),
    (ipywidgets.Accordion(children=[ipywidgets.Label()]), "selected_index", None),
    (ipywidgets.DatePicker(), "value", {"year": 2024, "month": 1, "date": 29}),
    (ipywidgets.TimePicker(), "value", {"hours": 23, "minutes": 59, "seconds": 0, "milliseconds": 999}),
    (ipywidgets.ColorPicker(), "value", "#00ff00"),
    (ipywidgets.TagsInput(allowed_tags=["a", "b"]), "value", ["b"]),
    (ipywidgets.IntsInput(max=9), "value", [1, 9]),
    (ipywidgets.ColorsInput(), "value", ["red", "#fff"]),
    (ipywidgets.ToggleButtons(options=[1, 2]), "index", 0),
    (ipywidgets.IntSlider(), "_view_count", 3),
]
BAD = [
    (ipywidgets.IntSlider(max=10), "value", 11),
    (ipywidgets.IntSlider(max=10), "value", 1.5),
    (ipywidgets.IntSlider(max=10), "value", True),
    (ipywidgets.IntSlider(max=10), "value", None),
    (ipywidgets.IntSlider(max=10), "value", "3"),
    (ipywidgets.IntText(), "value", 2**60),
    (ipywidgets.FloatText(), "value", float("inf")),
    (ipywidgets.FloatSlider(max=1), "value", 1.01),
    (ipywidgets.FloatLogSlider(value=10, min=0, max=2), "value", 101),
    (ipywidgets.IntRangeSlider(max=10), "value", [3, 2]),
    (ipywidgets.IntRangeSlider(max=10), "value", [1, 2, 3]),
    (ipywidgets.Checkbox(), "value", 1),
    (ipywidgets.Text(), "value", ["x"]),
    (ipywidgets.Combobox(options=["a"], ensure_option=True), "value", "b"),
    (ipywidgets.Dropdown(options=["a", "b"]), "index", 2),
    (ipywidgets.Dropdown(options=["a", "b"]), "index", -1),
    (ipywidgets.SelectMultiple(options=["a", "b"]), "index", [2]),
    (ipywidgets.Tab(children=[ipywidgets.Label()]), "selected_index", 1),
    (ipywidgets.DatePicker(), "value", {"year": 2023, "month": 1, "date": 29}),
    (ipywidgets.DatePicker(), "value", {"year": 2023, "month": 1}),
    (ipywidgets.DatePicker(), "value", "2023-01-01"),
    (ipywidgets.TimePicker(), "value", {"hours": 24, "minutes": 0, "seconds": 0, "milliseconds": 0}),
    (ipywidgets.ColorPicker(), "value", "url(https://x.example)"),
    (ipywidgets.TagsInput(allowed_tags=["a", "b"]), "value", ["c"]),
    (ipywidgets.IntsInput(max=9), "value", [10]),
    (ipywidgets.FileUpload(), "value", [FILE | {"content": "abc"}]),
    (ipywidgets.IntSlider(), "_view_count", -1),
]


@pytest.mark.parametrize(("widget", "trait", "value"), GOOD)
def test_values_that_a_view_can_send(widget: ipywidgets.Widget, trait: str, value: Any) -> None:
    assert verdict(comm_of(widget), trait, value) == "ok"


@pytest.mark.parametrize(("widget", "trait", "value"), BAD)
def test_values_that_no_view_sends(widget: ipywidgets.Widget, trait: str, value: Any) -> None:
    assert verdict(comm_of(widget), trait, value) == "bad_value"


def upload(files: list[dict[str, Any]], contents: list[bytes], **options: Any) -> str:
    paths = [["value", index, "content"] for index in range(len(contents))]
    data = {"method": "update", "state": {"value": files, "error": ""}, "buffer_paths": paths}
    message = Message("shell", "comm_msg", {"comm_id": "w", "data": data}, msg_id="p", buffers=contents)
    return _verdict(message, comm_of(ipywidgets.FileUpload(**options)))


def test_files_may_be_uploaded() -> None:
    assert upload([FILE], [b"abc"]) == "ok"
    assert upload([FILE, FILE], [b"abc", b"def"], multiple=True) == "ok"
    assert upload([FILE, FILE], [b"abc", b"def"]) == "bad_value"


@pytest.mark.parametrize(
    "name", ["../a", "a/b", "a\\b", "..", ".", "", "a\0b", "a\nb", "x" * 300, "\u202egnp.exe", None, ["a"]]
)
def test_names_of_files_are_plain(name: Any) -> None:
    assert upload([FILE | {"name": name}], [b"abc"]) == "bad_value"


@pytest.mark.parametrize(
    "wrong", [{"size": 4}, {"size": -1}, {"size": "3"}, {"type": "a\r\nb"}, {"last_modified": None}, {"more": 1}]
)
def test_what_is_said_of_files_is_true(wrong: dict[str, Any]) -> None:
    assert upload([FILE | wrong], [b"abc"]) == "bad_value"


@pytest.mark.parametrize("link", [ipywidgets.jslink, ipywidgets.jsdlink])
def test_what_a_link_in_the_page_sets_may_be_set(link: Any) -> None:
    source, target = ipywidgets.IntSlider(), ipywidgets.IntProgress()
    ends = {"source": [f"IPY_MODEL_{source.model_id}", "value"], "target": [f"IPY_MODEL_{target.model_id}", "value"]}
    linked = Comm("l", "jupyter.widget", state=link((source, "value"), (target, "value")).get_state() | ends)
    progress = comm_of(target, target.model_id)
    assert verdict(progress, "value", 5) == "protected_trait"
    assert verdict(progress, "value", 5, linked) == "ok"
    assert verdict(progress, "value", "x", linked) == "bad_value"
    assert verdict(progress, "max", 5, linked) == "protected_trait"


def test_an_author_opens_more() -> None:
    slider = comm_of(ipywidgets.IntSlider())
    assert verdict(slider, "max", 5) == "protected_trait"
    assert verdict(slider, "max", 5, opened=frozenset({"IntSlider.max"})) == "ok"
    assert verdict(slider, "max", "x", opened=frozenset({"IntSlider.max"})) == "bad_value"
    assert verdict(slider, "_model_name", "x", opened=frozenset({"IntSlider._model_name"})) == "protected_trait"


@pytest.mark.parametrize(
    ("widget", "content", "expected"),
    [
        (ipywidgets.Button(), {"event": "click"}, "ok"),
        (ipywidgets.Button(), {"event": "click", "more": 1}, "custom_message"),
        (ipywidgets.Button(), ["click"], "custom_message"),
        (ipywidgets.Text(), {"event": "submit"}, "ok"),
        (ipywidgets.IntSlider(), {"event": "click"}, "custom_message"),
        (ipywidgets.Output(), None, "custom_message"),
    ],
)
def test_custom_messages(widget: ipywidgets.Widget, content: Any, expected: str) -> None:
    data = {"method": "custom", "content": content}
    message = Message("shell", "comm_msg", {"comm_id": "w", "data": data}, msg_id="p")
    assert _verdict(message, comm_of(widget)) == expected


def test_models_of_other_packages_are_used_but_do_not_steer_the_page() -> None:
    state = {"_model_name": "MapModel", "_model_module": "jupyter-leaflet", "zoom": 1, "layout": "x", "_esm": ""}
    comm = Comm("w", "jupyter.widget", state=state)
    assert verdict(comm, "zoom", 4) == "ok"
    assert verdict(comm, "layout", "IPY_MODEL_x") == "protected_trait"
    assert verdict(comm, "_esm", "alert(1)") == "protected_trait"
    assert verdict(comm, "unheard", 1) == "unknown_trait"
