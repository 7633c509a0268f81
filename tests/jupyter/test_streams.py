"""Text that goes back and writes over itself, as progress bars do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagedoor.jupyter.streams import StreamText

_pieces = st.lists(st.text(alphabet="abé😀\n\r\b", max_size=8), max_size=12)


def as_a_terminal(text: str) -> str:
    """The rule, one character after the other."""
    lines: list[list[str]] = [[]]
    at = 0
    for character in text:
        line = lines[-1]
        if character == "\n":
            lines.append([])
            at = 0
        elif character == "\r":
            at = 0
        elif character == "\b":
            if at == len(line) > 0:
                line.pop()
            at = max(0, at - 1)
        else:
            line[at : at + 1] = character
            at += 1
    return "\n".join("".join(line) for line in lines)


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
        ("a longer line\rshort", "shortger line"),
        ("first\r\nsecond\r\n", "first\nsecond\n"),
        ("abc\rx\ny", "xbc\ny"),
        ("50%\b\b\b60%", "60%"),
        ("ab\n\b\bc", "ab\nc"),
        ("done\r", "done"),
        ("done\r\r\n", "done\n"),
    ],
)
def test_what_is_left_of_a_text(text: str, left: str) -> None:
    assert written(text).text == left
    assert written(*text).text == left


@given(_pieces)
def test_the_rule_holds_however_the_text_is_cut_into_pieces(pieces: list[str]) -> None:
    text = written(*pieces)
    assert text.text == as_a_terminal("".join(pieces))


@given(_pieces, st.integers(0, 12))
def test_looking_at_it_and_copying_it_do_not_change_what_follows(pieces: list[str], middle: int) -> None:
    text = written(*pieces[:middle])
    assert text.text == text.text == as_a_terminal("".join(pieces[:middle]))
    twin = text.copy()
    for piece in pieces[middle:]:
        text.write(piece)
    assert text.text == as_a_terminal("".join(pieces))
    assert twin.text == as_a_terminal("".join(pieces[:middle]))
    for piece in pieces[middle:]:
        twin.write(piece)
    assert twin.text == text.text


@given(_pieces)
def test_its_size_is_that_of_its_text(pieces: list[str]) -> None:
    text = written(*pieces)
    text.write("\n")  # a line that is being overwritten counts its characters
    assert text.size == len(text.text.encode())


@given(_pieces, st.integers(0, 40))
def test_it_is_shortened_to_whole_characters(pieces: list[str], size: int) -> None:
    text = written(*pieces)
    before = text.text
    text.shorten(size)
    assert before.startswith(text.text)
    assert size - 4 < text.size <= size or text.text == before


def test_many_small_pieces_are_kept_in_few() -> None:
    text = StreamText()
    for number in range(10_000):
        text.write(f"{number}\n")
    assert len(text._blocks) + len(text._pieces) < 1_100
    assert text.text == "".join(f"{number}\n" for number in range(10_000))


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert written("a\ud800b", "\rc").text == "c\ud800b"
