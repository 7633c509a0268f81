"""The rows of text that a terminal's cursor can still reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from . import pen

ROWS = 3_000
"""How far up the cursor can go at most."""
_COLUMNS = 1_000
_STEPS = 100
_PULLED = 100
_WIDE = "utf-32-le"
_WIDTH = 4


class Row:
    """One line; each character has its pen. Writing is in place: a line may be very long."""

    __slots__ = ("_chars", "_pens")

    def __init__(self) -> None:
        self._chars = bytearray()
        self._pens: list[str] | None = None  # None: all are plain

    def __len__(self) -> int:
        return len(self._chars) // _WIDTH

    def write(self, column: int, text: str, style: str) -> None:
        """Puts the text over what is there."""
        if column > len(self):
            self.write(len(self), " " * (column - len(self)), "")
        if self._pens is None and style:
            self._pens = [""] * len(self)
        self._chars[column * _WIDTH : (column + len(text)) * _WIDTH] = text.encode(_WIDE, "surrogatepass")
        if self._pens is not None:
            self._pens[column : column + len(text)] = [style] * len(text)

    def cut(self, column: int) -> None:
        """Removes what comes from the column on."""
        del self._chars[column * _WIDTH :]
        if self._pens is not None:
            del self._pens[column:]

    def render(self, before: str) -> tuple[str, str]:
        """The text with the sequences for its pens, and the pen at its end, when ``before`` was that at its start."""
        text = self._chars.decode(_WIDE, "surrogatepass")
        if self._pens is None:
            return (pen.change(before, "") + text, "") if text else ("", before)
        parts = []
        start = 0
        for style, run in groupby(self._pens):
            end = start + sum(1 for _ in run)
            parts += [pen.change(before, style), text[start:end]]
            before, start = style, end
        return "".join(parts), before

    def copy(self) -> Row:
        """A row that goes its own way."""
        twin = Row()
        twin._chars = self._chars[:]
        twin._pens = None if self._pens is None else self._pens[:]
        return twin


Pull = Callable[[int], tuple[list[Row], str]]
"""Gives so many of the lines before, or as many as there are, and the pen at their start; there, they are gone."""


class Screen:
    """Rows, and a cursor in them.

    Args:
        rows: at least one; the cursor is at the end of the last.
        pull: gives lines that come before the rows; it is asked a few dozen times at most.
        before: the pen at the start of the first row.
    """

    def __init__(self, rows: list[Row], pull: Pull, before: str) -> None:
        self.rows = rows
        self.row = len(rows) - 1
        self.column = len(rows[-1])
        self.characters = sum(len(row) for row in rows)
        """Characters in all rows."""
        self.tall = False
        """Whether the cursor has ever left the first row: it may do so again then."""
        self.before = before
        self._pull = pull

    def write(self, text: str, style: str) -> None:
        """Writes at the cursor."""
        row = self.rows[self.row]
        before = len(row)
        row.write(self.column, text, style)
        self.column += len(text)
        self.characters += len(row) - before

    def move(self, final: str, parameters: str) -> None:
        """Carries out ``ESC [ parameters final`` if it moves the cursor or erases something."""
        first = parameters.split(";", 1)[0]
        count = max(1, int(first)) if first.isdecimal() and len(first) < 6 else 1
        match final:
            case "A":
                self._up(count)
            case "B":
                self.down(count)
            case "C":
                self.column = min(self.column + count, max(self.column, _COLUMNS))
            case "D":
                self.column = max(0, self.column - count)
            case "G":
                self.column = min(count - 1, _COLUMNS)
            case "H":
                self._up(ROWS)
                self.column = 0
            case "K":
                self._erase_in_row(parameters)
            case "J":
                self._erase_rows(parameters)

    def down(self, count: int) -> None:
        """Moves the cursor down, over new rows if need be."""
        self.tall = True
        self.row += min(count, _STEPS)
        self.rows += [Row() for _ in range(self.row + 1 - len(self.rows))]

    def scroll(self) -> Iterable[str]:
        """The text of the rows that the cursor cannot reach any more; they are gone from here."""
        gone = max(0, min(len(self.rows) - ROWS, self.row))
        for row in self.rows[:gone]:
            text, self.before = row.render(self.before)
            self.characters -= len(row)
            yield text + "\n"
        del self.rows[:gone]
        self.row -= gone

    def render(self) -> tuple[str, str]:
        """The text of all rows, and the pen at its end."""
        texts, before = [], self.before
        for row in self.rows:
            text, before = row.render(before)
            texts.append(text)
        return "\n".join(texts), before

    def way_to_cursor(self) -> str:
        """The sequences that take a cursor from the end of the rows' text to where it is."""
        up = len(self.rows) - 1 - self.row
        left = len(self.rows[-1]) - self.column
        way = f"\x1b[{up}A" if up else ""
        if left and not self.column:
            return way + "\r"
        return way + (f"\x1b[{left}D" if left > 0 else f"\x1b[{-left}C" if left else "")

    def copy(self, pull: Pull) -> Screen:
        """A screen that goes its own way."""
        twin = Screen([row.copy() for row in self.rows], pull, self.before)
        twin.row, twin.column, twin.tall = self.row, self.column, self.tall
        return twin

    def _up(self, count: int) -> None:
        self._reach(count)
        self.row = max(0, self.row - count)

    def _reach(self, count: int) -> None:
        """Sees to it that so many rows, if there are as many, are above the cursor."""
        self.tall = True
        missing = min(count - self.row, ROWS - len(self.rows))
        if missing > 0:
            # Many at once: each time costs a look through the text before.
            pulled, before = self._pull(max(missing, min(_PULLED, ROWS - len(self.rows))))
            if pulled:
                self.before = before
            self.rows[:0] = pulled
            self.row += len(pulled)
            self.characters += sum(len(row) for row in pulled)

    def _erase_in_row(self, parameters: str) -> None:
        row = self.rows[self.row]
        before = len(row)
        if parameters == "1":
            row.write(0, " " * min(self.column, before), "")
        else:
            row.cut(0 if parameters == "2" else self.column)
        self.characters += len(row) - before

    def _erase_rows(self, parameters: str) -> None:
        if parameters in {"2", "3"}:
            self._reach(ROWS)
            erased = self.rows
        elif parameters in {"", "0"}:
            self._erase_in_row("")
            erased = self.rows[self.row + 1 :]
        else:
            return
        for row in erased:
            self.characters -= len(row)
            row.cut(0)
