"""Runs inside a Python kernel: sent there as text, so it must not import anything of Stagedoor.

The kernel's Python may be older than the gateway's (3.8 and later), and need not have Jupyter's packages in it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from typing import Any


def places() -> str:
    """JSON: the environment's folder, Jupyter's data folders, the first one first, and Plotly's plotly.js."""
    try:
        from jupyter_core.paths import jupyter_path  # noqa: PLC0415 -- a kernel can do without it

        folders = jupyter_path()
    except ImportError:
        folders = [os.path.join(sys.prefix, "share", "jupyter")]  # noqa: PTH118 -- as jupyter_core has it
    return json.dumps({"prefix": sys.prefix, "data": folders, "plotly": _plotly()})


def _plotly() -> str | None:
    """Where Plotly, which need not be imported for this, has its plotly.js."""
    try:
        found = importlib.util.find_spec("plotly")
    except (ImportError, ValueError):
        return None
    for folder in (found and found.submodule_search_locations) or ():
        file = os.path.join(folder, "package_data", "plotly.min.js")  # noqa: PTH118
        if os.path.isfile(file):  # noqa: PTH113
            return file
    return None


def packages() -> str:
    """JSON: the Python package of each widget module whose classes the app has imported."""
    ipywidgets: Any = sys.modules.get("ipywidgets")
    widget = getattr(ipywidgets, "Widget", None)
    waiting = [] if widget is None else [widget]
    found: dict[str, str] = {}
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        module = getattr(vars(kind).get("_model_module"), "default_value", None)
        if isinstance(module, str):
            found.setdefault(module, kind.__module__.partition(".")[0])
    return json.dumps(found)
