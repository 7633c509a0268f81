"""The text of a stream as a terminal would leave it."""

from __future__ import annotations

import re

_STEPS = re.compile("([\n\r\b])")
_LOOSE_PIECES = 1024
_WIDE = "utf-32-le"
_WIDTH = 4


def utf8_length(text: str) -> int:
    """How many bytes the text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class StreamText:
    r"""Text that is written piece by piece; ``\r`` goes back to the start of the line, ``\b`` one character.

    As in JupyterLab (outputarea, ``processText``): what is written after ``\r`` takes the place of what is there,
    ``\b`` at the end of a line removes a character, and a new line always begins after the last one. Elsewhere in a
    line ``\b`` only goes back, as on a terminal. Work is linear in what is written, memory in what is left of it.
    """

    __slots__ = ("_at", "_blocks", "_line", "_pieces", "_size")

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._pieces: list[str] = []
        # The last line while something in it is overwritten, four bytes a character, so that writing is in place.
        self._line: bytearray | None = None
        self._at = 0
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes of the text in UTF-8; a line that is being overwritten counts its characters."""
        return self._size if self._line is None else self._size + len(self._line) // _WIDTH

    @property
    def text(self) -> str:
        """All that is there."""
        self._blocks, self._pieces = ["".join([*self._blocks, *self._pieces])], []
        return self._blocks[0] if self._line is None else self._blocks[0] + _narrow(self._line)

    def write(self, text: str) -> None:
        """Goes on with the text."""
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if self._line is None and "\r" not in text and "\b" not in text:
            self._append(text)
            return
        for step in _STEPS.split(text):
            self._step(step)

    def shorten(self, size: int) -> None:
        """Leaves at most ``size`` bytes from the beginning, whole characters."""
        text = self.text.encode("utf-8", "surrogatepass")[:size].decode("utf-8", "ignore")
        self._blocks, self._pieces, self._line, self._size = [text], [], None, utf8_length(text)

    def copy(self) -> StreamText:
        """A text that goes its own way; what is there is shared."""
        self._blocks, self._pieces = ["".join([*self._blocks, *self._pieces])], []
        twin = StreamText()
        twin._blocks = self._blocks.copy()
        twin._line = None if self._line is None else self._line[:]
        twin._at, twin._size = self._at, self._size
        return twin

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._size += len(text) if text.isascii() else utf8_length(text)
        if len(self._pieces) >= _LOOSE_PIECES:
            self._blocks.append("".join(self._pieces))
            self._pieces = []

    def _step(self, step: str) -> None:
        if step == "\r":
            self._open_line()
            self._at = 0
        elif step == "\b":
            self._back()
        elif step == "\n":
            self._close_line()
            self._append("\n")
        elif self._line is None:
            if step:
                self._append(step)
        else:
            end = self._at + len(step)
            self._line[self._at * _WIDTH : end * _WIDTH] = step.encode(_WIDE, "surrogatepass")
            self._at = end

    def _back(self) -> None:
        line = self._open_line()
        if self._at == 0:
            return
        self._at -= 1
        if (self._at + 1) * _WIDTH == len(line):
            del line[self._at * _WIDTH :]

    def _open_line(self) -> bytearray:
        if self._line is None:
            line = self._take_last_line()
            self._size -= utf8_length(line)
            self._line = bytearray(line.encode(_WIDE, "surrogatepass"))
            self._at = len(line)
        return self._line

    def _close_line(self) -> None:
        if self._line is not None:
            line, self._line = _narrow(self._line), None
            self._append(line)

    def _take_last_line(self) -> str:
        taken: list[str] = []
        for pieces in (self._pieces, self._blocks):
            while pieces:
                piece = pieces.pop()
                start = piece.rfind("\n") + 1
                taken.append(piece[start:])
                if start:
                    pieces.append(piece[:start])
                    return "".join(reversed(taken))
        return "".join(reversed(taken))


def _narrow(line: bytearray) -> str:
    return line.decode(_WIDE, "surrogatepass")
