"""The text of a stream as a terminal would leave it."""

from __future__ import annotations

import re

from . import pen
from .screen import Row, Screen

_TOKENS = re.compile(
    "([\n\r\b]|\x1b\\[[0-9;:?]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[^\\[\\]]|[\x00-\x07\x0e\x0f])"
)
_ONLY_COLOURS = re.compile("[^\x1b]*(?:\x1b\\[[0-9;:?]*m[^\x1b]*)*")
_COLOUR = re.compile("\x1b\\[([0-9;:?]*)m")
_UNFINISHED = re.compile("\x1b(?:\\[[0-9;:?]*|\\][^\x07\x1b]*\x1b?)?\\Z")
_LONGEST_SEQUENCE = 1_000
_LOOSE_PIECES = 1_024
_PEN_REACH = 100_000
"""Characters through which a colour is looked for that goes on from line to line."""


def utf8_length(text: str) -> int:
    """How many bytes the text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class StreamText:
    r"""Text that is written piece by piece, in which ``\r``, ``\b`` and escape sequences move a terminal's cursor.

    What is written over is gone, as in JupyterLab (outputarea, ``processText``); colours stay with their characters,
    and the cursor may go up, so that nested and coloured progress bars end as a terminal shows them. The text that is
    left takes a terminal to the same state, wherever the writing has stopped. Work is linear in what is written,
    memory in what is left of it.
    """

    __slots__ = ("_blocks", "_line_pen", "_pen", "_pieces", "_rest", "_screen", "_size")

    def __init__(self) -> None:
        # What no cursor moves in: as it came, in a few long blocks and some loose pieces.
        self._blocks: list[str] = []
        self._pieces: list[str] = []
        self._size = 0
        # What comes after it while the cursor is not at its end.
        self._screen: Screen | None = None
        self._pen = ""
        self._line_pen = ""
        self._rest = ""

    @property
    def size(self) -> int:
        """Bytes of the text in UTF-8; lines that are being overwritten count their characters."""
        size = self._size + len(self._rest)
        return size if self._screen is None else size + self._screen.characters + len(self._screen.rows) - 1

    @property
    def text(self) -> str:
        """All that is there."""
        self._blocks, self._pieces = ["".join([*self._blocks, *self._pieces])], []
        if self._screen is None:
            return self._blocks[0] + self._rest
        rows, at_end = self._screen.render()
        return self._blocks[0] + rows + pen.change(at_end, self._pen) + self._screen.way_to_cursor() + self._rest

    def write(self, text: str) -> None:
        """Goes on with the text."""
        if self._rest:
            text, self._rest = self._rest + text, ""
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if "\x1b" in text:
            text = self._whole_sequences(text)
        if self._screen is None and "\r" not in text and "\b" not in text:
            if "\x1b" not in text:
                self._append(text)
                if self._pen and "\n" in text:
                    self._line_pen = self._pen
                return
            if _ONLY_COLOURS.fullmatch(text):
                self._append(text)
                self._follow_pen(text)
                return
        # Text and tokens take turns.
        for index, part in enumerate(_TOKENS.split(text)):
            if index % 2:
                self._control(part)
            elif part:
                self._put(part)

    def shorten(self, size: int) -> None:
        """Leaves at most ``size`` bytes from the beginning, whole characters, and a plain pen."""
        whole = "".join([*self._blocks, *self._pieces, self._screen.render()[0] if self._screen else ""])
        text = whole.encode("utf-8", "surrogatepass")[:size].decode("utf-8", "ignore")
        text = text[: _whole_length(text)]
        self._blocks, self._pieces, self._screen = [text], [], None
        self._pen = self._line_pen = self._rest = ""
        self._size = utf8_length(text)
        if "\x1b" in text:
            self._append("\x1b[0m")

    def copy(self) -> StreamText:
        """A text that goes its own way; what is there is shared."""
        self._blocks, self._pieces = ["".join([*self._blocks, *self._pieces])], []
        twin = StreamText()
        twin._blocks = self._blocks.copy()
        twin._size, twin._rest = self._size, self._rest
        twin._pen, twin._line_pen = self._pen, self._line_pen
        twin._screen = None if self._screen is None else self._screen.copy(twin._pull)
        return twin

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._size += len(text) if text.isascii() else utf8_length(text)
        if len(self._pieces) >= _LOOSE_PIECES:
            self._blocks.append("".join(self._pieces))
            self._pieces = []

    def _whole_sequences(self, text: str) -> str:
        # A sequence may be cut anywhere between two messages; one that goes on for ever is text.
        length = _whole_length(text)
        self._rest = text[length:]
        return text[:length]

    def _follow_pen(self, text: str) -> None:
        lines = text.rpartition("\n")
        if lines[1]:
            self._line_pen = self._pen = _pen_after(self._pen, lines[0])
        self._pen = _pen_after(self._pen, lines[2])

    def _put(self, text: str) -> None:
        if self._screen is None:
            self._append(text)
        else:
            self._screen.write(text, self._pen)

    def _control(self, sequence: str) -> None:
        if sequence == "\n":
            self._new_line()
        elif colour := _COLOUR.fullmatch(sequence):
            self._pen = pen.apply(self._pen, colour[1])
            if self._screen is None:
                self._append(sequence)
        elif sequence == "\r":
            self._opened().column = 0
        elif sequence == "\b":
            screen = self._opened()
            screen.column = max(0, screen.column - 1)
        elif sequence.startswith("\x1b["):
            screen = self._opened()
            screen.move(sequence[-1], sequence[2:-1])
            self._scroll(screen)

    def _new_line(self) -> None:
        screen = self._screen
        if screen is not None and screen.tall:
            screen.column = 0
            screen.down(1)
            self._scroll(screen)
            return
        if screen is not None:
            self._screen = None
            text, at_end = screen.render()
            self._append(text + pen.change(at_end, self._pen))
        self._append("\n")
        self._line_pen = self._pen

    def _scroll(self, screen: Screen) -> None:
        for line in screen.scroll():
            self._append(line)

    def _opened(self) -> Screen:
        if self._screen is None:
            rows = rows_of(self._take_lines(1), self._line_pen)
            self._screen = Screen(rows, self._pull, self._line_pen)
        return self._screen

    def _pull(self, count: int) -> tuple[list[Row], str]:
        # The text before the screen ends with a line's end, or is empty: the last of the lines is none.
        lines = self._take_lines(count + 1)[:-1]
        before = _pen_after("", "".join([*self._blocks, *self._pieces])[-_PEN_REACH:])
        return rows_of(lines, before), before

    def _take_lines(self, count: int) -> list[str]:
        """The last lines, removed from the text; the last of them is what comes after the last line's end."""
        taken: list[str] = []
        ends = 0
        for pieces in (self._pieces, self._blocks):
            while pieces and ends < count:
                taken.append(pieces.pop())
                ends += taken[-1].count("\n")
        lines = "".join(reversed(taken)).rsplit("\n", count)
        self._size -= sum(utf8_length(line) for line in lines) + len(lines) - 1
        if ends >= count:
            before = lines.pop(0) + "\n"
            self._pieces.append(before)
            self._size += utf8_length(before)
        return lines


def _whole_length(text: str) -> int:
    unfinished = _UNFINISHED.search(text, max(0, len(text) - _LONGEST_SEQUENCE))
    return unfinished.start() if unfinished else len(text)


def _pen_after(before: str, text: str) -> str:
    for colour in _COLOUR.finditer(text):
        before = pen.apply(before, colour[1])
    return before


def rows_of(lines: list[str], before: str) -> list[Row]:
    """The rows of lines in which no cursor moves; ``before`` is the pen at the start of the first."""
    rows = []
    for line in lines:
        row = Row()
        for index, part in enumerate(_TOKENS.split(line)):
            if index % 2:
                before = _pen_after(before, part)
            else:
                row.write(len(row), part, before)
        rows.append(row)
    return rows
