"""The gate: which of a page's messages a kernel gets, as a pure function over the message and the session's state.

What is not known is refused; what passes is built anew from its known parts, so that nothing unseen rides along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..jupyter.comms import Comm
from ..jupyter.message import Json, Message

MESSAGE_ID = re.compile(r"(?!cell-)[A-Za-z0-9_-]{1,64}")
MAX_STATE_DEPTH = 64

_STEERING = frozenset(
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
    }
)
"""Traits that steer what code a page loads: a kernel sets them, never a visitor."""

_CAPTURED = frozenset({"outputs", "msg_id"})
"""Traits of an output widget that the gateway itself keeps in step with what was captured."""


class Refused(Exception):  # noqa: N818 -- the door's word
    """A message that may not pass. ``reason`` is a short code for the log and the metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def admit(message: Message, comms: Mapping[str, Comm], prompt: Message | None) -> Message:
    """The message for the kernel that a page's message stands for.

    Args:
        message: as it came from the page.
        comms: the session's open comms, by id.
        prompt: the open ``input_request``, when the app waits for the visitor.

    Raises:
        Refused: the visitor may not send this.
    """
    if not MESSAGE_ID.fullmatch(message.msg_id):
        raise Refused("bad_message_id")
    match message.channel, message.msg_type:
        case "shell", "comm_msg":
            return _comm_message(message, comms)
        case "stdin", "input_reply":
            return _input_reply(message, prompt)
    raise Refused("message_type")


def content_of(message: Message) -> Mapping[str, Any]:
    """The content of a page's message.

    Raises:
        Refused: it is not a JSON object.
    """
    try:
        return message.content
    except (ValueError, RecursionError):
        raise Refused("bad_content") from None


def _comm_message(message: Message, comms: Mapping[str, Comm]) -> Message:
    content = content_of(message)
    comm_id, data = content.get("comm_id"), content.get("data")
    comm = comms.get(comm_id) if isinstance(comm_id, str) else None
    if comm is None or comm.target_name != "jupyter.widget":
        raise Refused("unknown_comm")
    if not isinstance(data, dict):
        raise Refused("bad_content")
    match data.get("method"):
        case "update":
            admitted = _update(data, comm, message.buffers)
        case "custom":
            admitted = {"method": "custom", "content": data.get("content")}
        case _:
            raise Refused("comm_method")
    return Message(
        "shell",
        "comm_msg",
        {"comm_id": comm_id, "data": admitted},
        msg_id=message.msg_id,
        buffers=message.buffers,
    )


def _update(data: Json, comm: Comm, buffers: Sequence[Any]) -> Json:
    state, paths = data.get("state"), data.get("buffer_paths", [])
    if not isinstance(state, dict) or not isinstance(paths, list) or len(paths) != len(buffers):
        raise Refused("bad_content")
    # A value that is all buffer has its key in the paths only (ipywidgets, `_remove_buffers`).
    keys = set(state)
    for path in paths:
        if not isinstance(path, list) or not path or len(path) > MAX_STATE_DEPTH:
            raise Refused("bad_buffer_path")
        if not isinstance(path[0], str) or not all(isinstance(step, (str, int)) for step in path):
            raise Refused("bad_buffer_path")
        keys.add(path[0])
    for key in keys:
        if key not in comm.state:
            raise Refused("unknown_trait")
        if key in _STEERING or (key in _CAPTURED and comm.model_name == "OutputModel"):
            raise Refused("protected_trait")
    return {"method": "update", "state": state, "buffer_paths": paths}


def _input_reply(message: Message, prompt: Message | None) -> Message:
    value = content_of(message).get("value")
    if prompt is None:
        raise Refused("no_prompt")
    if not isinstance(value, str) or message.buffers:
        raise Refused("bad_content")
    return Message(
        "stdin", "input_reply", {"value": value, "status": "ok"}, msg_id=message.msg_id, parent_id=prompt.msg_id
    )
