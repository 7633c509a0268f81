"""Finding the apps that an operator asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from .app import App, AppFileError, AppsError, BrokenApp, make_app
from .notebook import read_notebook
from .script import read_script, script_cells

_READERS = {".py": read_script, ".ipynb": read_notebook}
_NOTEBOOK = re.compile(r"[^\n\\]+\.ipynb")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


def discover(paths: Sequence[Path], entries: Mapping[str, str] | None = None) -> list[App | BrokenApp]:
    """The apps of the files and folders, in the order given; the files of a folder in the order of their names.

    A folder's subfolders are not looked into, nor are its files whose names start with ``_`` or ``.``.

    Args:
        entries: by name, the apps that live on a Jupyter server: code that runs them, or a notebook's path there.

    Raises:
        AppsError: a path does not exist or can never be an app, an entry can be none, two apps have one name, or there
            is nothing to serve.
    """
    entries = entries or {}
    if not paths and not entries:
        raise AppsError("There is nothing to serve: name .py files, .ipynb files, or folders of them.")
    apps: list[App | BrokenApp] = [
        read_app(path) for path in _distinct(file for path in paths for file in _files(path))
    ]
    seen: dict[str, App | BrokenApp] = {}
    for app in apps:
        if other := seen.get(app.name):
            raise AppsError(
                f"Two apps have the name {app.name!r}, {other.path} and {app.path}: rename one, or serve only one."
            )
        seen[app.name] = app
    for name, entry in entries.items():
        if name in seen:
            raise AppsError(
                f"The app {name!r} has both an entry on the Jupyter server and a file, {seen[name].path}: remove one."
            )
        apps.append(_entry_app(name, entry))
    return apps


def _entry_app(name: str, entry: str) -> App | BrokenApp:
    """The app of an entry; of a notebook there is nothing yet but its path."""
    if not _NAME.fullmatch(name):
        raise AppsError(
            f"The app {name!r} cannot be in an address: name it with up to 100 letters a-z, digits, '_', '-' and '.'."
        )
    if _NOTEBOOK.fullmatch(entry):
        if any(step in {"", ".", ".."} for step in entry.split("/")):
            raise AppsError(f"The entry of the app {name!r} is no path on the Jupyter server: write 'folder/x.ipynb'.")
        return App(name, name, None, (), "", notebook=entry)
    try:
        return make_app(None, list(script_cells(entry)), name=name)
    except AppFileError as error:
        raise AppsError(str(error)) from None


def _files(path: Path) -> Iterator[Path]:
    path = path.expanduser().absolute()
    try:
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if _looks_like_app(file))
            if not files:
                raise AppsError(f"{path} has no apps in it: put a .py or .ipynb file there.")
            yield from files
            return
        path.stat()
    except FileNotFoundError:
        raise AppsError(f"{path} does not exist.") from None
    except OSError as error:
        raise AppsError(f"{path} cannot be read: {error.strerror}.") from error
    if path.suffix not in _READERS:
        raise AppsError(f"{path} is no app: serve a .py file, an .ipynb file, or a folder of them.")
    yield path


def _looks_like_app(file: Path) -> bool:
    return file.suffix in _READERS and not file.name.startswith(("_", ".")) and not file.is_dir()


def _distinct(files: Iterable[Path]) -> list[Path]:
    """Each file once, although it may be named by itself and by its folder."""
    return list({os.path.realpath(file): file for file in files}.values())


def read_app(path: Path) -> App | BrokenApp:
    """The app of a file, as the file is now."""
    try:
        if not _NAME.fullmatch(path.stem):
            raise AppFileError(
                f"{path} cannot be in an address: rename it with up to 100 letters a-z, digits, '_', '-' and '.' only."
            )
        return _READERS[path.suffix](path)
    except AppFileError as error:
        return BrokenApp(path.stem, path, str(error))
    except OSError as error:
        return BrokenApp(path.stem, path, f"{path} cannot be read: {error.strerror}.")
