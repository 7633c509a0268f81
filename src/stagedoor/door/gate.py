"""The gate: which of a page's messages a kernel gets, as a pure function over the message and the session's state.

What is not known is refused; what passes is built anew from its known parts, so that nothing unseen rides along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..jupyter.comms import WIDGET_TARGET, Comm, put_buffers
from ..jupyter.message import Json, Message
from .traits import may_send, rule_for

MESSAGE_ID = re.compile(r"(?!cell-)[A-Za-z0-9_-]{1,64}")
MAX_STATE_DEPTH = 64


class Refused(Exception):  # noqa: N818 -- the door's word
    """A message that may not pass. ``reason`` is a short code for the log and the metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def admit(
    message: Message, comms: Mapping[str, Comm], prompt: Message | None, opened: frozenset[str] = frozenset()
) -> Message:
    """The message for the kernel that a page's message stands for.

    Args:
        message: as it came from the page.
        comms: the session's open comms, by id.
        prompt: the open ``input_request``, when the app waits for the visitor.
        opened: what the app's author lets visitors set beyond the rules, as ``IntSlider.max``.

    Raises:
        Refused: the visitor may not send this.
    """
    if not MESSAGE_ID.fullmatch(message.msg_id):
        raise Refused("bad_message_id")
    match message.channel, message.msg_type:
        case "shell", "comm_msg":
            return _comm_message(message, comms, opened)
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


def _comm_message(message: Message, comms: Mapping[str, Comm], opened: frozenset[str]) -> Message:
    content = content_of(message)
    comm_id, data = content.get("comm_id"), content.get("data")
    comm = comms.get(comm_id) if isinstance(comm_id, str) else None
    if comm is None or comm.target_name != WIDGET_TARGET:
        raise Refused("unknown_comm")
    if not isinstance(data, dict):
        raise Refused("bad_content")
    match data.get("method"):
        case "update":
            admitted = _update(data, message.buffers, comm, comms, opened)
        case "custom":
            if not may_send(comm, data.get("content"), opened):
                raise Refused("custom_message")
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


def _update(data: Json, buffers: Sequence[Any], comm: Comm, comms: Mapping[str, Comm], opened: frozenset[str]) -> Json:
    state, paths = data.get("state"), data.get("buffer_paths", [])
    if not isinstance(state, dict) or not isinstance(paths, list) or len(paths) != len(buffers):
        raise Refused("bad_content")
    for path in paths:
        if not isinstance(path, list) or not 1 <= len(path) <= MAX_STATE_DEPTH or not isinstance(path[0], str):
            raise Refused("bad_buffer_path")
    try:
        whole = put_buffers(state, paths, buffers)
    except ValueError:
        raise Refused("bad_buffer_path") from None
    for trait, value in whole.items():
        if trait not in comm.state:
            raise Refused("unknown_trait")
        rule = rule_for(comm, trait, comms, opened)
        if rule is None:
            raise Refused("protected_trait")
        if not rule.fits(value, trait, comm.state):
            raise Refused("bad_value")
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
