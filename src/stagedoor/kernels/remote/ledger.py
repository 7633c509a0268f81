"""Our kernels on Jupyter servers, written down: the next start ends those that a killed Stagedoor has left."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import uuid
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger("stagedoor.kernels")

_SUFFIX = ".kernels"


class Ledger:
    """A file with the ids of our kernels on one server, locked as long as this process lives.

    Args:
        folder: where the ledgers of all Stagedoors of this user lie; by default in the user's cache.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self._folder = folder or cache / "stagedoor" / "jupyter"
        self._url = url
        self._ids: set[str] = set()
        self._path = self._folder / f"{uuid.uuid4().hex}{_SUFFIX}"
        self._file: IO[str] | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("x")
            _lock(self._file)
        except OSError as error:
            self.close()
            log.warning(
                "should this Stagedoor be killed, its kernels on the Jupyter server stay: they cannot be written down",
                folder=str(self._folder),
                reason=error.strerror,
            )

    def inherit(self) -> set[str]:
        """The kernels that Stagedoors which are no more have left on this server: they are ours now."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            if path == self._path or not _can_lock():
                continue
            with contextlib.suppress(OSError, ValueError), path.open("r+") as file:
                _lock(file)  # which fails as long as its Stagedoor lives
                left = json.load(file)
                if left["url"] == self._url:
                    self._ids |= set(left["kernels"])
                    self._write()
                    path.unlink()
        return set(self._ids)

    def add(self, kernel_id: str) -> None:
        """A kernel is ours."""
        self._ids.add(kernel_id)
        self._write()

    def remove(self, kernel_id: str) -> None:
        """A kernel has been ended."""
        self._ids.discard(kernel_id)
        self._write()

    def close(self) -> None:
        """Nothing is written any more. What could not be ended is left to the next start."""
        if self._file is None:
            return
        if not self._ids:
            self._path.unlink(missing_ok=True)
        self._file.close()
        self._file = None

    def _write(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.seek(0)
            self._file.truncate()
            json.dump({"url": self._url, "kernels": sorted(self._ids)}, self._file)
            self._file.flush()


def _can_lock() -> bool:
    return sys.platform != "win32"


def _lock(file: IO[str]) -> None:
    """Takes the file for this process. Raises OSError when another one has it."""
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 -- Unix only

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
