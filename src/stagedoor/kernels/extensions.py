"""The browser code of widgets and of MIME types, as packages install it for JupyterLab, or else the classic notebook.

Sources of the rules: JupyterLab, "Distributing a pre-built extension" (``jupyterlab._build`` in ``package.json``); the
classic notebook's ``nbextensions``. Nothing is found by a page's request: what can be served is listed here, once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import structlog

log = structlog.get_logger("stagedoor.extensions")

OURS = frozenset({"@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output", "anywidget"})
"""Widget modules whose browser code is Stagedoor's own."""

_NAME = re.compile(r"(@[a-z0-9~_-][a-z0-9._~-]*/)?[a-z0-9~_-][a-z0-9._~-]*", re.I)
_CODE = {".js", ".mjs", ".css", ".json", ".wasm", ".glsl"}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".ico", ".cur"}
_FONTS = {".woff", ".woff2", ".ttf", ".otf", ".eot"}
SERVED = frozenset(_CODE | _PICTURES | _FONTS)
"""Suffixes of what a browser loads. Python is not among them, nor are source maps and pages."""

_WIDGETS = "@jupyter-widgets/base"
_MANAGER = "@jupyter-widgets/jupyterlab-manager"

_MIME_TYPE = re.compile(
    rb"""(?<=["'`])(?:application|audio|chemical|font|image|message|model|multipart|text|video|x-[a-z]+)/[\w.+-]+(?=["'`\\])""",
    re.ASCII,
)
"""A MIME type in quotes (IANA, "Media Types", and ``chemical``), which code built for development has escaped."""
_NEAR = 20_000
"""Bytes of code."""


@dataclass(frozen=True, slots=True)
class Extension:
    """The browser code of one package."""

    kind: Literal["federated", "amd"]
    """``federated``: a container of webpack's module federation; ``amd``: a module that calls ``define``."""
    name: str
    """The npm package's."""
    version: str
    folder: Path
    entry: str
    """The file to load first, relative to the folder."""
    modules: tuple[str, ...] = ()
    """What to ask a federated container for: its plugins, its style."""

    @property
    def files(self) -> dict[str, Path]:
        """Every file that may be served, by its path relative to the folder; links that lead out of it are none."""
        return dict(_files(self.folder))

    def mentions(self, module: str) -> bool:
        """Whether its code has this name in quotes, as one that registers widgets under it must."""
        quoted = [f"{quote}{module}{quote}".encode() for quote in "\"'`"]
        codes = (path.read_bytes() for name, path in self.files.items() if name.endswith(".js"))
        return any(name in code for code in codes for name in quoted)

    def mime_types(self) -> list[str]:
        """The MIME types that it may draw: those that its code has in quotes, near its renderers.

        Which of them it draws, and with what rank, the code alone knows when it is run.
        """
        codes = [path.read_bytes() for name, path in self.files.items() if name.endswith(".js")]
        near = {found for code in codes for part in _near_renderers(code) for found in _MIME_TYPE.findall(part)}
        anywhere = near or {found for code in codes for found in _MIME_TYPE.findall(code)}
        return sorted(found.decode() for found in anywhere)


def installed(path: Iterable[Path]) -> dict[str, Extension]:
    """The extensions with widgets, by name.

    Args:
        path: Jupyter's data folders, the first one first: what it has hides what the later ones have.
    """
    folders = list(path)
    found: dict[str, Extension] = {}
    for folder in folders:
        for package in _packages(folder / "labextensions"):
            extension = _federated(package, "extension")
            if extension and extension.name not in OURS | {_MANAGER}:
                found.setdefault(extension.name, extension)
    for folder in folders:
        for package in _packages(folder / "nbextensions"):
            name = _package_name(package)
            if (package / "index.js").is_file() and name not in OURS:
                found.setdefault(name, Extension("amd", name, "", package.resolve(), "index.js"))
    return found


def installed_renderers(path: Iterable[Path]) -> list[Extension]:
    """The prebuilt extensions that draw MIME types, in the order of their names.

    Args:
        path: as :func:`installed` takes it.
    """
    found: dict[str, Extension] = {}
    for folder in path:
        for package in _packages(folder / "labextensions"):
            if extension := _federated(package, "mimeExtension"):
                found.setdefault(extension.name, extension)
    return [found[name] for name in sorted(found)]


def _near_renderers(code: bytes) -> Iterator[bytes]:
    """What is around each renderer: large libraries in the same file mention many types that are not drawn."""
    for found in re.finditer(b"createRenderer", code):
        yield code[max(0, found.start() - _NEAR) : found.end() + _NEAR]


def _packages(folder: Path) -> Iterator[Path]:
    """The folders of packages: ``name`` and ``@scope/name``."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name.startswith("@") and entry.is_dir():
            yield from (inner for inner in sorted(entry.iterdir()) if inner.is_dir())
        elif _NAME.fullmatch(entry.name) and entry.is_dir():
            yield entry


def _package_name(package: Path) -> str:
    scope = package.parent.name
    return f"{scope}/{package.name}" if scope.startswith("@") else package.name


def _federated(package: Path, part: Literal["extension", "mimeExtension"]) -> Extension | None:
    """The part of a package that has widgets, or that which draws MIME types."""
    about = _read(package / "package.json")
    build = _object(_object(about.get("jupyterlab")).get("_build"))
    name, load = about.get("name"), build.get("load")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(load, str):
        return None
    load = load.replace("\\", "/").removeprefix("./")  # as it was built on Windows; as other builders write it
    if not build.get(part) or (part == "extension" and _WIDGETS not in json.dumps(about)):
        return None
    # The folder itself may be a link, as `jupyter labextension develop` makes it; below it none leads out.
    root = package.resolve()
    static = (root / "static").resolve()
    folder, _, entry = load.partition("/")
    modules = tuple(str(build[key]) for key in (part, "style") if build.get(key))
    if folder != "static" or not static.is_relative_to(root):
        return None
    extension = Extension("federated", name, str(about.get("version", "")), static, entry, modules)
    if entry not in extension.files:
        log.warning("the browser part of an extension is not whole", extension=name, missing=load)
        return None
    return extension


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if hidden or path.suffix.lower() not in SERVED or not path.is_file():
            continue
        real = path.resolve()
        if real.is_relative_to(folder) and real.suffix == path.suffix:
            yield name.as_posix(), real


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return _object(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
