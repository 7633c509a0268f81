"""What is published: an app is a file of Python (or a notebook of any kernel's language), cut into cells."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class AppsError(Exception):
    """What was asked for cannot be served at all. The text is one sentence for the operator."""


class AppFileError(Exception):
    """One file is no app. The text is one sentence for its author."""


@dataclass(frozen=True, slots=True)
class AppCell:
    """One cell of an app. ``name`` is what a page shows it by: the author's name for it, or its index."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class App:
    """An app as read from its file."""

    name: str
    """The file's stem: the app's name in addresses."""
    title: str
    path: Path | None
    """The file, absolute; None for an app that lives on a Jupyter server."""
    cells: tuple[AppCell, ...]
    version: str
    """A hash of all that the app's run depends on here: the cells, the kernel's name."""
    kernel_name: str = "python3"
    """The kernelspec that the app wants."""
    language: str = "python"
    notebook: str = ""
    """Of an app on a Jupyter server: the notebook there that its cells are read from before each run."""

    @property
    def folder(self) -> Path:
        """The working folder of the app's kernels; importable in them. Only for apps with a file."""
        assert self.path is not None, "an app on a Jupyter server has no folder here"
        return self.path.parent

    def cell_id(self, index: int) -> str:
        """The ``parent_header.msg_id`` of a cell's messages."""
        return f"cell-{index}"


@dataclass(frozen=True, slots=True)
class BrokenApp:
    """A file that should be an app but cannot be read as one."""

    name: str
    path: Path
    problem: str
    """One sentence for the author: what is wrong, and what to do."""


def make_app(
    path: Path | None,
    cells: Sequence[AppCell],
    *,
    name: str = "",
    title: str = "",
    kernel_name: str = "python3",
    language: str = "python",
    notebook: str = "",
) -> App:
    """The app of a file that has been read.

    Args:
        path: the file; None when the app lives on a Jupyter server.
        name: the app's; by default the file's stem.

    Raises:
        AppFileError: it has no cells, or two of one name.
    """
    called = name or (path.stem if path else "")
    origin = str(path or notebook or f"The entry of the app {called!r}")
    if not cells:
        raise AppFileError(f"{origin} has no code to run.")
    most, count = Counter(cell.name for cell in cells).most_common(1)[0]
    if count > 1:
        raise AppFileError(f"{origin} has {count} cells of the name {most!r}: give each cell a name of its own.")
    ingredients = [kernel_name, [[cell.name, cell.code] for cell in cells]]
    version = hashlib.sha256(json.dumps(ingredients).encode()).hexdigest()[:32]
    return App(called, title or called, path, tuple(cells), version, kernel_name, language, notebook)
