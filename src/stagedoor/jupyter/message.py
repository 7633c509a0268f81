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
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)


def encode_json(value: Any) -> bytes:
    """JSON in UTF-8, as short as it gets; what JSON has no word for (``NaN``, half a surrogate pair) is replaced."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return _encode(json.loads(_whole_characters(value)))


def decode_json(data: Buffer) -> Any:
    """The value of a JSON text; a kernel's ``NaN`` and ``Infinity`` are read too, broken characters are replaced.

    Raises:
        ValueError: the text is not JSON, or nested too deeply.
    """
    try:
        return _decode(data)
    except _UNREADABLE:
        return _decode_leniently(data)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _decode_leniently(data: Buffer) -> Any:
    """What Python's own kernels write and no other reader takes: see jupyter_client, ``json_packer``."""
    text = str(data, "utf-8", "replace")
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    return json.loads(_whole_characters(value)) if "\\u" in text else value


def _whole_characters(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")


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
            self._content = self._decoded()
        return self._content

    def _decoded(self) -> Json:
        assert self._content_json is not None
        try:
            content, lenient = _decode(self._content_json), False
        except (*_UNREADABLE, RecursionError):
            content, lenient = decode_json(self._content_json), True
        if not isinstance(content, dict):
            raise ValueError("the content of a message is an object")
        if lenient:
            self._content_json = None  # a browser would not read it: it is encoded anew when it is asked for
        return content

    @property
    def content_json(self) -> Buffer:
        """The content as JSON in UTF-8: as it came, if it came so."""
        if self._content_json is None:
            self._content_json = encode_json(self._content)
        return self._content_json

    @property
    def size(self) -> int:
        """Bytes of its content and buffers."""
        return len(self.content_json) + sum(map(len, self.buffers))

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
