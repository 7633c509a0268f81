"""Names that a library makes up on each run: a page goes on with the recording's, the kernel with its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..jupyter.message import Message, encode_json

_WORD = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
_MADE_UP = re.compile(rf"(?<![0-9A-Za-z])(?:{_WORD})(?![0-9A-Za-z])", re.I)
_ADDRESSES = range(2**44, 2**48)
"""What CPython's ``id()`` gives on systems of 64 bits. Times, in milli- as in microseconds, are elsewhere."""


@dataclass(frozen=True)
class Names:
    """The names of one run (the page's) beside those of another (the kernel's), one for one."""

    kernels: Mapping[str, str] = field(default_factory=dict)
    """The kernel's name for each of the page's."""

    def __bool__(self) -> bool:
        return bool(self.kernels)

    def with_state(self, shown: Any, live: Any) -> Names | None:
        """These names and those by which two states differ; None when they differ by more."""
        try:
            pairs = set(_pairs(shown, live)) | set(self.kernels.items())
        except _Otherwise:
            return None
        names = Names(dict(pairs))
        one_for_one = len(names.kernels) == len(names._pages) == len(pairs)
        # A name that is there in both runs has not been made up.
        common = pairs and (names._inward.search(encode_json(live)) or names._outward.search(encode_json(shown)))
        return names if one_for_one and not common else None

    def to_kernel(self, message: Message) -> Message:
        """A message of the page, in the kernel's names."""
        return _rename(message, self._inward, self.kernels)

    def to_page(self, message: Message) -> Message:
        """A message of the kernel, in the page's names."""
        return _rename(message, self._outward, self._pages)

    @cached_property
    def _pages(self) -> Mapping[str, str]:
        return {kernels: page for page, kernels in self.kernels.items()}

    @cached_property
    def _inward(self) -> re.Pattern[bytes]:
        return _any_of(self.kernels)

    @cached_property
    def _outward(self) -> re.Pattern[bytes]:
        return _any_of(self._pages)


class _Otherwise(Exception):  # noqa: N818 -- not an error
    """Two values differ by more than by names."""


def _pairs(shown: Any, live: Any) -> Iterator[tuple[str, str]]:
    """The names in two values that stand for the same.

    Raises:
        _Otherwise: the values differ by more.
    """
    if type(shown) is not type(live):
        raise _Otherwise
    if isinstance(shown, dict):
        if shown.keys() != live.keys():
            raise _Otherwise
        for key, value in shown.items():
            yield from _pairs(value, live[key])
    elif isinstance(shown, list):
        if len(shown) != len(live):
            raise _Otherwise
        for one, other in zip(shown, live, strict=True):
            yield from _pairs(one, other)
    elif isinstance(shown, str):
        if shown != live and _MADE_UP.sub("", shown) != _MADE_UP.sub("", live):
            raise _Otherwise
        yield from zip(_MADE_UP.findall(shown), _MADE_UP.findall(live), strict=True) if shown != live else ()
    elif shown != live:
        if type(shown) is not int or shown not in _ADDRESSES or live not in _ADDRESSES:
            raise _Otherwise
        yield str(shown), str(live)


def _any_of(names: Mapping[str, str]) -> re.Pattern[bytes]:
    return re.compile(
        rb"(?<![0-9A-Za-z])(?:" + b"|".join(re.escape(name).encode() for name in names) + rb")(?![0-9A-Za-z])"
    )


def _rename(message: Message, pattern: re.Pattern[bytes], names: Mapping[str, str]) -> Message:
    """In JSON, such names look as they do: nobody escapes their characters."""
    if not names:
        return message
    content = bytes(message.content_json)
    renamed = pattern.sub(lambda found: names[found[0].decode()].encode(), content)
    return message if renamed == content else message.replace(content=renamed)
