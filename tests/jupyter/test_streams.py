"""Text that goes back and writes over itself, as progress bars do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stagedoor.jupyter import pen
from stagedoor.jupyter.screen import ROWS
from stagedoor.jupyter.streams import StreamText

_SEQUENCE = re.compile("\n|\r|\b|\x1b\\[([0-9;]*)([A-Za-z])|[^\x1b]")
_steps = st.sampled_from(
    ["a", "bc", "é", "😀", "\n", "\n", "\r", "\b", "\r\n"]
    + [
        f"\x1b[{step}"
        for step in ("m", "31m", "1m", "0;4m", "A", "2A", "B", "C", "3D", "2G", "H", "K", "1K", "2K", "J", "2J")
    ]
)
_pieces = st.lists(st.lists(_steps, max_size=6).map("".join), max_size=8)


class Terminal:
    """The rule, one character after the other: a cell is a character and its pen."""

    def __init__(self, text: str) -> None:
        self.rows: list[list[tuple[str, str]]] = [[]]
        self.row = self.column = 0
        self.pen = ""
        for step in _SEQUENCE.finditer(text):
            if step[2]:
                self.move(step[2], step[1])
            else:
                self.put(step[0])

    @property
    def state(self) -> Any:
        return self.rows, self.row, self.column, self.pen

    def put(self, character: str) -> None:
        if character == "\n":
            self.down(1)
            self.column = 0
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(0, self.column - 1)
        else:
            row = self.rows[self.row]
            row += [(" ", "")] * (self.column - len(row))
            row[self.column : self.column + 1] = [(character, self.pen)]
            self.column += 1

    def down(self, count: int) -> None:
        self.row += count
        self.rows += [[] for _ in range(self.row + 1 - len(self.rows))]

    def move(self, final: str, parameters: str) -> None:
        count = int(parameters) if parameters.isdigit() and parameters != "0" else 1
        row = self.rows[self.row]
        if final == "m":
            self.pen = pen.apply(self.pen, parameters)
        elif final == "A":
            self.row = max(0, self.row - count)
        elif final == "B":
            self.down(count)
        elif final == "C":
            self.column += count
        elif final == "D":
            self.column = max(0, self.column - count)
        elif final == "G":
            self.column = count - 1
        elif final == "H":
            self.row = self.column = 0
        elif final == "K" and parameters == "1":
            row[: self.column] = [(" ", "")] * min(self.column, len(row))
        elif final == "K":
            del row[0 if parameters else self.column :]
        elif final == "J":
            if not parameters:
                del row[self.column :]
            for other in self.rows[0 if parameters else self.row + 1 :]:
                other.clear()


def written(*pieces: str) -> StreamText:
    text = StreamText()
    for piece in pieces:
        text.write(piece)
    return text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("plain\n", "plain\n"),
        ("10%\r20%\r30%", "30%"),
        ("a longer line\rshort\n", "shortger line\n"),
        ("first\r\nsecond\r\n", "first\nsecond\n"),
        ("abc\rx\ny", "xbc\ny"),
        ("50%\b\b\b60%", "60%"),
        ("ab\n\b\bc", "ab\nc"),
        ("done\r\r\n", "done\n"),
        # A new bar after it begins at the start of the line.
        ("done\r", "done\r"),
        ("done\b", "done\x1b[1D"),
        # Colours stay with their characters.
        ("\x1b[32m100%\x1b[0m\r\x1b[31m9\x1b[0m", "\x1b[31m9\x1b[0;32m00%\x1b[0m\x1b[3D"),
        ("\x1b[31mred\nstill red", "\x1b[31mred\nstill red"),
        # Two nested bars, as tqdm draws them.
        ("outer 0\n\rinner 0\x1b[A\n\rinner 1\x1b[A\router 1\n\rinner 0\n", "outer 1\ninner 0\n"),
        ("one\ntwo\x1b[2K\x1b[1A\x1b[2K\rthree\n", "three\n"),
        ("old\nold\n\x1b[H\x1b[2Jnew", "new\n\n\x1b[2A\x1b[3C"),
        ("\x1b]8;;https://example.org\x07link\x1b]8;;\x07", "link"),
    ],
)
def test_what_is_left_of_a_text(text: str, left: str) -> None:
    assert written(text).text == left
    assert written(*text).text == left


@given(_pieces)
@example(["\x1b[31m\n\n", "a\x1b[2A", "b"])
@example(["a\x1b[31m\nb\x1b[m\n", "\x1b[2Ac\n"])
def test_what_is_left_takes_a_terminal_to_the_same_state(pieces: list[str]) -> None:
    text = written(*pieces)
    assert Terminal(text.text).state == Terminal("".join(pieces)).state


@given(_pieces)
def test_what_is_left_is_the_same_however_the_text_was_cut_into_pieces(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assert Terminal(written(*whole).text).state == Terminal(written(whole).text).state


@given(_pieces, st.integers(0, 8))
def test_looking_at_it_and_copying_it_do_not_change_what_follows(pieces: list[str], middle: int) -> None:
    text = written(*pieces[:middle])
    before = text.text
    assert text.text == before
    twin = text.copy()
    for piece in pieces[middle:]:
        text.write(piece)
    assert Terminal(text.text).state == Terminal("".join(pieces)).state
    assert twin.text == before
    for piece in pieces[middle:]:
        twin.write(piece)
    assert twin.text == text.text


@given(st.lists(st.text(alphabet="aé😀\n\r\b", max_size=8), max_size=12))
def test_its_size_is_that_of_its_text(pieces: list[str]) -> None:
    text = written(*pieces)
    text.write("\n")  # a line that is being overwritten counts its characters
    assert text.size == len(text.text.encode())


@given(_pieces, st.integers(0, 40))
def test_it_is_shortened_to_whole_characters_and_sequences(pieces: list[str], size: int) -> None:
    text = written(*pieces)
    before = text.text
    text.shorten(size)
    left = text.text.removesuffix("\x1b[0m")
    assert before.startswith(left)
    assert len(left.encode()) <= size
    assert Terminal(text.text).pen == ""
    text.write("\nnotice\r")
    assert "notice" in text.text


def test_a_cursor_goes_far_up_but_not_for_ever() -> None:
    text = written("".join(f"{number}\n" for number in range(5_000)))
    text.write("\x1b[9999A>")
    lines = text.text.split("\n")
    assert lines[5_000 - ROWS + 1] == ">" + str(5_000 - ROWS + 1)[1:]
    assert lines[:1_000] == [str(number) for number in range(1_000)]


def test_a_screen_that_scrolls_keeps_what_it_has_shown() -> None:
    text = written("one\ntwo\x1b[A\n")
    for number in range(10_000):
        text.write(f"\r{number}\n")
    assert text._screen is not None
    assert len(text._screen.rows) <= ROWS
    assert text.text == "one\n0wo\n" + "".join(f"{number}\n" for number in range(1, 10_000))
    assert text.size == len(text.text)


def test_many_small_pieces_are_kept_in_few() -> None:
    text = StreamText()
    for number in range(10_000):
        text.write(f"{number}\n")
    assert len(text._blocks) + len(text._pieces) < 1_100
    assert text.text == "".join(f"{number}\n" for number in range(10_000))


def test_a_sequence_that_never_ends_is_text() -> None:
    text = written("\x1b[" + "1;" * 2_000, "more")
    assert "more" in text.text
    assert text._rest == ""


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert written("a\ud800b", "\rcd").text == "cdb\x1b[1D"


@pytest.mark.parametrize(
    ("sequences", "left"),
    [
        (["31"], "31"),
        (["31", "1"], "1;31"),
        (["1;4;31;42"], "1;4;31;42"),
        (["1;2;31", "22"], "31"),
        (["3;4", "23"], "4"),
        (["31;42", "39"], "42"),
        (["31;42", "49"], "31"),
        (["1;31", ""], ""),
        (["1;31", "0;95"], "95"),
        (["38;5;208"], "38;5;208"),
        (["38;2;1;2;3;1"], "1;38;2;1;2;3"),
        (["48:5:17"], "48;5;17"),
        (["38;9;31"], "31"),
        (["103"], "103"),
        (["?25;99999999999"], ""),
    ],
)
def test_pens(sequences: list[str], left: str) -> None:
    found = ""
    for sequence in sequences:
        found = pen.apply(found, sequence)
    assert found == left
    assert pen.apply("", found) == left
