"""Copies of what pages need of a Jupyter server's environment: the browser code of widgets, and Plotly's.

A kernel is asked for them. It may be anybody's: where a copy comes to lie, and how much there may be, is decided here.
"""

from __future__ import annotations

import ast
import asyncio
import base64
import inspect
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import structlog

from ..asking import OnMessage, evaluate
from ..extensions import SERVED
from ..protocol import Kernel
from . import in_kernel_files

log = structlog.get_logger("stagedoor.extensions")

MOST_BYTES = 128 * 2**20
_MOST_FILES = 5000
_PART = 2**20
_SOURCE = inspect.getsource(in_kernel_files)


class Copies:
    """A temporary folder with copies, which are made anew only where the original has changed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="stagedoor-copies-", ignore_cleanup_errors=True)
        self._root = Path(self._folder.name)
        self._copied: dict[Path, tuple[int, int]] = {}
        self._copying = asyncio.Lock()

    async def folders(self, kernel: Kernel, folders: Sequence[str]) -> list[Path]:
        """A copy of each of Jupyter's data folders, with the browser code of widgets in it.

        Raises:
            KernelDied: the kernel has died.
        """
        async with self._copying:
            listed = await _ask(kernel, in_kernel_files.listing, list(folders), sorted(SERVED))
            total = 0
            for index, name, size, changed in _checked(listed, len(folders)):
                total += size
                if total > MOST_BYTES:
                    log.warning("the browser code of the Jupyter server's widgets is too large: some is left out")
                    break
                original = os.path.join(folders[index], name)  # noqa: PTH118 -- a path of another machine
                await self._copy(kernel, original, self._place(folders[index]) / name, size, changed)
        return [self._place(folder) for folder in folders]

    async def file(self, kernel: Kernel, path: str, on_message: OnMessage) -> Path | None:
        """A copy of one file; None when it cannot be had.

        Raises:
            KernelDied: the kernel has died.
        """
        async with self._copying:
            status = await _ask(kernel, in_kernel_files.about, path, on_message=on_message)
            if not (isinstance(status, list) and all(type(number) is int for number in status) and len(status) == 2):
                return None
            size, changed = status
            copy = self._place(path) / "file"
            return copy if await self._copy(kernel, path, copy, size, changed, on_message) else None

    def close(self) -> None:
        """Removes the copies."""
        self._folder.cleanup()

    def _place(self, original: str) -> Path:
        return self._root / base64.urlsafe_b64encode(original.encode())[-200:].decode()

    async def _copy(
        self, kernel: Kernel, original: str, copy: Path, size: int, changed: int, on_message: OnMessage = lambda _: None
    ) -> bool:
        if not 0 <= size <= MOST_BYTES:
            return False
        if self._copied.get(copy) == (size, changed):
            return True
        content = b""
        while len(content) < size:
            text = await _ask(
                kernel, in_kernel_files.part, original, len(content), _PART, on_message=on_message, as_json=False
            )
            read = base64.b64decode(text) if isinstance(text, str) else b""
            if not read:
                return False
            content += read
        await asyncio.to_thread(_write, copy, content)
        self._copied[copy] = (size, changed)
        return True


def _write(copy: Path, content: bytes) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content)


def _checked(listed: Any, folders: int) -> list[tuple[int, str, int, int]]:
    """Of what a kernel has listed, that which is as it should be, and leads nowhere else."""
    found = []
    for entry in (listed if isinstance(listed, list) else [])[:_MOST_FILES]:
        match entry:
            case [int(index), str(name), int(size), int(changed)] if (
                0 <= index < folders and size >= 0 and changed >= 0
            ):
                path = PurePosixPath(name)
                plain = not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
                if plain and path.suffix.lower() in SERVED and path.parts[0] in {"labextensions", "nbextensions"}:
                    found.append((index, name, size, changed))
    return found


async def _ask(
    kernel: Kernel, function: Any, *args: Any, on_message: OnMessage = lambda _: None, as_json: bool = True
) -> Any:
    """What a function of the module for kernels returns there; None when it fails."""
    space = "{'__name__': 'stagedoor_files'}"
    call = f"space[{function.__name__!r}](*{args!r})"
    expression = f"(lambda space: (exec({_SOURCE!r}, space), {call})[1])({space})"
    try:
        text = ast.literal_eval(await evaluate(kernel, expression, on_message) or "None")
        return json.loads(text) if as_json and isinstance(text, str) else text
    except (ValueError, SyntaxError):
        return None
