"""Apps in which everything that must not leave carries a mark, and everything that is shown on purpose another one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

HIDDEN = "zqhidden"
"""Every hidden mark begins so. Marks are words, so that they can be names too."""
SHOWN = "zqshown"

_APP = Path(__file__).parent / "app.py.txt"
_PLACE = re.compile(r"(\w*)§|¤")
_LETTERS = "abcdefghij"


@dataclass
class Marks:
    """Makes marks, and knows where each has been put."""

    places: dict[str, str] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    def hidden(self, place: str) -> str:
        return self._make(HIDDEN, place)

    def shown(self, place: str) -> str:
        return self._make(SHOWN, place)

    def fill(self, text: str, name: str) -> str:
        """The text with a mark of its own for every § (hidden) and ¤ (shown); a name that ends in § keeps its mark."""
        names: dict[str, str] = {}
        lines = []
        for number, line in enumerate(text.splitlines(keepends=True), 1):
            place = f"{name}:{number}: {line.strip()[:60]}"

            def mark(match: re.Match[str], place: str = place) -> str:
                stem = match[1]
                if match[0] == "¤":
                    return self.shown(place)
                if not stem:
                    return self.hidden(place)
                if stem not in names:
                    names[stem] = f"{stem}_{self.hidden(place)}"
                return names[stem]

            lines.append(_PLACE.sub(mark, line))
        return "".join(lines)

    def _make(self, kind: str, place: str) -> str:
        mark = kind + "".join(_LETTERS[int(digit)] for digit in f"{next(self._numbers):04}")
        self.places[mark] = place
        return mark


def unmarked_lines(text: str) -> list[str]:
    """The lines of a filled text that carry no mark, though something is on them."""
    return [line for line in text.splitlines() if line.strip() and HIDDEN not in line and SHOWN not in line]


@dataclass(frozen=True)
class Theatre:
    """A folder of marked apps, with the environment that its gateway is started in."""

    folder: Path
    marks: Marks
    environment: dict[str, str]


def build(root: Path) -> Theatre:
    """Writes the apps and what lies beside them."""
    marks = Marks()
    folder = root / marks.hidden("the apps' folder")
    folder.mkdir()
    helper, data = marks.hidden("a neighbour module's name"), marks.hidden("a data file's name")
    source = _APP.read_text().replace("HELPER", helper).replace("DATA", data)
    (folder / "marked.py").write_text(marks.fill(source, "marked.py"))
    (folder / f"_{helper}.py").write_text(marks.fill(_HELPER, "helper"))
    (folder / f"{data}.csv").write_text(marks.fill("§,a\n§,1\n", "data"))
    (folder / "broken.py").write_text(marks.fill("x§ = 1  # §\ndef f§(:  # §\n", "broken.py"))
    (folder / "failing.py").write_text(
        marks.fill('# §\nname = "§"\nraise RuntimeError("§" + name)  # §\n', "failing.py")
    )
    (folder / "book.ipynb").write_text(json.dumps(_notebook(marks)))
    (folder / "outside.py").symlink_to(_outside(root, marks))
    home = root / marks.hidden("the home folder")
    home.mkdir()
    names = [marks.hidden("a variable's name"), "USER", "LOGNAME", "HOSTNAME"]
    environment = {name: marks.hidden(f"the variable {name}") for name in names} | {"HOME": str(home)}
    return Theatre(folder, marks, environment)


def _outside(root: Path, marks: Marks) -> Path:
    """An app of another folder, linked into this one: it is served by its link's name, its neighbours are not."""
    other = root / marks.hidden("another folder")
    other.mkdir()
    (other / f"{marks.hidden('a secret file')}.txt").write_text(marks.hidden("a secret file's text"))
    app = other / f"{marks.hidden('a linked file')}.py"
    app.write_text(marks.fill('# §\nname§ = 1  # §\nprint("¤")  # §\n', "outside.py"))
    return app


_HELPER = '''"""§"""
# §
SECRET§ = "§"  # §

def helper(value§="§"):  # §
    """§"""
    inner§ = "§"  # §
    return {"§": inner§, value§: SECRET§}  # §
'''


def _notebook(marks: Marks) -> dict[str, object]:
    def cell(kind: str, text: str, **more: object) -> dict[str, object]:
        source = marks.fill(text, f"book.ipynb, {kind}")
        return {"cell_type": kind, "id": marks.hidden("a cell's id"), "metadata": {}, "source": source, **more}

    attachment = {marks.hidden("an attachment's name"): {"text/plain": [marks.hidden("an attachment")]}}
    old = {"output_type": "stream", "name": "stdout", "text": marks.hidden("an old output")}
    code = 'import ipywidgets as w§  # §\nhidden§ = "§"  # §\nw§.IntSlider(description="¤")  # §\n'
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": marks.hidden("a kernel's display name")}},
        "cells": [
            cell("markdown", "§", attachments=attachment),
            cell("code", code, execution_count=1, outputs=[old], metadata={"tags": [marks.hidden("a tag")]}),
            cell("raw", "§"),
        ],
    }
