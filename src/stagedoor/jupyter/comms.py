"""Comms: the models of widgets, and the binary values that travel beside their JSON."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .message import Buffer, Json, Message
from .outputs import OutputList

WIDGET_TARGET = "jupyter.widget"
OUTPUT_MODEL = "OutputModel"

BufferPath = list[str | int]
_BINARY = (bytes, memoryview, bytearray)

KEPT_CUSTOM = 2 * 2**20
"""Bytes of custom messages that are kept for each widget."""


def put_buffers(state: Mapping[str, Any], paths: Sequence[Any], buffers: Sequence[Buffer]) -> Json:
    """The state with the buffers at their paths, as bytes; what is given stays as it is.

    The last step of a path may be a new key of an object, or a place that a list has (ipywidgets, ``_put_buffers``
    and ``_remove_buffers``).

    Raises:
        ValueError: a path leads nowhere, or there are not as many paths as buffers.
    """
    if len(paths) != len(buffers):
        raise ValueError("there are as many buffers as paths to them")
    whole: Json = dict(state)
    own = {id(whole)}
    for path, buffer in zip(paths, buffers, strict=True):
        if not isinstance(path, list) or not path:
            raise ValueError("a buffer's path is a list of keys and indices")
        holder: Any = whole
        for step in path[:-1]:
            child = _at(holder, step)
            if id(child) not in own:
                child = child.copy() if isinstance(child, (dict, list)) else child
                own.add(id(child))
                holder[step] = child
            holder = child
        last = path[-1]
        if not (isinstance(holder, dict) and isinstance(last, str)):
            _at(holder, last)
        holder[last] = bytes(buffer)
    return whole


def _at(holder: Any, step: Any) -> Any:
    if isinstance(holder, dict) and isinstance(step, str) and step in holder:
        return holder[step]
    # A bool is an int to Python, but no index to anybody else.
    if isinstance(holder, list) and type(step) is int and 0 <= step < len(holder):
        return holder[step]
    raise ValueError("a buffer's path leads nowhere")


def remove_buffers(
    state: Mapping[str, Any], keys: Iterable[str] | None = None
) -> tuple[Json, list[BufferPath], list[Buffer]]:
    """The state without its binary values, the paths to them, and they themselves; what is given stays as it is.

    A value in an object leaves with its key, one in a list leaves None (ipywidgets, ``_remove_buffers``).

    Args:
        state: of a widget.
        keys: where alone to look for binary values; everywhere if None.
    """
    paths: list[BufferPath] = []
    buffers: list[Buffer] = []
    plain = dict(state)
    for key in list(state) if keys is None else [key for key in state if key in keys]:
        value = state[key]
        if isinstance(value, _BINARY):
            del plain[key]
            paths.append([key])
            buffers.append(_readable(value))
        elif isinstance(value, (dict, list, tuple)):
            plain[key] = _without(value, [key], paths, buffers)
    return plain, paths, buffers


def _without(value: Any, path: BufferPath, paths: list[BufferPath], buffers: list[Buffer]) -> Any:
    changed: Any = None
    items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in items:
        if isinstance(item, _BINARY):
            paths.append([*path, step])
            buffers.append(_readable(item))
            new = None
        elif isinstance(item, (dict, list, tuple)):
            new = _without(item, [*path, step], paths, buffers)
        else:
            continue
        if new is item:
            continue
        if changed is None:
            changed = dict(value) if isinstance(value, dict) else list(value)
        if new is None and isinstance(value, dict):
            del changed[step]
        else:
            changed[step] = new
    return value if changed is None else changed


def _readable(value: bytes | memoryview | bytearray) -> Buffer:
    return bytes(value) if isinstance(value, bytearray) else value


def update_message(comm_id: str, state: Mapping[str, Any], *, parent_id: str = "") -> Message:
    """The ``comm_msg`` that sets a part of a widget's state; binary values in it become buffers."""
    plain, paths, buffers = remove_buffers(state)
    data = {"method": "update", "state": plain, "buffer_paths": paths}
    return Message("iopub", "comm_msg", {"comm_id": comm_id, "data": data}, parent_id=parent_id, buffers=buffers)


class CustomMessages:
    """The custom messages that a widget has been sent: what a page shows may be made of them, as a canvas is.

    The latest ones are kept, up to ``limit`` bytes.
    """

    __slots__ = ("_bytes", "_limit", "_messages")

    def __init__(self, limit: int = KEPT_CUSTOM) -> None:
        self._limit = limit
        self._messages: deque[Message] = deque()
        self._bytes = 0

    def add(self, message: Message) -> None:
        """Notes the ``comm_msg``."""
        self._messages.append(message)
        self._bytes += message.size
        while self._bytes > self._limit:
            self._bytes -= self._messages.popleft().size

    def copy(self) -> CustomMessages:
        """One that goes its own way."""
        twin = CustomMessages(self._limit)
        twin._messages, twin._bytes = self._messages.copy(), self._bytes
        return twin

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CustomMessages) and [*map(_essence, self)] == [*map(_essence, other)]

    __hash__ = None  # type: ignore[assignment]


