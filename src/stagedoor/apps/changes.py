"""Noticing that an app's files have changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .app import App, BrokenApp

_MOST_FILES = 2000
_OUR_FOLDERS = {"__pycache__", "node_modules"}


def fingerprint(app: App | BrokenApp, others: frozenset[Path] = frozenset()) -> int:
    """A number that changes when the app's file does, or any file in its folder that it may use.

    Args:
        others: files of other apps, which do not count.
    """
    if app.path is None:
        return 0
    seen = [app.path, *_beside(app.path, others)]
    return hash(tuple(_state(path) for path in seen))


def _beside(path: Path, others: frozenset[Path]) -> Iterator[Path]:
    count = 0
    for folder, folders, files in os.walk(path.parent):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _OUR_FOLDERS)
        for name in sorted(files):
            file = Path(folder, name)
            if file in others or name.startswith("."):
                continue
            count += 1
            if count > _MOST_FILES:
                return
            yield file


def _state(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size
