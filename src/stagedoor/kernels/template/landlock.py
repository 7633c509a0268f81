"""Landlock (landlock(7)): a process gives up, for good, what it does not need.

There is no library of it that is kept; it is three system calls.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Mapping
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

_WRITE_FILE, _TRUNCATE, _REFER = 1 << 1, 1 << 14, 1 << 13
# Remove directories and files; make devices, directories, files, sockets, pipes, links.
_CHANGE_FOLDER = sum(1 << bit for bit in range(4, 13))
_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

_libc = ctypes.CDLL(None, use_errno=True)


class LandlockError(OSError):
    """This system does not do it."""


def version() -> int:
    """Which version of Landlock the system has; 0 for none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION)))


def give_up(*, writing_but_below: Mapping[Path, bool] | None, network: bool) -> None:
    """From now on this thread, and all that it starts, sends no signals to, and traces, none but what it has started.

    Args:
        writing_but_below: folders below which files may still be written; True where files may be made and removed
            too. None: everywhere.
        network: whether it may still use TCP.

    Raises:
        LandlockError: the system has no Landlock, or an older one; nothing has changed.
    """
    has = version()
    if not has:
        raise LandlockError("this Linux has no Landlock")
    wanted = 0
    if writing_but_below is not None:
        wanted = _WRITE_FILE | _CHANGE_FOLDER | (_REFER if has >= 2 else 0) | (_TRUNCATE if has >= 3 else 0)
    if not network and has < 4:
        raise LandlockError("the Landlock of this Linux knows no networks")
    attributes = struct.pack("<QQQ", wanted, 0 if network else _TCP, _ABSTRACT_SOCKETS_AND_SIGNALS if has >= 6 else 0)
    size = 24 if has >= 6 else 16 if has >= 4 else 8
    if not any(attributes[:size]):
        raise LandlockError("the Landlock of this Linux knows no signals")
    rules = _called(_CREATE_RULESET, attributes, size, 0)
    try:
        for folder, all_of_it in (writing_but_below or {}).items():
            allowed = wanted if all_of_it else wanted & (_WRITE_FILE | _TRUNCATE)
            _allow(rules, folder, allowed)
        _called(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, folder: Path, access: int) -> None:
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        _called(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("<Qi", access, descriptor), 0)
    finally:
        os.close(descriptor)


def _called(number: int, *arguments: int | bytes) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise LandlockError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
