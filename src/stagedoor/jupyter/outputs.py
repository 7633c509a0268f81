"""The outputs of a cell or of an output widget, folded as a notebook would save them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .message import Json, Message
from .streams import StreamText

DEFAULT_LIMIT = 10_000_000
"""Bytes of outputs that one cell, or one output widget, keeps."""
_ENTRY_SIZE = 256
"""What an entry counts besides its text and data, so that a million empty ones are not free."""
_SLICE = 250_000
"""Characters of a stream that are written before the limit is looked at again: cursors can make much of a few."""


@dataclass(frozen=True, slots=True)
class Display:
    """A ``display_data``, an ``execute_result`` or an ``error``."""

    message: Message
    display_id: str | None
    size: int

    @classmethod
    def of(cls, message: Message) -> Display:
        """The entry for a message (``update_display_data`` too, which becomes a ``display_data`` as in JupyterLab).

        Raises:
            ValueError: the content is not that of such a message.
        """
        content = message.content
        if message.msg_type == "error":
            _check_error(content)
            display_id = None
        else:
            _check_bundle(content)
            display_id = display_id_of(content)
        msg_type = "display_data" if message.msg_type == "update_display_data" else message.msg_type
        # Only the JSON is kept: holding the decoded content as well would take the memory twice.
        kept = Message("iopub", msg_type, message.content_json, buffers=message.buffers)
        size = _ENTRY_SIZE + len(message.content_json) + sum(memoryview(buffer).nbytes for buffer in message.buffers)
        return cls(kept, display_id, size)

    @property
    def as_notebook(self) -> Json:
        """As an item of a notebook's ``outputs``; ``transient`` says the display id, as JupyterLab keeps it."""
        content = self.message.replace().content  # decoded in a copy, which does not stay
        output: Json = {"output_type": self.message.msg_type}
        if self.message.msg_type == "error":
            return output | {key: content[key] for key in ("ename", "evalue", "traceback")}
        output |= {"data": content.get("data", {}), "metadata": content.get("metadata", {})}
        if self.message.msg_type == "execute_result":
            output["execution_count"] = content.get("execution_count")
        if self.display_id is not None:
            output["transient"] = {"display_id": self.display_id}
        return output


class Stream:
    """Adjacent ``stream`` messages of one name."""

    __slots__ = ("name", "text")

    def __init__(self, name: str, text: StreamText | None = None) -> None:
        self.name = name
        self.text = text or StreamText()

    @property
    def as_notebook(self) -> Json:
        """As an item of a notebook's ``outputs``."""
        return {"output_type": "stream", "name": self.name, "text": self.text.text}


