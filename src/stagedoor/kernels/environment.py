"""The Python environment that an app's kernel runs in, as far as a page has to do with it."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..apps.app import App
from . import in_environment
from .asking import OnMessage, evaluate_text
from .prelude import PYTHON
from .protocol import Distant, Kernel

_SOURCE = inspect.getsource(in_environment)


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a kernel's packages have put what is theirs."""

    prefix: str
    """The environment's own folder, ``sys.prefix``."""
    data: tuple[Path, ...]
    """Jupyter's data folders, the first one first."""
    plotly: Path | None = None
    """The plotly.js of its Plotly, whether an app imports that or not."""


async def environment_of(kernel: Kernel, app: App) -> Environment | None:
    """The environment of a kernel that is not running anything; None when its language is not Python.

    Raises:
        KernelDied: the kernel has died.
    """
    found = await _ask(kernel, app, in_environment.places.__name__)
    if not found:
        return None
    if isinstance(kernel, Distant):  # whose files are another machine's
        data = tuple(await kernel.bring_folders(found["data"]))
        plotly = await kernel.bring_file(found["plotly"], lambda _: None) if found["plotly"] else None
        return Environment(found["prefix"], data, plotly)
    plotly = Path(found["plotly"]) if found["plotly"] else None
    return Environment(found["prefix"], tuple(map(Path, found["data"])), plotly)


async def packages_of_widgets(kernel: Kernel, app: App, on_message: OnMessage) -> dict[str, str]:
    """The Python package of each widget module that the app has imported; other messages meanwhile are handed on.

    Raises:
        KernelDied: the kernel has died.
    """
    found: dict[str, str] = await _ask(kernel, app, in_environment.packages.__name__, on_message) or {}
    return found


async def _ask(kernel: Kernel, app: App, function: str, on_message: OnMessage = lambda _: None) -> Any:
    if app.language != PYTHON:
        return None
    space = "{'__name__': 'stagedoor_environment'}"
    expression = f"(lambda space: (exec({_SOURCE!r}, space), space[{function!r}]())[1])({space})"
    text = await evaluate_text(kernel, expression, on_message)
    return json.loads(text) if text else None
