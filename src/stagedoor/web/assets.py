"""The browser's code: the element, its chunks, and libraries out of the apps' own environment."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path

import structlog

from ..door.encoded import Encoded
from ..kernels.extensions import Extension

log = structlog.get_logger("stagedoor.assets")

STATIC = Path(__file__).parent / "static"
_PRECOMPRESSED = {".gz", ".br"}

# A UMD file as an ES module: it finds a CommonJS `module` to export to, and no AMD loader of the page.
_MODULE_HEAD = b"const module={exports:{}},exports=module.exports,define=undefined;\n"
_MODULE_TAIL = b"\nexport default module.exports;for(const name of %s)globalThis[name]??=module.exports;\n"
_GLOBALS = {"plotly": b'["Plotly","_Plotly"]'}
"""By which names scripts of apps know a library; the latter is JupyterLab's."""


class AssetsError(Exception):
    """The browser's code has not been built. The text says how it is."""


@dataclass(frozen=True, slots=True)
class _Promised:
    """A file of an extension that no page has asked for yet."""

    path: Path
    digest: bytes

    def read(self) -> Encoded | None:
        """The file, as long as it is what its address says."""
        try:
            content = self.path.read_bytes()
        except OSError:
            content = b""
        if _digest(content) == self.digest:
            return Encoded.of(content, hasty=True)
        log.warning("a file has changed since the app was run: restart, or touch the app's file", path=str(self.path))
        return None


class Assets:
    """The build's files are read, and compressed where it has not been done, at once; extensions' when asked for."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files: dict[str, tuple[Encoded, str]] = {}
        self._promised: dict[str, _Promised] = {}
        self._reading: dict[str, asyncio.Task[Encoded | None]] = {}
        self._digests: dict[tuple[Path, int, int], bytes] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in _PRECOMPRESSED:
                self._files[path.relative_to(folder).as_posix()] = (_read(path), _media_type(path))
        if "stagedoor.js" not in self._files:
            raise AssetsError("The browser code has not been built: run `make setup` in Stagedoor's checkout.")
        self.widget_chunks: list[str] = json.loads((folder / "chunks.json").read_bytes())["widgets"]
        """Addresses of what a page with widgets loads, relative to the gateway's root."""

    async def find(self, path: str) -> tuple[Encoded, str] | None:
        """Body and media type of ``stagedoor.js`` or ``assets/...``."""
        if path not in self._files and (promised := self._promised.get(path)):
            if path not in self._reading:
                self._reading[path] = asyncio.create_task(asyncio.to_thread(promised.read))
            # Who has asked first may leave while others wait.
            body = await asyncio.shield(self._reading[path])
            self._reading.pop(path, None)
            if body is not None:
                self._files[path] = (body, _media_type(promised.path))
        return self._files.get(path)

    def integrity(self, path: str) -> str:
        """The file's hash in the form of subresource integrity (W3C, "Subresource Integrity")."""
        digest = hashlib.sha384(self._files[path][0].plain).digest()
        return f"sha384-{base64.b64encode(digest).decode()}"

    def publish(self, name: str, path: Path, *, hasty: bool = False) -> str:
        """Serves a library's file as an ES module under an address that has its content's hash.

        Args:
            hasty: a visitor waits for it.

        Returns:
            the address, relative to the gateway's root.
        """
        module = _MODULE_HEAD + path.read_bytes() + _MODULE_TAIL % _GLOBALS[name]
        address = f"assets/{hashlib.sha256(module).hexdigest()[:16]}/{name}.js"
        if address not in self._files:
            self._files[address] = (Encoded.of(module, hasty=hasty), "text/javascript")
        return address

    def publish_extension(self, extension: Extension) -> str:
        """Serves an extension's files, each read when it is first asked for, under an address that has their hash.

        Returns:
            the address of its entry, relative to the gateway's root.
        """
        promised = {name: _Promised(path, self._digest_of(path)) for name, path in extension.files.items()}
        whole = hashlib.sha256(extension.name.encode())
        for name, file in promised.items():
            whole.update(f"\0{name}\0".encode() + file.digest)
        root = f"assets/{whole.hexdigest()[:16]}"
        self._promised |= {f"{root}/{name}": file for name, file in promised.items()}
        return f"{root}/{extension.entry}"

    def _digest_of(self, path: Path) -> bytes:
        status = path.stat()
        key = (path, status.st_size, status.st_mtime_ns)
        if key not in self._digests:
            self._digests[key] = _digest(path.read_bytes())
        return self._digests[key]


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


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
