"""Ends every process of a kernel, and is the program that does so when the gateway itself is no more.

It needs nothing but the standard library, because it runs as ``python -I -S reaper.py FOLDER`` too: a small process in
its own session that waits until the pipe from its gateway closes, however the gateway ended, ``kill -9`` included.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

MARK = "STAGEDOOR_FOLDER"
"""Environment variable that marks a kernel and all that it starts: it names the kernel's own folder."""

_PROC = Path("/proc")
_PAUSE = 0.01
_MAX_PASSES = 50


class _Process(NamedTuple):
    """What /proc/PID/stat says (proc_pid_stat(5))."""

    parent: int
    group: int
    session: int


def end(folder: str, groups: Collection[int], grace: float) -> None:
    """Ends the processes marked with a folder or one inside it, those of the process groups, and their descendants.

    They are asked with SIGTERM first, and killed after ``grace`` seconds. Where there is no /proc, only the groups
    can be found.
    """
    if not _PROC.joinpath("self/stat").exists():
        _end_groups(groups, grace)
        return
    family = _family(folder, groups)
    _signal(family, signal.SIGTERM, signal.SIGCONT)
    _wait(lambda: not any(map(_find, family)), grace)
    for _ in range(_MAX_PASSES):
        # What was forked while the others were being killed is found by the next pass.
        if not (family := _family(folder, groups)):
            return
        _signal(family, signal.SIGKILL)
        _wait(lambda family=family: not any(map(_find, family)), 0.2)  # type: ignore[misc]


def main() -> None:
    """Waits for the gateway's end; its lines ``+GROUP`` and ``-GROUP`` say which process groups it has."""
    folder = sys.argv[1]
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        # A service manager's SIGTERM goes to all at once, and this process has to outlive the gateway.
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        sign, number = line[:1], line[1:].strip()
        if number.isdigit():
            (groups.add if sign == "+" else groups.discard)(int(number))
    end(folder, groups, grace=0.5)
    shutil.rmtree(folder, ignore_errors=True)


def _end_groups(groups: Collection[int], grace: float) -> None:
    def alive() -> bool:
        return any(_group_exists(group) for group in groups)

    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGTERM)
    _wait(lambda: not alive(), grace)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def _family(folder: str, groups: Collection[int]) -> set[int]:
    processes = dict(_processes())
    marked = {pid for pid in processes if _is_marked(pid, folder)}
    # A kernel leads a session of its own, so whoever is in the session of a marked process has come from a kernel.
    sessions = {processes[pid].session for pid in marked} | set(groups)
    family = marked | {
        pid for pid, process in processes.items() if process.session in sessions or process.group in groups
    }
    found = family
    while found:
        found = {pid for pid, process in processes.items() if process.parent in found} - family
        family |= found
    return family - {os.getpid()}


def _processes() -> Iterator[tuple[int, _Process]]:
    for entry in os.scandir(_PROC):
        if entry.name.isdigit() and (process := _find(int(entry.name))):
            yield int(entry.name), process


def _find(pid: int) -> _Process | None:
    """The process, unless it has ended (a zombie that nobody has waited for has ended)."""
    try:
        stat = _read(f"/proc/{pid}/stat")
    except OSError:
        return None
    # The second field, the program's name in parentheses, may hold anything.
    state, parent, group, session = stat[stat.rindex(b")") + 2 :].split()[:4]
    return None if state in (b"Z", b"X") else _Process(int(parent), int(group), int(session))


def _read(path: str) -> bytes:
    # Not pathlib, which takes its time and keeps what it has seen: this is done for every process, again and again.
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


def _is_marked(pid: int, folder: str) -> bool:
    try:
        environment = _read(f"/proc/{pid}/environ")
    except OSError:
        return False
    mark = b"\0" + f"{MARK}={folder}".encode()
    return any(mark + tail in b"\0" + environment for tail in (b"\0", b"/"))


def _signal(pids: Collection[int], *signals: signal.Signals) -> None:
    for pid in pids:
        for number in signals:
            with contextlib.suppress(OSError):
                os.kill(pid, number)


def _wait(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
