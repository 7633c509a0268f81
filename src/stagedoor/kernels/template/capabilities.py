"""What the superuser, or the owner of a user namespace, may do (capabilities(7)): a session gives up most of it.

There is no library of it that is kept; it is two system calls.
"""

from __future__ import annotations

import ctypes
import os
import struct

_VERSION_3 = 0x20080522
_CHOWN, _DAC_OVERRIDE, _FOWNER, _FSETID, _KILL, _SETGID, _SETUID, _NET_BIND_SERVICE = 0, 1, 3, 4, 5, 6, 7, 10
_KEPT = sum(
    1 << number for number in (_CHOWN, _DAC_OVERRIDE, _FOWNER, _FSETID, _KILL, _SETGID, _SETUID, _NET_BIND_SERVICE)
)
"""What has to do with files, processes and ports; not with mounts, devices, the system or other processes' memory."""

_SETS = struct.Struct("<6I")
"""Effective, permitted and inheritable ones: of the first 32, then of the others."""

_libc = ctypes.CDLL(None, use_errno=True)


def held() -> int:
    """What this thread may do now."""
    sets = ctypes.create_string_buffer(_SETS.size)
    if _libc.capget(_header(), sets):
        raise OSError(ctypes.get_errno(), f"capabilities cannot be read ({os.strerror(ctypes.get_errno())})")
    _, low, _, _, high, _ = _SETS.unpack(sets.raw)
    return int(low | high << 32)


def keep_of(before: int) -> None:
    """Gives up, for good, all that is not needed or was not held before.

    With no-new-privileges, no program that is started gets it back (execve(2)).

    Raises:
        OSError: the system does not do it.
    """
    wanted = held() & before & _KEPT
    if _libc.capset(_header(), _SETS.pack(wanted, wanted, 0, 0, 0, 0)):
        raise OSError(ctypes.get_errno(), f"capabilities cannot be given up ({os.strerror(ctypes.get_errno())})")


def _header() -> ctypes.Array[ctypes.c_char]:
    # The system writes into it, so it is no plain bytes.
    return ctypes.create_string_buffer(struct.pack("<Ii", _VERSION_3, 0))
