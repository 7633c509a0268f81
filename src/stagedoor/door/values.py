"""Which values a widget's view can send: rules, each with the words that docs/door.md has for it."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

State = Mapping[str, Any]
Fits = Callable[[Any, str, State], bool]
"""Whether a value fits a trait (named), given the state that its widget has."""

_LARGEST = 2**53
"""The integers that a browser can tell apart go to here (ECMAScript, ``Number.MAX_SAFE_INTEGER``)."""
_SLACK = 1e-9
"""Browsers compute a slider's values in binary fractions: ``0.1 * 3`` is a little more than ``0.3``."""
_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,32}|(rgb|hsl)a?\([0-9.,%/ deg]{1,64}\)")
_MEDIA_TYPE = re.compile(r"[\w.+/;=\"' -]{0,255}", re.ASCII)
_MOST_VIEWS = 10_000
_NAME_CHARS = 255
_FILE_KEYS = frozenset({"name", "type", "size", "last_modified", "content"})
_DATE = ("year", "month", "date")
_TIME = ("hours", "minutes", "seconds", "milliseconds")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for the values of a trait."""

    words: str
    fits: Fits


def _is_integer(value: Any) -> bool:
    return type(value) is int and -_LARGEST <= value <= _LARGEST


def _is_number(value: Any) -> bool:
    return _is_integer(value) or (type(value) is float and math.isfinite(value))


def _within(value: Any, state: State) -> bool:
    low, high = (bound if _is_number(bound) else None for bound in (state.get("min"), state.get("max")))
    slack = _SLACK * max(1.0, abs(low or 0), abs(high or 0))
    return (low is None or value >= low - slack) and (high is None or value <= high + slack)


def _is_bounded_integer(value: Any, _: str, state: State) -> bool:
    return _is_integer(value) and _within(value, state)


def _is_bounded_float(value: Any, _: str, state: State) -> bool:
    return _is_number(value) and _within(value, state)


def _is_log_float(value: Any, _: str, state: State) -> bool:
    base, low, high = (state.get(name, 0) for name in ("base", "min", "max"))
    if not all(map(_is_number, (value, base, low, high))):
        return False
    try:
        # The view rounds what it shows, and sends that.
        return bool(float(base) ** low * (1 - 1e-6) <= value <= float(base) ** high * (1 + 1e-6))
    except (OverflowError, ZeroDivisionError, TypeError):
        return False


def _each(fits: Fits) -> Fits:
    return lambda value, trait, state: isinstance(value, list) and all(fits(item, trait, state) for item in value)


def _pair(fits: Fits) -> Fits:
    def fit(value: Any, trait: str, state: State) -> bool:
        return _each(fits)(value, trait, state) and len(value) == 2 and value[0] <= value[1]

    return fit


def _is_index(value: Any, _: str, state: State) -> bool:
    return _is_integer(value) and 0 <= value < len(state.get("_options_labels") or ())


def _is_choice(value: Any, _: str, state: State) -> bool:
    free = not state.get("ensure_option") or value == ""
    return isinstance(value, str) and (free or value in (state.get("options") or ()))


def _is_child(value: Any, _: str, state: State) -> bool:
    return value is None or (_is_integer(value) and 0 <= value < len(state.get("children") or ()))


def _is_color(value: Any, _: str, state: State) -> bool:
    return isinstance(value, str) and _COLOR.fullmatch(value) is not None


def _tagged(fits: Fits) -> Fits:
    """Tags must be among ``allowed_tags``, where there are any."""

    def fit(value: Any, trait: str, state: State) -> bool:
        allowed = state.get("allowed_tags")
        return _each(fits)(value, trait, state) and (not allowed or all(tag in allowed for tag in value))

    return fit


def _is_text(value: Any, _: str, state: State) -> bool:
    return isinstance(value, str)


def _numbers_of(value: Any, names: tuple[str, ...]) -> list[int] | None:
    if not isinstance(value, dict) or set(value) != set(names) or not all(map(_is_integer, value.values())):
        return None
    return [value[name] for name in names]


def _is_date(value: Any, _: str, state: State) -> bool:
    return value is None or _valid(_numbers_of(value, _DATE))


def _is_date_and_time(value: Any, _: str, state: State) -> bool:
    return value is None or _valid(_numbers_of(value, _DATE + _TIME))


def _is_time(value: Any, _: str, state: State) -> bool:
    numbers = _numbers_of(value, _TIME)
    return value is None or (numbers is not None and _valid([2000, 0, 1, *numbers]))


def _valid(numbers: list[int] | None) -> bool:
    """Browsers count months from 0 (ipywidgets, ``trait_types.date_from_json``)."""
    if numbers is None:
        return False
    year, month, day, hours, minutes, seconds, milliseconds = numbers + [0] * (len(_DATE + _TIME) - len(numbers))
    try:
        datetime.datetime(year, month + 1, day, hours, minutes, seconds, milliseconds * 1000)
    except (ValueError, OverflowError):
        return False
    return True


def _are_files(value: Any, _: str, state: State) -> bool:
    if not isinstance(value, list) or (len(value) > 1 and not state.get("multiple")):
        return False
    return all(map(_is_file, value))


def _is_file(file: Any) -> bool:
    if not isinstance(file, dict) or set(file) != _FILE_KEYS:
        return False
    content, size, modified = file["content"], file["size"], file["last_modified"]
    fits = isinstance(content, bytes) and _is_integer(size) and size == len(content)
    return fits and _is_integer(modified) and _is_file_name(file["name"]) and _is_media_type(file["type"])


def _is_file_name(name: Any) -> bool:
    """Whether a name names a file in one folder, whichever: no path, nothing that does not print."""
    if not isinstance(name, str) or not 0 < len(name) <= _NAME_CHARS or name in {".", ".."}:
        return False
    return name.isprintable() and not set(name) & {"/", "\\"}


def _is_media_type(value: Any) -> bool:
    return isinstance(value, str) and _MEDIA_TYPE.fullmatch(value) is not None


def _or_none(fits: Fits) -> Fits:
    return lambda value, trait, state: value is None or fits(value, trait, state)


anything = Rule("any", lambda value, trait, state: True)
boolean = Rule("true or false", lambda value, trait, state: isinstance(value, bool))
count = Rule("a count", lambda value, trait, state: _is_integer(value) and 0 <= value <= _MOST_VIEWS)
integer = Rule("an integer", lambda value, trait, state: _is_integer(value))
finite = Rule("a finite number", lambda value, trait, state: _is_number(value))
bounded_integer = Rule("an integer from `min` to `max`", _is_bounded_integer)
bounded_float = Rule("a finite number from `min` to `max`", _is_bounded_float)
log_float = Rule("a finite number from `base ** min` to `base ** max`", _is_log_float)
bounded_integers = Rule(
    "integers from `min` to `max`, among `allowed_tags` if there are any", _tagged(_is_bounded_integer)
)
bounded_floats = Rule("numbers from `min` to `max`, among `allowed_tags` if there are any", _tagged(_is_bounded_float))
range_of_integers = Rule("two integers in order, from `min` to `max`", _pair(_is_bounded_integer))
range_of_floats = Rule("two finite numbers in order, from `min` to `max`", _pair(_is_bounded_float))
option_index = Rule("the index of an option, or none", _or_none(_is_index))
option_indices = Rule("indices of options", _each(_is_index))
option_range = Rule("two indices of options in order", _pair(_is_index))
child_index = Rule("the index of a child, or none", _is_child)
choice = Rule("text; one of `options` if `ensure_option`", _is_choice)
color = Rule("a colour of CSS", _is_color)
colors = Rule("colours of CSS, among `allowed_tags` if there are any", _tagged(_is_color))
tags = Rule("texts, among `allowed_tags` if there are any", _tagged(_is_text))
text = Rule("text", _is_text)
date = Rule("a date, or none", _is_date)
date_and_time = Rule("a date with a time, or none", _is_date_and_time)
time_of_day = Rule("a time of day, or none", _is_time)
files = Rule(
    "files, one unless `multiple`: a plain name without a path, a media type, a content of the size that is said",
    _are_files,
)
