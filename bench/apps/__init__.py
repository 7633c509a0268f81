"""The two apps, and how a visitor uses them: on the wire and in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagedoor.jupyter.message import Message

_FOLDER = Path(__file__).parent
_CELL = re.compile(r"^# %%.*\n", re.MULTILINE)


@dataclass(frozen=True)
class App:
    """An app and the one thing that its visitors do, again and again.

    Attributes:
        model: the `_model_name` of the widget that visitors use.
        data: the `data` of the comm message of a visitor's n-th act (n counts from 1).
        changed: whether a message of the kernel carries the output that the act changes.
        control: CSS selector of what a visitor presses in the page.
        key: the key to press on it, or None for a click.
        shown: a JavaScript function of no arguments: the first output's element if it is there, else null.
        redrawn: a JavaScript function of the count of acts and what `look` gave: whether the changed output is there.
        look: a JavaScript function of no arguments, called just before an act.
    """

    name: str
    model: str
    data: Callable[[int], dict[str, Any]]
    changed: Callable[[Message], bool]
    control: str
    key: str | None
    shown: str
    redrawn: str
    look: str

    @property
    def path(self) -> Path:
        """The app's Python file."""
        return _FOLDER / f"{self.name}.py"

    @property
    def cells(self) -> list[str]:
        """The sources of its cells."""
        return [source.strip() for source in _CELL.split(self.path.read_text()) if source.strip()]

    def write_notebook(self, folder: Path) -> Path:
        """The same cells as a notebook, for peers that show notebooks."""
        cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "cells": [cell | {"id": f"cell-{n}", "source": source} for n, source in enumerate(self.cells)],
        }
        path = folder / f"{self.name}.ipynb"
        path.write_text(json.dumps(notebook))
        return path


def _prints(message: Message) -> bool:
    return message.msg_type == "stream" and "click" in str(message.content.get("text"))


def _draws(message: Message) -> bool:
    return message.msg_type == "display_data" and "image/png" in message.content.get("data", {})


TINY = App(
    name="tiny",
    model="ButtonModel",
    data=lambda n: {"method": "custom", "content": {"event": "click"}},
    changed=_prints,
    control="button.jupyter-button",
    key=None,
    shown="() => document.querySelector('button.jupyter-button')",
    redrawn="n => [...document.querySelectorAll('pre')].some(e => e.textContent.trim() === `click ${n}`)",
    look="() => null",
)

BIG = App(
    name="big",
    model="IntSliderModel",
    data=lambda n: {"method": "update", "state": {"value": 100 + n}, "buffer_paths": []},
    changed=_draws,
    control=".noUi-handle",
    key="ArrowRight",
    shown="() => [...document.images].find(e => e.complete && e.naturalWidth > 200) ?? null",
    redrawn="(n, before) => [...document.images].some(e => e.complete && e.naturalWidth > 200 && e.src !== before)",
    look="() => [...document.images].find(e => e.naturalWidth > 200)?.src",
)

APPS = {app.name: app for app in (TINY, BIG)}
