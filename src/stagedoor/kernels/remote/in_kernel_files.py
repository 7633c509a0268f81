"""Runs inside a Python kernel of a Jupyter server: sent there as text, so it must not import anything of Stagedoor.

The kernel's Python may be older than the gateway's (3.8 and later).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDGETS, RENDERER = "@jupyter-widgets/", "mimeExtension"


def listing(folders: list[str], suffixes: list[str]) -> str:
    """JSON: the browser code of widgets and renderers: [index of the folder, path in it, size, time of change]."""
    found: list[Any] = []
    for index, folder in enumerate(map(Path, folders)):
        for kind in ("labextensions", "nbextensions"):
            for package in _packages(folder / kind):
                if kind == "nbextensions" or _is_wanted(package):
                    found += [[index, *file] for file in _files(folder, package, suffixes)]
    return json.dumps(found)


def part(path: str, start: int, size: int) -> str:
    """Bytes of a file, in base64."""
    with Path(path).open("rb") as file:
        file.seek(start)
        return base64.b64encode(file.read(size)).decode()


def about(path: str) -> str:
    """JSON: a file's size and time."""
    status = Path(path).stat()
    return json.dumps([status.st_size, status.st_mtime_ns])


def _packages(folder: Path) -> Iterator[Path]:
    """The folders of packages, ``name`` and ``@scope/name``, but those of ipywidgets itself."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.is_dir() and not f"{entry.name}/".startswith(WIDGETS):
            yield from (sorted(filter(Path.is_dir, entry.iterdir())) if entry.name.startswith("@") else [entry])


def _is_wanted(package: Path) -> bool:
    try:
        about = (package / "package.json").read_text("utf-8")
    except (OSError, ValueError):
        return False
    return WIDGETS in about or RENDERER in about


def _files(folder: Path, package: Path, suffixes: list[str]) -> Iterator[Any]:
    for path in sorted(package.rglob("*")):
        if path.suffix.lower() in suffixes and path.is_file():
            status = path.stat()
            yield [path.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns]
