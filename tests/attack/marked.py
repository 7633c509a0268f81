"""Apps in which everything that must not leave carries a mark, and everything that is shown on purpose another one."""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

HIDDEN = "zqhidden"
"""Every hidden mark begins so. Marks are words, so that they can be names too."""
SHOWN = "zqshown"

EXTENSION = "zqplots"
"""The widget module of the apps' own package."""

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
    _link(folder, _outside(root, marks))
    home = root / marks.hidden("the home folder")
    home.mkdir()
    data = root / marks.hidden("the folder of Jupyter's data")
    _extension(data, folder, marks)
    names = [marks.hidden("a variable's name"), "USER", "LOGNAME", "HOSTNAME"]
    environment = {name: marks.hidden(f"the variable {name}") for name in names}
    environment |= {"HOME": str(home), "JUPYTER_PATH": str(data)}
    return Theatre(folder, marks, environment)


def _outside(root: Path, marks: Marks) -> Path:
    """An app of another folder, linked into this one: it is served by its link's name, its neighbours are not."""
    other = root / marks.hidden("another folder")
    other.mkdir()
    (other / f"{marks.hidden('a secret file')}.txt").write_text(marks.hidden("a secret file's text"))
    app = other / f"{marks.hidden('a linked file')}.py"
    app.write_text(marks.fill('# §\nname§ = 1  # §\nprint("¤")  # §\n', "outside.py"))
    return app


def _link(folder: Path, outside: Path) -> None:
    """Links of every kind: out of the folder, to a folder, to nowhere, to itself, named as what is served."""
    for name, target in {
        "outside.py": outside,
        "passwd.py": Path("/etc/passwd"),
        "linked_folder": outside.parent,
        "linked_folder.py": outside.parent,
        "assets": outside.parent,
        "recording": outside,
        "stagedoor.js": outside,
        "loop.py": folder / "loop.py",
        "nowhere.py": folder / "missing.py",
    }.items():
        (folder / name).symlink_to(target)


def _extension(data: Path, apps: Path, marks: Marks) -> None:
    """A package's browser code as pip installs it, with all that must not be served beside and in it."""
    package = data / "labextensions" / EXTENSION
    static = package / "static"
    (static / "deep").mkdir(parents=True)
    build = {"load": "static/remoteEntry.5f.js", "extension": "./extension"}
    shared = {"@jupyter-widgets/base": {"bundled": False, "singleton": True}}
    about = {"name": EXTENSION, "version": "1.2.3", "author": marks.hidden("package.json: author")}
    about |= {"description": marks.hidden("package.json: description")}
    (package / "package.json").write_text(
        json.dumps(about | {"jupyterlab": {"sharedPackages": shared, "_build": build}})
    )
    for name in NOT_SERVED:
        if name != "../package.json" and not name.startswith("linked"):
            (static / name).parent.resolve().mkdir(parents=True, exist_ok=True)
            (static / name).write_text(marks.fill("§", f"the extension's {name}"))
    for name in SERVED:
        (static / name).write_text(marks.fill("var _JUPYTERLAB; // ¤", f"the extension's {name}"))
    for name, target in {
        "linked.js": apps / "marked.py",
        "linked.py.js": static / "helper.py",
        "linked_folder": apps,
        "linked_passwd.json": Path("/etc/passwd"),
        "linked_loop.js": static / "linked_loop.js",
        "linked_nowhere.js": static / "nowhere.js",
    }.items():
        (static / name).symlink_to(target)


SERVED = ["remoteEntry.5f.js", "chunk.js", "deep/chunk.js", "style.css"]
NOT_SERVED = [
    "../package.json", "../install.json", "../schemas/plugin.json", "../__init__.py", "helper.py", "helper.pyc", "deep/__init__.py",
    "remoteEntry.5f.js.map", "chunk.js.map", "style.css.map", "index.html", "page.htm", "README.md", "LICENSE.txt", "no_suffix",
    ".hidden.js", "deep/.git/config.js", "third-party-licenses.txt", "data.csv", "script.sh", "config.toml", "notes.ipynb",
    "linked.js", "linked.py.js", "linked_folder/marked.py", "linked_folder/", "linked_passwd.json", "linked_loop.js", "linked_nowhere.js",
]  # fmt: skip
"""Of an extension, by their names below its ``static`` folder; those that begin with ``linked`` are links."""

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
