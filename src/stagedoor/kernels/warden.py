"""Sees to it that no process and no file of a kernel outlives the gateway, whatever way the gateway ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import structlog

from . import reaper
from .cgroups import Cgroups
from .owner import Owner
from .template.limits import Limits

log = structlog.get_logger("stagedoor.kernels")

_PREFIX = "stagedoor-"
_LOCK = "lock"
# Kernels have sockets in their folders, and a socket's path has room for some 100 characters (unix(7)).
_MAX_BASE = 55
_GRACE = 1.0


class Warden:
    """A private folder for kernels, and a small process that ends them and removes it when this process ends.

    What an earlier gateway left behind, because its warden was killed too, is cleaned up first.

    Args:
        cgroups: where the groups of visitors' kernels are, if there are any.
    """

    def __init__(self, cgroups: Cgroups | None = None) -> None:
        self._cgroups = cgroups
        base = _base_folder()
        for folder in base.glob(f"{_PREFIX}*"):
            _clean_up_abandoned(folder)
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        self._lock = _take_lock(self.folder)
        self._groups: set[int] = set()
        self._count = 0
        self._mutex = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = self._start()

    def make_folder(self, owner: Owner | None = None) -> Path:
        """A new folder for one kernel. Whatever has it in the variable ``reaper.MARK`` of its environment is its."""
        if owner is not None:
            self.folder.chmod(0o711)  # others may pass through
        self._count += 1
        folder = self.folder / f"k{self._count}"
        folder.mkdir(mode=0o700)
        return folder

    def watch(self, group: int, limits: Limits | None = None) -> None:
        """From now on the process group is ended when this process ends.

        Args:
            limits: what it may use together with all that it starts, where that can be seen to.
        """
        if self._cgroups is not None and limits is not None:
            self._cgroups.add(group, limits.of_group())
        self._groups.add(group)
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """The process group has ended."""
        self._groups.discard(group)
        self._tell(f"-{group}\n")
        if self._cgroups is not None:
            self._cgroups.remove(group)

    async def end(self, folder: Path, group: int | None, grace: float = _GRACE) -> None:
        """Ends a kernel's processes, those in other sessions too, and removes its folder.

        They have ``grace`` seconds to end by themselves after a SIGTERM.
        """
        groups = [] if group is None else [group]
        await asyncio.to_thread(reaper.end, str(folder), groups, grace)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if group is not None:
            self.forget(group)

    async def close(self) -> None:
        """Ends all that is left; returns when it has ended."""
        with self._mutex:
            process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        process.stdin.close()
        await asyncio.to_thread(process.wait)
        # Should the warden have been killed, its work is done here.
        await asyncio.to_thread(reaper.end, str(self.folder), self._groups, 0.0)
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)

    def _tell(self, line: str) -> None:
        with self._mutex:
            if self._process is None:
                return
            try:
                _write(self._process, line)
            except OSError:
                log.warning("the warden process has been killed; a new one is started", pid=self._process.pid)
                self._process.wait()
                self._process = self._start()
                _write(self._process, "".join(f"+{group}\n" for group in self._groups))

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 -- our own program
            [sys.executable, "-I", "-S", reaper.__file__, str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder.anchor,
            start_new_session=True,
            bufsize=0,
        )


def _write(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin
    process.stdin.write(text.encode())


def _base_folder() -> Path:
    base = tempfile.gettempdir()
    return Path(base if len(base) <= _MAX_BASE or sys.platform == "win32" else "/tmp")  # noqa: S108 -- mkdtemp follows


def _take_lock(folder: Path) -> int | None:
    """Locks a gateway's folder; None when another process has the lock, or where there are no such locks."""
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415 -- Unix only

    descriptor = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _clean_up_abandoned(folder: Path) -> None:
    """Removes the folder of a gateway that is no more, with the processes that belong to it."""
    try:
        if sys.platform == "win32" or folder.lstat().st_uid != os.getuid() or not (folder / _LOCK).exists():
            return
        lock = _take_lock(folder)
    except OSError:
        return
    if lock is None:
        return
    log.warning("cleaning up after a gateway that was killed", folder=str(folder))
    reaper.end(str(folder), [], grace=0.2)
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
