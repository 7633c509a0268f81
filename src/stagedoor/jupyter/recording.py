"""The recording of an app: the folded messages of its run in one frame (docs/protocol.md, "The recording")."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .framing import FramingError, join, split
from .message import Buffer, Json, Message, decode_json, encode_json

FORMAT = 1
REPEATED_TEXT = 1_000
"""Characters from which a text that occurs more than once is stored once."""
LONG_TEXT = 64_000
"""Characters from which a text is stored beside the JSON in any case."""

_Path = tuple[str | int, ...]
_HOLDERS = (dict, list, tuple)
_WORTH_A_LOOK = (str, *_HOLDERS)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as a page reads it."""

    app: str
    title: str
    generation: str
    cells: list[Json]
    assets: dict[str, str]
    messages: list[Message]
    extensions: dict[str, Json] = field(default_factory=dict)
    renderers: list[Json] = field(default_factory=list)


def encode_recording(
    *,
    app: str,
    title: str,
    generation: str,
    cells: Sequence[Mapping[str, Any]],
    assets: Mapping[str, str],
    messages: Sequence[Message],
    extensions: Mapping[str, Json] | None = None,
    renderers: Sequence[Json] = (),
    scripts: bool = True,
) -> bytes:
    """The recording of an app as one frame; equal arguments give equal bytes.

    Args:
        app: its name.
        title: for people.
        generation: a hash that changes when the recording does.
        cells: name and id of each cell, in order.
        assets: path from the gateway's root of each library, by name.
        messages: what makes the page, in order.
        extensions: what a page loads for the widgets of a module, by the module's name.
        renderers: what a page loads for MIME types that it does not know.
        scripts: whether HTML and JavaScript outputs run in the page.
    """
    parts = _Parts()
    texts = _TextTaker(parts, Counter(text for message in messages for text in _long_texts(message.content)))
    records = [
        {
            "channel": message.channel,
            "header": {"msg_id": message.msg_id, "msg_type": message.msg_type},
            "parent_header": {"msg_id": message.parent_id},
            "metadata": message.metadata,
            "content": texts.without_texts(message.content, (index, "content")),
            "buffers": [parts.number(bytes(buffer)) for buffer in message.buffers],
        }
        for index, message in enumerate(messages)
    ]
    contents = {
        "format": FORMAT,
        "app": app,
        "title": title,
        "generation": generation,
        "cells": cells,
        "assets": assets,
        "extensions": extensions or {},
        "messages": records,
        "shared": texts.shared,
    }
    if renderers:
        contents["renderers"] = renderers
    if not scripts:
        contents["scripts"] = False
    return join([encode_json(contents), *parts.stored])


def decode_recording(frame: Buffer) -> Recording:
    """The recording in a frame.

    Raises:
        FramingError: the frame holds no recording of this format.
    """
    # A recording comes from the gateway itself, and a page of many pictures has many parts.
    parts = split(frame, max_parts=sys.maxsize)
    try:
        contents = decode_json(parts[0])
        if contents["format"] != FORMAT:
            raise FramingError(f"this is a recording of format {contents['format']}, not {FORMAT}")
        for place in contents["shared"]:
            _put_back(contents["messages"], place["path"], str(_part(parts, place["part"]), "utf-8"))
        return Recording(
            app=contents["app"],
            title=contents["title"],
            generation=contents["generation"],
            cells=contents["cells"],
            assets=contents["assets"],
            messages=[_message_of(record, parts) for record in contents["messages"]],
            extensions=contents.get("extensions", {}),
            renderers=contents.get("renderers", []),
        )
    except FramingError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise FramingError("the frame holds no recording") from error


class _Parts:
    """The frame's parts after the JSON; equal ones are one. The JSON is part 0."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    @property
    def stored(self) -> list[bytes]:
        return list(self._numbers)

    def number(self, part: bytes) -> int:
        return self._numbers.setdefault(part, len(self._numbers) + 1)


def _long_texts(value: Any) -> Iterator[str]:
    """Every text in the value that may be worth storing once."""
    if isinstance(value, str):
        if len(value) >= REPEATED_TEXT:
            yield value
    elif isinstance(value, _HOLDERS):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, _WORTH_A_LOOK):
                yield from _long_texts(item)


class _TextTaker:
    """Takes texts out of messages, remembering what belongs where."""

    def __init__(self, parts: _Parts, often: Counter[str]) -> None:
        self.shared: list[Json] = []
        self._parts = parts
        self._often = often

    def without_texts(self, value: Any, path: _Path) -> Any:
        """The value with "" where a stored text has to be put back; what is given stays as it is."""
        if isinstance(value, str):
            if len(value) < LONG_TEXT and (len(value) < REPEATED_TEXT or self._often[value] < 2):
                return value
            number = self._parts.number(value.encode("utf-8", "replace"))
            self.shared.append({"path": path, "part": number})
            return ""
        if not isinstance(value, _HOLDERS):
            return value
        changed: Any = None
        items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
        for step, item in items:
            if not isinstance(item, _WORTH_A_LOOK):
                continue
            new = self.without_texts(item, (*path, step))
            if new is not item:
                if changed is None:
                    changed = dict(value) if isinstance(value, dict) else list(value)
                changed[step] = new
        return value if changed is None else changed


def _put_back(messages: Any, path: list[Any], text: str) -> None:
    holder = messages
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = text


def _part(parts: Sequence[memoryview], number: Any) -> memoryview:
    if type(number) is not int or not 1 <= number < len(parts):
        raise FramingError(f"the recording has no part {number!r}")
    return parts[number]


def _message_of(record: Json, parts: Sequence[memoryview]) -> Message:
    return Message(
        record["channel"],
        record["header"]["msg_type"],
        record["content"],
        msg_id=record["header"]["msg_id"],
        parent_id=record["parent_header"]["msg_id"],
        metadata=record["metadata"],
        buffers=[bytes(_part(parts, number)) for number in record["buffers"]],
    )
