"""The scanner finds a mark in every encoding, so that finding none says something."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable

import brotli
import pytest
from marked import HIDDEN, build, unmarked_lines
from scanner import hidden_in, marks_in

from stagedoor.jupyter.framing import join

MARK = f"{HIDDEN}abcd"
TEXT = f"some words before {MARK} and after"


@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda text: text.upper().encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32-le"),
        lambda text: gzip.compress(text.encode()),
        lambda text: zlib.compress(text.encode()),
        lambda text: brotli.compress(text.encode()),
        lambda text: base64.b64encode(text.encode()),
        lambda text: b"x" + base64.b64encode(text.encode()),
        lambda text: base64.urlsafe_b64encode(("\xfb\xff" + text).encode()),
        lambda text: text.encode().hex().encode(),
        lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text).encode(),
        lambda text: "".join(f"%{ord(letter):02x}" for letter in text).encode(),
        lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
        lambda text: json.dumps({"a": [json.dumps([text])]}).encode(),
        lambda text: join(
            [b"shell", b"{}", json.dumps({"b": base64.b64encode(gzip.compress(text.encode())).decode()}).encode()]
        ),
        lambda text: join([b"{}", text.encode("utf-16-le")]),
    ],
)
def test_a_mark_is_found_however_it_is_encoded(encode: Callable[[str], bytes]) -> None:
    assert hidden_in(encode(TEXT)) == {MARK}


def test_nothing_is_found_where_nothing_is() -> None:
    assert marks_in(b'{"a": "zqhidden"}' + bytes(range(256)) * 10) == set()


def test_every_line_of_the_apps_is_marked(tmp_path) -> None:  # type: ignore[no-untyped-def]
    theatre = build(tmp_path)
    for file in theatre.folder.glob("*.py"):
        if file.is_symlink() and file.name != "outside.py":
            continue  # what it leads to is none of ours
        compile(file.read_text(), file.name, "exec") if file.stem != "broken" else None
        bare = [line for line in unmarked_lines(file.read_text()) if line.strip() not in {"try:", ")", "}"}]
        assert not bare
    assert len(theatre.marks.places) > 250
