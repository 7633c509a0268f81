"""The colours and marks of a terminal's text (ECMA-48, "select graphic rendition").

A pen is the parameters that give it, set out from a plain one, in one canonical order: ``1;31``; "" is plain.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_EXTENDED = {5: 1, 2: 3}
"""How many codes say the colour after ``38;5`` (one of 256) and ``38;2`` (red, green, blue)."""


@lru_cache(maxsize=1024)
def apply(pen: str, parameters: str) -> str:
    """The pen after a sequence ``ESC [ parameters m``."""
    foreground = background = ""
    marks: set[int] = set()
    codes = iter([*_codes(pen), *_codes(parameters or "0")])
    for code in codes:
        if code == 0:
            foreground = background = ""
            marks.clear()
        elif code == 38:
            foreground = _extended(code, codes)
        elif code == 48:
            background = _extended(code, codes)
        elif code < 10:
            marks.add(code)
        elif code < 30:
            marks -= {1, 2} if code == 22 else {code - 20}
        elif code < 40 or 90 <= code < 98:
            foreground = "" if code == 39 else str(code)
        elif code < 50 or 100 <= code < 108:
            background = "" if code == 49 else str(code)
    return ";".join(part for part in (*map(str, sorted(marks)), foreground, background) if part)


def change(before: str, after: str) -> str:
    """The sequence that makes the one pen the other; "" if they are the same."""
    if before == after:
        return ""
    if not after:
        return "\x1b[0m"
    return f"\x1b[0;{after}m" if before else f"\x1b[{after}m"


def _codes(parameters: str) -> list[int]:
    parts = parameters.replace(":", ";").split(";") if parameters else []
    return [int(part) if part.isdecimal() and len(part) < 6 else 0 for part in parts]


def _extended(code: int, codes: Iterator[int]) -> str:
    kind = next(codes, 0)
    if kind not in _EXTENDED:
        return ""
    return ";".join(str(part) for part in (code, kind, *(next(codes, 0) for _ in range(_EXTENDED[kind]))))
