"""What is published: an app is a file of Python (or a notebook of any kernel's language), cut into cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
    path: Path
    """The file, absolute."""
    cells: tuple[AppCell, ...]
    version: str
    """A hash of all that the app's run depends on here: the cells, the kernel's name."""
    kernel_name: str = "python3"
    """The kernelspec that the app wants."""
    language: str = "python"

    @property
    def folder(self) -> Path:
        """The working folder of the app's kernels; importable in them."""
        return self.path.parent

    def cell_id(self, index: int) -> str:
        """The ``parent_header.msg_id`` of a cell's messages."""
        return f"cell-{index}"
