"""What a visitor's kernel may not do to this machine, and what of that this machine can see to."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from .folder_trial import why_not
from .landlock import version
from .limits import Limits

Folder = Literal["auto", "private", "shared"]

_NO_USER = "they are of Stagedoor's user, which is not root and cannot choose another"
_NO_USER_AS_ROOT = "they are of Stagedoor's user, root: name another (kernels.user)"
_NETWORK_FROM = 4
_SIGNALS_FROM = 6


def why_shared(choice: Folder, folder: Path, limits: Limits, *, watched: bool) -> str | None:
    """Why the sessions of an app share its folder, in plain words; None when each has its own.

    Args:
        watched: whether sessions are to see at once what the author changes.
    """
    if choice == "shared":
        return "as the settings say"
    if choice == "auto" and watched:
        return "with --dev sessions see what the author changes"
    return _tried(folder, limits.disk, limits.user)


_tried = functools.cache(why_not)


def report(limits: Limits, shared: Mapping[str, str | None], no_cgroups: str | None = None) -> dict[str, str]:
    """How the kernels of visitors are confined: what is on, and what is off and why.

    Args:
        shared: for each app, why its sessions share its folder (:func:`why_shared`).
        no_cgroups: why kernels have no control groups; None when they have.
    """
    if sys.platform != "linux":
        return {"all": f"off: {sys.platform} has nothing of this"}
    landlock, root = version(), os.geteuid() == 0
    limited = {"memory": limits.memory, "cpu": limits.cpu, "processes": limits.processes, "files": limits.files,
               "file size": limits.file_size, "disk": limits.disk if None in shared.values() else 0}  # fmt: skip
    on, off = ([name for name, limit in limited.items() if bool(limit) is wanted] for wanted in (True, False))
    return {
        "limits": f"on: {', '.join(on)}" + (f"; off: {', '.join(off)}" if off else ""),
        "no_new_privileges": "on",
        "capabilities": "on: those for files, processes and ports only" if root else "on: none",
        "private_folder": _by_app(shared),
        "signals_and_tracing": _state(landlock >= _SIGNALS_FROM, "this Linux's Landlock is too old for signals"),
        "read_only_files": _wanted(limits.read_only, "kernels.read_only", landlock > 0, "this Linux has no Landlock"),
        "no_network": _wanted(
            not limits.network, "kernels.network = false", landlock >= _NETWORK_FROM, "this Linux's Landlock is too old"
        ),
        "other_user": f"on: {limits.user}" if limits.user else f"off: {_NO_USER_AS_ROOT if root else _NO_USER}",
        "seccomp": "off: the Python bindings of libseccomp itself are not on PyPI",
        "cgroup": _state(no_cgroups is None, str(no_cgroups)),
    }


def _by_app(reasons: Mapping[str, str | None]) -> str:
    """One state for all apps, or those that differ from the others by their names."""
    apps: dict[str | None, list[str]] = {}
    for app, reason in reasons.items():
        apps.setdefault(reason, []).append(app)
    if len(apps) < 2:
        return "".join(map(_off, apps)) or "on"
    off = [f"for {', '.join(names)}: {reason}" for reason, names in apps.items() if reason]
    return ("on; off: " if None in apps else "off: ") + "; ".join(off)


def _off(reason: str | None) -> str:
    return f"off: {reason}" if reason else ""


def _state(possible: bool, why_not: str) -> str:
    return "on" if possible else f"off: {why_not}"


def _wanted(wanted: bool, setting: str, possible: bool, why_not: str) -> str:
    return _state(possible, why_not) if wanted else f"off: not asked for ({setting})"
