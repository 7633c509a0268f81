"""What a child may use, and how it makes way for others."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import tempfile
from pathlib import Path

from ..memory import allocated_bytes
from . import OWN_THREAD, capabilities, private_folder
from .landlock import LandlockError, give_up
from .limits import Limits

# prctl(2)
_SET_NAME = 15
_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVS = 38
_CORE = 1
"""For RLIMIT_CORE: no core file, and nothing for a program that collects them (core(5) has 0 for the first only)."""

_NICE = 10

_libc = ctypes.CDLL(None, use_errno=True)


def settle_in(room: Path, limits: Limits, *, own: Path | None = None) -> None:
    """Takes the folders that are this process's own; it has one thread, and has run nothing of the app yet.

    Args:
        room: its own, and empty.
        own: see :func:`private_folder.take`.

    Raises:
        OSError: they cannot be had.
    """
    rights = capabilities.held()
    temporary = private_folder.take(_shared(limits), room, limits.disk, own=own) if limits.folder else room
    capabilities.keep_of(rights)
    # Were it looked for, another folder would be found when this one is full.
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)


def _shared(limits: Limits) -> list[Path]:
    """What this process would write to, and others too: the app's folder, and what its run has left for later."""
    temporary = os.environ["TMPDIR"]
    with os.scandir(temporary) as left:
        return [Path(limits.folder), *([Path(temporary)] if any(left) else [])]


def restrain(limits: Limits) -> None:
    """Limits this process, a fork, and all that it starts.

    It stays "dumpable" (prctl(2)): the gateway measures it and looks whether it hangs by ``/proc``, which a process
    that is not shows to root only.
    """
    # What the app starts stays below this process whatever it does, so that all of it can be found and ended.
    _libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if limits.memory:
        _lower(resource.RLIMIT_DATA, allocated_bytes() + limits.memory)
    hold(limits, Path(os.environ["TMPDIR"]))


def hold(limits: Limits, own: Path) -> None:
    """Limits this process, and all that it starts, in all but memory.

    Args:
        own: the folder that it may write to when all others are read-only.
    """
    _libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _lower(resource.RLIMIT_CORE, _CORE)
    if limits.cpu:
        # At the first the process gets SIGXCPU, which tells why it has ended; at the second SIGKILL.
        _lower(resource.RLIMIT_CPU, limits.cpu, limits.cpu + 1)
    if limits.processes:
        _lower(resource.RLIMIT_NPROC, limits.processes)
    if limits.files:
        _lower(resource.RLIMIT_NOFILE, limits.files)
    if limits.file_size:
        _lower(resource.RLIMIT_FSIZE, limits.file_size)
    _rather_kill_me()
    _confine(limits, own)


def yield_to_others() -> None:
    """From now on the gateway, templates and whoever has just arrived go first: what is computed here takes longer.

    Each child is a session of its own, so what counts where the system groups by sessions is the group's value
    (sched(7), "The autogroup feature").
    """
    os.nice(_NICE)
    with contextlib.suppress(OSError):  # there are no groups, or too many have asked at once
        Path("/proc/self/autogroup").write_text(str(_NICE))


def tidy() -> None:
    """Gives back what the app has used and left: garbage, and memory that the C library keeps for itself."""
    gc.collect()
    if hasattr(_libc, "malloc_trim"):  # glibc only
        _libc.malloc_trim(0)


def name_thread() -> None:
    """Tells whoever looks at this process from outside that the calling thread is not the app's."""
    _libc.prctl(_SET_NAME, OWN_THREAD.encode(), 0, 0, 0)


def flush_libc() -> None:
    """Writes what C code has printed and the C library still keeps."""
    _libc.fflush(None)


def _confine(limits: Limits, own: Path) -> None:
    """Gives up what the operator does not want it to have (``landlock``).

    Raises:
        OSError: what the operator wants cannot be had: better no kernel than one that is not confined.
    """
    writable = {own: True, Path("/dev/shm"): True, Path("/dev"): False, Path("/proc"): False}  # noqa: S108
    if limits.read_only or not limits.network:
        give_up(writing_but_below=writable if limits.read_only else None, network=limits.network)
    else:
        with contextlib.suppress(LandlockError):  # it is good to have, and nobody has asked for it
            give_up(writing_but_below=None, network=True)


def _lower(which: int, soft: int, hard: int | None = None) -> None:
    _, highest = resource.getrlimit(which)
    hard = soft if hard is None else hard
    if highest != resource.RLIM_INFINITY:
        hard = min(hard, highest)
    resource.setrlimit(which, (min(soft, hard), hard))


def _rather_kill_me() -> None:
    """When memory runs out, the system ends a visitor's kernel rather than the gateway or a template."""
    with contextlib.suppress(OSError):  # the operator may have chosen a higher score
        Path("/proc/self/oom_score_adj").write_text("500")
