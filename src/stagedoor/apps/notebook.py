"""Jupyter notebooks as apps: their code cells in order, in the kernel that the notebook names."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat

from .app import App, AppCell, AppFileError, make_app

_NAME_TAG = "name:"


def read_notebook(path: Path) -> App:
    """The app of an ``.ipynb`` file of any version of the notebook format.

    Raises:
        AppFileError: the file is no notebook, or has no usable cells, or does not say which kernel it needs.
        OSError: it cannot be read.
    """
    return notebook_app(path.read_bytes(), str(path), path=path)


def notebook_app(data: bytes, origin: str, *, path: Path | None = None, name: str = "") -> App:
    """The app of a notebook's JSON.

    Args:
        origin: what the notebook is called where something is wrong with it.
        path: its file; None when it lies on a Jupyter server, under the path ``origin``.
        name: the app's, where no file gives it.

    Raises:
        AppFileError: it is no notebook, or has no usable cells, or does not say which kernel it needs.
    """
    notebook = _parse(data, origin)
    try:
        cells = list(_cells(notebook))
    except (LookupError, TypeError, AttributeError) as error:
        raise AppFileError(f"{origin} is not a notebook that Jupyter can read.") from error
    metadata = _mapping(notebook.get("metadata"))
    kernelspec = _mapping(metadata.get("kernelspec"))
    language = kernelspec.get("language") or _mapping(metadata.get("language_info")).get("name") or "python"
    kernel_name = kernelspec.get("name") or ("python3" if language == "python" else None)
    if not isinstance(kernel_name, str) or not isinstance(language, str):
        raise AppFileError(f"{origin} does not say which kernel it needs: choose one in Jupyter, and save it again.")
    title = metadata.get("title")
    title = title.strip() if isinstance(title, str) else ""
    return make_app(
        path,
        cells,
        name=name,
        title=title,
        kernel_name=kernel_name,
        language=language.lower(),
        notebook="" if path else origin,
    )


def _parse(data: bytes, origin: str) -> Mapping[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AppFileError(f"{origin} is not a notebook: it is not JSON ({error}).") from error
    try:
        with warnings.catch_warnings():
            # Cells without ids, as older programs write them, matter to nobody here.
            warnings.simplefilter("ignore")
            return _mapping(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]
    except Exception as error:  # nbformat raises whatever its converters run into.
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise AppFileError(f"{origin} is not a notebook that Jupyter can read ({reason}).") from error


def _cells(notebook: Mapping[str, Any]) -> Iterator[AppCell]:
    code_cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for index, cell in enumerate(code_cells):
        if cell["source"].strip():
            yield AppCell(_name(cell) or str(index), cell["source"])


def _name(cell: Mapping[str, Any]) -> str:
    tags = _mapping(cell.get("metadata")).get("tags", [])
    return next((tag.removeprefix(_NAME_TAG).strip() for tag in tags if tag.startswith(_NAME_TAG)), "")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
