"""A Jupyter message, reduced to what passes between a page, the gateway and a kernel.

Headers carry process ids, user names and dates that nobody beyond the kernel needs, so a message here has only its
ids and its type; each kernel source puts on the full header that its kernel wants.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Json = dict[str, Any]
Buffer = bytes | memoryview

_encode = msgspec.json.Encoder(enc_hook=str).encode
_decode = msgspec.json.Decoder().decode


def encode_json(value: Any) -> bytes:
    """JSON in UTF-8, as short as it gets."""
    return _encode(value)


def decode_json(data: Buffer) -> Any:
    """The value of a JSON text; a kernel's ``NaN`` and ``Infinity`` are read too.

    Raises:
        ValueError: the text is not JSON.
    """
    try:
        return _decode(data)
    except msgspec.DecodeError:
        return json.loads(bytes(data))


class Message:
    """A message with a content that is decoded when it is first looked at.

    Treat a message as immutable: a changed one is made with :meth:`replace`.
    """

    __slots__ = ("_content", "_content_json", "buffers", "channel", "metadata", "msg_id", "msg_type", "parent_id")

    def __init__(
        self,
        channel: str,
        msg_type: str,
        content: Mapping[str, Any] | Buffer,
        *,
        msg_id: str = "",
        parent_id: str = "",
        metadata: Mapping[str, Any] | None = None,
        buffers: Sequence[Buffer] = (),
    ) -> None:
        self.channel = channel
        self.msg_type = msg_type
        self.msg_id = msg_id
        self.parent_id = parent_id
        self.metadata: Mapping[str, Any] = metadata or {}
        self.buffers = buffers
        self._content_json: Buffer | None = None
        self._content: Mapping[str, Any] | None = None
        if isinstance(content, (bytes, memoryview)):
            self._content_json = content
        else:
            self._content = content

    @property
    def content(self) -> Mapping[str, Any]:
        """The content.

        Raises:
            ValueError: it is not a JSON object.
        """
        if self._content is None:
            assert self._content_json is not None
            content = decode_json(self._content_json)
            if not isinstance(content, dict):
                raise ValueError("the content of a message is an object")
            self._content = content
        return self._content

    @property
    def content_json(self) -> Buffer:
        """The content as JSON in UTF-8: as it came, if it came so."""
        if self._content_json is None:
            self._content_json = encode_json(self._content)
        return self._content_json

    def replace(self, **changes: Any) -> Message:
        """A copy in which the attributes named have other values."""
        values = {
            name: getattr(self, name) for name in ("channel", "msg_type", "msg_id", "parent_id", "metadata", "buffers")
        }
        content = changes.pop("content", None)
        copy = Message(
            content=self._content_json or self._content or {} if content is None else content, **(values | changes)
        )
        if content is None:
            copy._content = self._content
        return copy

    def __repr__(self) -> str:
        about = f"{self.channel}, {self.msg_type}, {self.msg_id!r}, parent {self.parent_id!r}"
        return f"Message({about}, {bytes(self.content_json[:200])!r})"
