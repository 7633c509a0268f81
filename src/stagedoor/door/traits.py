"""What a visitor may set of each widget: what its own view would set, and only values that this view could send.

The rules are a table, from which docs/door.md is made (:mod:`stagedoor.door.table`). Of ipywidgets' own models nothing
passes that is not in the table. Models of other packages are not known: what they sync a visitor may set, except what
steers the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..jupyter.comms import WIDGET_TARGET, Comm
from .values import (
    Rule,
    anything,
    boolean,
    bounded_float,
    bounded_floats,
    bounded_integer,
    bounded_integers,
    child_index,
    choice,
    color,
    colors,
    count,
    date,
    date_and_time,
    files,
    finite,
    integer,
    log_float,
    option_index,
    option_indices,
    option_range,
    range_of_floats,
    range_of_integers,
    tags,
    text,
    time_of_day,
)

CORE_MODULES = frozenset({"@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output"})
"""The packages of ipywidgets' own models."""

STEERING = frozenset(
    {
        "_model_module",
        "_model_module_version",
        "_model_name",
        "_view_module",
        "_view_module_version",
        "_view_name",
        "_esm",
        "_css",
        "_anywidget_id",
        "_dom_classes",
        "layout",
    }
)
"""Traits that steer what code a page loads and where it shows a widget: a kernel sets them, never a visitor."""

CAPTURED = frozenset({"outputs", "msg_id"})
"""Traits of an output widget that the gateway itself keeps in step with what was captured."""

_SELECTION = {"index": option_index}
_TEXT = {"value": text}
_CHILD = {"selected_index": child_index}

RULES: Mapping[str, Mapping[str, Rule]] = {
    "AccordionModel": _CHILD,
    "BoundedFloatTextModel": {"value": bounded_float},
    "BoundedIntTextModel": {"value": bounded_integer},
    "CheckboxModel": {"value": boolean},
    "ColorPickerModel": {"value": color},
    "ColorsInputModel": {"value": colors},
    "ComboboxModel": {"value": choice},
    "ControllerAxisModel": {"value": finite},
    "ControllerButtonModel": {"value": finite, "pressed": boolean},
    "ControllerModel": {"name": text, "mapping": text, "connected": boolean, "timestamp": finite},
    "DatePickerModel": {"value": date},
    "DatetimeModel": {"value": date_and_time},
    "DropdownModel": _SELECTION,
    "FileUploadModel": {"value": files, "error": text},
    "FloatLogSliderModel": {"value": log_float},
    "FloatRangeSliderModel": {"value": range_of_floats},
    "FloatSliderModel": {"value": bounded_float},
    "FloatTextModel": {"value": finite},
    "FloatsInputModel": {"value": bounded_floats},
    "IntRangeSliderModel": {"value": range_of_integers},
    "IntSliderModel": {"value": bounded_integer},
    "IntTextModel": {"value": integer},
    "IntsInputModel": {"value": bounded_integers},
    "NaiveDatetimeModel": {"value": date_and_time},
    "PasswordModel": _TEXT,
    "PlayModel": {"value": bounded_integer, "playing": boolean, "repeat": boolean},
    "RadioButtonsModel": _SELECTION,
    "SelectModel": _SELECTION,
    "SelectMultipleModel": {"index": option_indices},
    "SelectionRangeSliderModel": {"index": option_range},
    "SelectionSliderModel": _SELECTION,
    "StackModel": _CHILD,
    "TabModel": _CHILD,
    "TagsInputModel": {"value": tags},
    "TextModel": _TEXT,
    "TextareaModel": _TEXT,
    "TimeModel": {"value": time_of_day},
    "ToggleButtonModel": {"value": boolean},
    "ToggleButtonsModel": _SELECTION,
}
"""By model: the traits of ipywidgets' models that their views set, and the values that they can send."""

EVENTS: Mapping[str, str] = {
    "ButtonModel": "click",
    "ComboboxModel": "submit",
    "PasswordModel": "submit",
    "TextModel": "submit",
    "ToggleButtonsModel": "click",
}
"""By model: the ``event`` of the custom message that its view sends. The other models of ipywidgets send none."""

VIEW_COUNT = "_view_count"
"""How many views a widget has. Every view counts itself, once the app has asked for it by setting it to a number."""

_LINKS = {"LinkModel": ("source", "target"), "DirectionalLinkModel": ("target",)}
_REFERENCE = "IPY_MODEL_"
_OPENING = re.compile(r"[A-Za-z_]\w*[.:]\w+")


def is_opening(entry: str) -> bool:
    """Whether an author's entry is one that :func:`rule_for` understands: ``IntSlider.max``, ``HTML:custom``."""
    return _OPENING.fullmatch(entry) is not None


def rule_for(comm: Comm, trait: str, comms: Mapping[str, Comm], opened: frozenset[str]) -> Rule | None:
    """What a visitor may set this trait to; None when a visitor may not set it.

    Args:
        comm: of the widget.
        comms: the session's open comms: a ``jslink`` among them lets the page set what it links.
        opened: what the app's author lets visitors set beyond the table, as ``IntSlider.max``.
    """
    if trait in STEERING or (trait in CAPTURED and comm.model_name == "OutputModel"):
        return None
    if trait == VIEW_COUNT:
        return count
    if comm.model_module not in CORE_MODULES:
        return anything
    rule = RULES.get(comm.model_name, {}).get(trait)
    if rule is None and (f"{_class(comm)}.{trait}" in opened or _linked(comm.comm_id, trait, comms)):
        return _like_present
    return rule


def may_send(comm: Comm, content: Any, opened: frozenset[str]) -> bool:
    """Whether a visitor may send a custom message of this content to a widget."""
    if comm.model_module not in CORE_MODULES or f"{_class(comm)}:custom" in opened:
        return True
    return bool(content == {"event": EVENTS.get(comm.model_name)})


def _class(comm: Comm) -> str:
    return comm.model_name.removesuffix("Model")


def _linked(comm_id: str, trait: str, comms: Mapping[str, Comm]) -> bool:
    """Whether a ``jslink`` or ``jsdlink`` makes the page set this trait: a link is carried out in the browser."""
    end = [_REFERENCE + comm_id, trait]
    return any(
        comm.model_module in CORE_MODULES and list(comm.state.get(name) or ()) == end
        for comm in comms.values()
        if comm.target_name == WIDGET_TARGET
        for name in _LINKS.get(comm.model_name, ())
    )


def _is_like_present(value: Any, trait: str, state: Mapping[str, Any]) -> bool:
    present = state[trait]
    if value is None or present is None:
        return True
    if isinstance(present, bool) or isinstance(value, bool):
        return isinstance(present, bool) and isinstance(value, bool)
    kinds: tuple[type | tuple[type, ...], ...] = ((int, float), str, (list, tuple), dict, bytes)
    return any(isinstance(present, kind) and isinstance(value, kind) for kind in kinds)


_like_present = Rule("of the kind that it has", _is_like_present)