class OutputList:
    """Outputs in the order in which they came.

    Args:
        limit: bytes that are kept; past them a notice is put in, and nothing more until all is cleared.
    """

    __slots__ = ("_clear_next", "_entries", "_limit", "_places", "_size", "_stream", "changes", "cut")

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.changes = 0
        """Grows with every change."""
        self.cut = False
        """Whether something was left out because of the limit."""
        self._limit = limit
        self._entries: list[Display | Stream] = []
        # The last entry if it is a stream: only this one is ever written to, so copies share the others.
        self._stream: Stream | None = None
        # Where each display id is; None when it has to be looked for first.
        self._places: dict[str, list[int]] | None = {}
        self._size = 0
        self._clear_next = False

    def add(self, message: Message) -> Message | None:
        """Takes a ``stream``, ``display_data``, ``execute_result`` or ``error``.

        Returns:
            What a page that shows these outputs is to be sent for it: the message; None when it was left out; a
            ``stream`` that says so when it is the first to be left out.

        Raises:
            ValueError: the content is malformed; nothing has changed then.
        """
        if message.msg_type == "stream":
            return self._add_stream(message)
        display = Display.of(message)
        self._clear_if_due()
        if self.cut:
            return None
        self.changes += 1
        if self._size + display.size > self._limit:
            return self._cut(message, "")
        self._append(display)
        return message

    def update_display(self, message: Message) -> bool:
        """Changes the outputs that have the display id of an ``update_display_data``.

        Returns:
            False when the new data was left out because of the limit, and a notice put in its place.

        Raises:
            ValueError: the content is malformed.
        """
        display_id = display_id_of(message.content)
        places = self._find_displays().get(display_id) if display_id is not None else None
        if not places:
            return True
        self.changes += 1
        display = Display.of(message)
        fits = True
        for place in places:
            former = self._entries[place]
            assert isinstance(former, Display)
            room = self._limit - self._size + former.size
            new = display if display.size <= room else Display.of(notice_in_place_of(message, self._limit))
            fits = fits and new is display
            self._entries[place] = new
            self._size += new.size - former.size
        return fits

    def clear(self, *, wait: bool = False) -> None:
        """Empties the list, at once or when the next output comes."""
        if wait:
            self._clear_next = True
            return
        self.changes += 1
        self._entries, self._stream, self._places = [], None, {}
        self._size, self.cut, self._clear_next = 0, False, False

    def load(self, outputs: Sequence[Any]) -> None:
        """Takes a notebook's ``outputs`` instead of what is there; malformed ones are left out."""
        self.clear()
        for output in outputs:
            try:
                self.add(_message_of(output))
            except ValueError:
                continue

    def as_messages(self, parent_id: str) -> list[Message]:
        """The messages that make these outputs, as replies to ``parent_id``.

        A ``clear_output`` that waits for the next output is the last of them.
        """
        messages = []
        for entry in self._entries:
            if isinstance(entry, Display):
                messages.append(entry.message.replace(parent_id=parent_id))
            elif text := entry.text.text:
                messages.append(Message("iopub", "stream", {"name": entry.name, "text": text}, parent_id=parent_id))
        if self._clear_next and messages:
            messages.append(Message("iopub", "clear_output", {"wait": True}, parent_id=parent_id))
        return messages

    def as_notebook(self) -> list[Json]:
        """In notebook format; an entry that may be updated has its ``display_id`` in ``transient``."""
        return [entry.as_notebook for entry in self._entries if isinstance(entry, Display) or entry.text.size]

    def copy(self) -> OutputList:
        """A list that goes its own way; the outputs are shared."""
        twin = OutputList(self._limit)
        twin._entries = self._entries.copy()
        if self._stream is not None:
            twin._stream = Stream(self._stream.name, self._stream.text.copy())
            twin._entries[-1] = twin._stream
        twin._places = None
        twin.changes, twin.cut = self.changes, self.cut
        twin._size, twin._clear_next = self._size, self._clear_next
        return twin

    def _add_stream(self, message: Message) -> Message | None:
        content = message.content
        name, text = content.get("name"), content.get("text")
        if not isinstance(name, str) or not isinstance(text, str):
            raise ValueError("a stream has a name and a text")
        self._clear_if_due()
        if self.cut:
            return None
        if not text:
            return message
        self.changes += 1
        before = self._size
        for start in range(0, len(text), _SLICE):
            self._write(name, text[start : start + _SLICE])
            if self._size > self._limit:
                break
        else:
            return message
        assert self._stream is not None
        self._stream.text.shorten(max(0, self._stream.text.size - (self._size - self._limit)))
        return self._cut(message, text[: max(0, self._limit - before)] if name == "stdout" else "")

    def _write(self, name: str, text: str) -> None:
        stream = self._stream
        if stream is None or stream.name != name:
            stream = self._stream = Stream(name)
            self._entries.append(stream)
            self._size += _ENTRY_SIZE
        before = stream.text.size
        stream.text.write(text)
        self._size += stream.text.size - before

    def _cut(self, message: Message, last_words: str) -> Message:
        self.cut = True
        notice = f"\n{notice_of(self._limit)}\n"
        self._write("stdout", notice)
        return message.replace(msg_type="stream", content={"name": "stdout", "text": last_words + notice}, buffers=())

    def _append(self, display: Display) -> None:
        if display.display_id is not None and self._places is not None:
            self._places.setdefault(display.display_id, []).append(len(self._entries))
        self._entries.append(display)
        self._stream = None
        self._size += display.size

    def _clear_if_due(self) -> None:
        if self._clear_next:
            self.clear()

    def _find_displays(self) -> dict[str, list[int]]:
        if self._places is None:
            self._places = {}
            for place, entry in enumerate(self._entries):
                if isinstance(entry, Display) and entry.display_id is not None:
                    self._places.setdefault(entry.display_id, []).append(place)
        return self._places


def notice_of(limit: int) -> str:
    """The sentence that stands where outputs were left out."""
    return f"Output was cut here: only {limit / 1e6:g} MB of it are kept."


def notice_in_place_of(message: Message, limit: int) -> Message:
    """A display message that shows the notice where the data of ``message`` would have been too large."""
    content = {"data": {"text/plain": notice_of(limit)}, "metadata": {}}
    return message.replace(content=content | {"transient": message.content.get("transient", {})}, buffers=())


def display_id_of(content: Mapping[str, Any]) -> str | None:
    """The display id of an output's content, if it has one."""
    transient = content.get("transient")
    display_id = transient.get("display_id") if isinstance(transient, dict) else None
    return display_id if isinstance(display_id, str) else None


def _check_bundle(content: Mapping[str, Any]) -> None:
    if not isinstance(content.get("data"), dict) or not isinstance(content.get("metadata", {}), dict):
        raise ValueError("a display has data and metadata by MIME type")


def _check_error(content: Mapping[str, Any]) -> None:
    traceback = content.get("traceback")
    texts = [content.get("ename"), content.get("evalue"), *(traceback if isinstance(traceback, list) else [None])]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("an error has a name, a value and a traceback")


def _message_of(output: Any) -> Message:
    """The message of a notebook's output (nbformat: a stream's text may be a list of lines)."""
    if not isinstance(output, dict):
        raise ValueError("an output is an object")
    content = {key: value for key, value in output.items() if key != "output_type"}
    if isinstance(content.get("text"), list):
        content["text"] = "".join(part for part in content["text"] if isinstance(part, str))
    msg_type = output.get("output_type")
    if msg_type not in {"stream", "display_data", "execute_result", "error"}:
        raise ValueError("an output of an unknown type")
    return Message("iopub", msg_type, content)