def _essence(message: Message) -> tuple[Any, list[bytes]]:
    return message.content, [bytes(buffer) for buffer in message.buffers]


class Comm:
    """An open comm with the state that its widget has.

    Values in the state are never changed in place, so copies share them.

    Args:
        comm_id: the kernel's id of it.
        target_name: what it is for: ``jupyter.widget``, or what an extension has chosen.
        parent_id: the id of the cell in which it was opened.
        state: of a widget, binary values in their places as bytes.
        metadata: of its ``comm_open``; holds the version of the widget protocol.
    """

    __slots__ = (
        "_binary",
        "_reflected",
        "_shared",
        "_state",
        "comm_id",
        "custom",
        "metadata",
        "outputs",
        "parent_id",
        "target_name",
    )

    def __init__(
        self,
        comm_id: str,
        target_name: str,
        *,
        parent_id: str = "",
        state: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.comm_id = comm_id
        self.target_name = target_name
        self.parent_id = parent_id
        self.metadata: Mapping[str, Any] = metadata or {}
        self.outputs: OutputList | None = None
        """What an output widget has captured; its ``outputs`` in the state follow it."""
        self.custom = CustomMessages()
        self._state: Json = dict(state or {})
        # Which values may hold binary ones: looking through all of a large state takes long.
        self._binary = frozenset(self._state)
        self._shared = False
        self._reflected = 0

    @property
    def state(self) -> Mapping[str, Any]:
        """The widget's synced traits by name. Do not change it."""
        if self.outputs is not None and self.outputs.changes != self._reflected:
            self._writable()["outputs"] = self.outputs.as_notebook()
            self._reflected = self.outputs.changes
        return self._state

    @property
    def model_name(self) -> str:
        """The name of the model's class, ``ButtonModel`` for example; "" if this is no widget's comm."""
        return str(self._state.get("_model_name", ""))

    @property
    def model_module(self) -> str:
        """The npm package of the model's class; "" if this is no widget's comm."""
        return str(self._state.get("_model_module", ""))

    def capture(self, limit: int) -> OutputList:
        """Makes this an output widget's comm that keeps at most ``limit`` bytes; it begins with its state's outputs."""
        self.outputs = OutputList(limit)
        outputs = self._state.get("outputs")
        self.outputs.load(outputs if isinstance(outputs, (list, tuple)) else ())
        return self.outputs

    def update(self, state: Mapping[str, Any], paths: Sequence[Any] = (), buffers: Sequence[Buffer] = ()) -> None:
        """Sets the traits named in ``state``, as the ``update`` of a widget's comm does.

        Raises:
            ValueError: a buffer path leads nowhere, or ``outputs`` of an output widget is no list; nothing has changed.
        """
        new = put_buffers(state, paths, buffers) if paths or buffers else state
        if self.outputs is not None and "outputs" in new:
            outputs = new["outputs"]
            if not isinstance(outputs, (list, tuple)):
                raise ValueError("the outputs of an output widget are a list")
            self.outputs.load(outputs)
        self._writable().update(new)
        if paths or self._binary:
            self._binary = (self._binary - new.keys()) | {path[0] for path in paths}

    def open_message(self) -> Message:
        """The ``comm_open`` with the state as it is now."""
        state, paths, buffers = remove_buffers(self.state, self._binary)
        data = {"state": state, "buffer_paths": paths}
        content = {"comm_id": self.comm_id, "target_name": self.target_name, "data": data}
        return Message("iopub", "comm_open", content, parent_id=self.parent_id, metadata=self.metadata, buffers=buffers)

    def copy(self) -> Comm:
        """A comm that goes its own way; the state is shared until one of the two changes it."""
        twin = Comm.__new__(Comm)
        twin.comm_id, twin.target_name, twin.parent_id = self.comm_id, self.target_name, self.parent_id
        twin.metadata, twin._binary, twin._reflected = self.metadata, self._binary, self._reflected
        twin.outputs = None if self.outputs is None else self.outputs.copy()
        twin.custom = self.custom.copy()
        twin._state = self._state
        twin._shared = self._shared = True
        return twin

    def _writable(self) -> Json:
        if self._shared:
            self._state = dict(self._state)
            self._shared = False
        return self._state

    def __repr__(self) -> str:
        return f"Comm({self.comm_id!r}, {self.target_name!r}, {self.model_name!r})"
