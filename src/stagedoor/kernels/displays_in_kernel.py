"""Runs inside a Python kernel before the app, like ``in_kernel``: what would show in a notebook only shows in a page.

IPython looks a formatter up by its type's name, so nothing is imported for an app that does not use it.
"""

from __future__ import annotations

import base64
import html
import importlib.abc
import importlib.util
import mimetypes
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE_LIMIT = 20_000_000
"""Bytes of a file up to which it is handed out."""


def adapt() -> None:
    """Registers the formatters, if the kernel has IPython in it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    formatters = shell.display_formatter.formatters
    for name, in_html in (("FileLink", file_link), ("FileLinks", folder_link)):
        formatters["text/html"].for_type_by_name("IPython.lib.display", name, in_html)
        formatters["text/plain"].for_type_by_name("IPython.lib.display", name, plain_link)
    for version in ("v5", "v6"):
        chart = f"altair.vegalite.{version}.api", "TopLevelMixin"
        shell.display_formatter.mimebundle_formatter.for_type_by_name(*chart, altair_chart)
    if not any(isinstance(finder, AfterImport) for finder in sys.meta_path):
        sys.meta_path.insert(
            0, AfterImport({"holoviews.ipython": inline_holoviews, "panel.io.resources": inline_panel})
        )


class AfterImport(importlib.abc.MetaPathFinder):
    """Calls functions with modules as soon as these have been imported."""

    def __init__(self, then: dict[str, Callable[[Any], None]]) -> None:
        self._then = then

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any | None:
        """The module's own spec, with the function after its code; None for modules that nobody waits for."""
        then = self._then.pop(name, None)
        spec = importlib.util.find_spec(name) if then else None
        if then is None or spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            then(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def inline_holoviews(module: Any) -> None:
    """Has ``hv.extension`` bring the code along that its plots need."""
    module.notebook_extension.inline = True


def inline_panel(module: Any) -> None:
    """Has Panel's models bring their style sheets along, too, whatever the mode of its resources."""
    sheet_type = module.ImportedStyleSheet
    create = sheet_type.__init__

    def create_inlined(self: Any, *args: Any, **options: Any) -> None:
        url = options.get("url")
        if isinstance(url, str) and url.startswith(module.CDN_DIST):
            file = module.DIST_DIR / url[len(module.CDN_DIST) :].partition("?")[0]
            if file.is_file():
                options["url"] = f"data:text/css;base64,{base64.b64encode(file.read_bytes()).decode()}"
        create(self, *args, **options)

    sheet_type.__init__ = create_inlined


def file_link(link: Any) -> str:
    """The file itself: no page can fetch it from the app's folder."""
    path = Path(link.path)
    name = html.escape(path.name)
    try:
        size = path.stat().st_size
        if size > FILE_LIMIT:
            return f"{name} is too large to be handed out here ({size / 1e6:.0f} MB)."
        data = base64.b64encode(path.read_bytes()).decode()
    except OSError:
        return f"There is no file {name}."
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    anchor = f'<a download="{name}" href="data:{media_type};base64,{data}">{name}</a>'
    return f"{link.result_html_prefix}{anchor}{link.result_html_suffix}"


def folder_link(links: Any) -> str:
    """No page can look into the app's folder."""
    return "The files of this folder are not handed out: the app has to display each as a FileLink."


def plain_link(link: Any, printer: Any, cycle: bool) -> None:
    """The name; a path would tell where the app lives."""
    printer.text(Path(link.path).name)


def altair_chart(chart: Any) -> Any:
    """The chart's specification: HTML of Altair has the page load Vega from elsewhere, and the page has Vega."""
    renderers = sys.modules["altair"].renderers
    if renderers.active not in {"default", "html"}:
        return chart._repr_mimebundle_()
    options = {name: value for name, value in renderers.options.items() if name == "embed_options"}
    with renderers.enable("mimetype", **options):
        return chart._repr_mimebundle_()
