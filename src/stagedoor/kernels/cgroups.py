"""Control groups, version 2 (cgroups(7)): what a kernel and all that it starts use together.

Only the group that was delegated to Stagedoor is divided (systemd.resource-control(5), ``Delegate=``).
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import structlog

log = structlog.get_logger("stagedoor.kernels")

CONTROLLERS = ("memory", "pids")
_DELEGATED = "user.delegate"
"""The attribute by which systemd says so (systemd, "Control Group APIs and Delegation")."""
_OURS = "gateway"


class CgroupError(Exception):
    """There are no groups to be had. The text says why."""


class Cgroups:
    """The groups of kernels, beside one for the gateway itself."""

    def __init__(self, own: Path) -> None:
        self._own = own
        self._left: set[Path] = set()

    @classmethod
    def divide(cls, controllers: Collection[str] = CONTROLLERS) -> Cgroups:
        """Makes the group of this process one of groups, in one of which it is from now on.

        Args:
            controllers: what is to be limited.

        Raises:
            CgroupError: this may not be, or cannot; nothing has changed.
        """
        own = _own_group()
        if own is None:
            raise CgroupError("this system has no control groups of version 2")
        if not _is_delegated(own):
            raise CgroupError("no group was delegated to Stagedoor (in a service of systemd: Delegate=memory pids)")
        missing = set(controllers) - set((own / "cgroup.controllers").read_text().split())
        if missing:
            raise CgroupError(f"its group cannot limit {' and '.join(sorted(missing))}")
        ours = own / _OURS
        try:
            ours.mkdir(exist_ok=True)
            # A group that has processes of its own cannot be divided.
            _move(own, ours)
            (own / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in controllers))
        except OSError as error:
            with contextlib.suppress(OSError):
                _move(ours, own)
                ours.rmdir()
            raise CgroupError(f"its group cannot be divided ({error.strerror})") from None
        return cls(own)

    def add(self, pid: int, limits: Mapping[str, str]) -> None:
        """Puts a process, and all that it will start, into a group of its own.

        Args:
            limits: values by the names of the group's files, such as ``memory.max``.
        """
        group = self._group(pid)
        try:
            group.mkdir()
            for name, value in limits.items():
                (group / name).write_text(value)
            (group / "cgroup.procs").write_text(str(pid))
        except OSError as error:
            log.warning("a kernel has no control group", pid=pid, reason=str(error))
            self.remove(pid)

    def remove(self, pid: int) -> None:
        """Ends all that is left in a process's group, and the group."""
        if (group := self._group(pid)).exists():
            self._left.add(group)
        for one in list(self._left):
            with contextlib.suppress(OSError):  # what has been killed is not gone at once: at the next occasion
                (one / "cgroup.kill").write_text("1")
                one.rmdir()
                self._left.discard(one)

    def _group(self, pid: int) -> Path:
        return self._own / f"kernel-{pid}"


def _own_group() -> Path | None:
    """The folder of this process's group of version 2."""
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError):
        path = next((line[3:] for line in _lines("/proc/self/cgroup") if line.startswith("0::")), None)
        for line in _lines("/proc/self/mountinfo"):
            place, _, about = line.partition(" - ")
            root, mounted = place.split()[3:5]
            if about.startswith("cgroup2 ") and path is not None and Path(path).is_relative_to(root):
                return Path(mounted) / Path(path).relative_to(root)
    return None


def _lines(file: str) -> list[str]:
    return Path(file).read_text().splitlines()


def _is_delegated(group: Path) -> bool:
    try:
        return os.getxattr(group, _DELEGATED) == b"1"
    except OSError:
        return False


def _move(source: Path, target: Path) -> None:
    for pid in (source / "cgroup.procs").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            (target / "cgroup.procs").write_text(pid)
