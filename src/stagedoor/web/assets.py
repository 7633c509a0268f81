"""The browser's code: the element, its chunks, and libraries out of the apps' own environment."""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
from pathlib import Path

from ..door.encoded import Encoded

STATIC = Path(__file__).parent / "static"
_PRECOMPRESSED = {".gz", ".br"}

# A UMD file as an ES module: it finds a CommonJS `module` to export to, and no AMD loader of the page.
_MODULE_HEAD = b"const module={exports:{}},exports=module.exports,define=undefined;\n"
_MODULE_TAIL = b"\nexport default module.exports;for(const name of %s)globalThis[name]??=module.exports;\n"
_GLOBALS = {"plotly": b'["Plotly","_Plotly"]'}
"""By which names scripts of apps know a library; the latter is JupyterLab's."""


class AssetsError(Exception):
    """The browser's code has not been built. The text says how it is."""


class Assets:
    """Everything is read, and compressed where the build has not done it, once."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files: dict[str, tuple[Encoded, str]] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in _PRECOMPRESSED:
                self._files[path.relative_to(folder).as_posix()] = (_read(path), _media_type(path))
        if "stagedoor.js" not in self._files:
            raise AssetsError("The browser code has not been built: run `make setup` in Stagedoor's checkout.")
        self.widget_chunks: list[str] = json.loads((folder / "chunks.json").read_bytes())["widgets"]
        """Addresses of what a page with widgets loads, relative to the gateway's root."""

    def find(self, path: str) -> tuple[Encoded, str] | None:
        """Body and media type of ``stagedoor.js`` or ``assets/...``."""
        return self._files.get(path)

    def integrity(self, path: str) -> str:
        """The file's hash in the form of subresource integrity (W3C, "Subresource Integrity")."""
        digest = hashlib.sha384(self._files[path][0].plain).digest()
        return f"sha384-{base64.b64encode(digest).decode()}"

    def publish(self, name: str, path: Path) -> str:
        """Serves a library's file as an ES module under an address that has its content's hash.

        Returns:
            the address, relative to the gateway's root.
        """
        module = _MODULE_HEAD + path.read_bytes() + _MODULE_TAIL % _GLOBALS[name]
        address = f"assets/{hashlib.sha256(module).hexdigest()[:16]}/{name}.js"
        if address not in self._files:
            self._files[address] = (Encoded.of(module), "text/javascript")
        return address


def _read(path: Path) -> Encoded:
    plain = path.read_bytes()
    zipped, brotlied = (path.with_name(path.name + suffix) for suffix in (".gz", ".br"))
    if zipped.exists() and brotlied.exists():
        return Encoded(plain, zipped.read_bytes(), brotlied.read_bytes(), hashlib.sha256(plain).hexdigest()[:32])
    return Encoded.of(plain)


def _media_type(path: Path) -> str:
    if path.suffix == ".js":
        return "text/javascript"
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
