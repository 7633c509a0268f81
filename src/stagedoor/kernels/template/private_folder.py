"""A session's own folders: it reads what is in them, and what it writes there nobody else sees.

On Linux, by overlays (Documentation/filesystems/overlayfs.rst) in a mount namespace of the session's own
(mount_namespaces(7)); without the superuser's rights, by way of a user namespace (user_namespaces(7)). It ends with the
session's last process.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Sequence
from pathlib import Path

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 4096, 16384, 1 << 18
_WRITTEN, _WORK, _TEMPORARY, _SHARED = "written", "work", "tmp", "shm"
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 -- glibc has it so
_BYTES_OF_A_FILE = 4096
"""A file needs memory of the system even when it is empty: so many bytes of the limit, at the least."""
_FORBIDDEN = "this system does not let us have a mount namespace of our own"
_TOO_MANY = "there may be no more namespaces (/proc/sys/user/max_user_namespaces)"

_libc = ctypes.CDLL(None, use_errno=True)


def take(folders: Sequence[Path], room: Path, size: int, *, own: Path | None = None) -> Path:
    """Makes folders this process's own, and all that it starts; it must have one thread.

    Its shared memory (shm_overview(7)) becomes its own too. Rights that it gains by this are its to give up
    (``capabilities``).

    Args:
        folders: those that others use too; none lies in another.
        room: an empty folder of its own, where what it writes is kept.
        size: how many bytes may be written, in memory; 0 for no limit, on disk.
        own: what is left of the folder that it is in, with all others' beside it; default: the room.

    Returns:
        the folder for temporary files, to which the limit applies too.

    Raises:
        OSError: it cannot be had here; the text says why.
    """
    user_namespace = _new_namespace()
    if own or not size:
        _hide_others(own or room)
    if size:
        files = size // _BYTES_OF_A_FILE + 64
        _mount("tmpfs", str(room), "tmpfs", _NO_SUID | _NO_DEVICES, f"size={size},nr_inodes={files},mode=700")
    here = Path.cwd()
    os.chdir(room)  # an overlay's options have no way to write commas and colons
    for name in (_TEMPORARY, _SHARED):
        os.mkdir(name, 0o700)  # noqa: PTH102 -- relative to the room
    for number, folder in enumerate(folders):
        _lay_over(folder, f"{_WRITTEN}{number}", f"{_WORK}{number}", ",userxattr" if user_namespace else "")
    _own_shared_memory(in_room=bool(size))
    os.chdir(here)
    return room / _TEMPORARY


def _new_namespace() -> bool:
    """Whether it took a user namespace."""
    user, group = os.geteuid(), os.getegid()
    as_root = _libc.unshare(_NEW_MOUNTS) == 0
    if not as_root:
        if _libc.unshare(_NEW_MOUNTS | _NEW_USER):
            raise _problem(_TOO_MANY if ctypes.get_errno() == errno.ENOSPC else _FORBIDDEN)
        # It stays who it was; the files of others belong to "nobody" for it.
        _write("setgroups", "deny")
        _write("uid_map", f"{user} {user} 1")
        _write("gid_map", f"{group} {group} 1")
    if _libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None):
        raise _problem(_FORBIDDEN)
    return not as_root


def _write(name: str, text: str) -> None:
    try:
        Path("/proc/self", name).write_text(text)
    except OSError as error:
        raise OSError(error.errno, f"{_FORBIDDEN} ({error.strerror})") from None


def _hide_others(own: Path) -> None:
    kept = os.open(own, os.O_PATH | os.O_DIRECTORY)
    try:
        _mount("tmpfs", str(own.parent), "tmpfs", _NO_SUID | _NO_DEVICES, "size=64k,nr_inodes=8,mode=700")
        own.mkdir()
        _mount(f"/proc/self/fd/{kept}", str(own), "", _BIND | _RECURSIVE, "")
    finally:
        os.close(kept)


def _lay_over(folder: Path, written: str, work: str, option: str) -> None:
    os.mkdir(work, 0o700)  # noqa: PTH102 -- relative to the room, as all that follows
    os.mkdir(written, 0o700)  # noqa: PTH102
    os.chmod(written, folder.stat().st_mode & 0o777 | 0o700)  # noqa: PTH101 -- the folder itself appears so
    below = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        layers = f"lowerdir=/proc/self/fd/{below},upperdir={written},workdir={work}"
        _mount("overlay", str(folder), "overlay", 0, layers + option)
    finally:
        os.close(below)
    os.chmod(f"{work}/work", 0o700)  # noqa: PTH101 -- otherwise only the superuser could remove it


def _own_shared_memory(*, in_room: bool) -> None:
    if not os.path.isdir(_SHARED_MEMORY):  # noqa: PTH112
        return
    if in_room:
        _mount(_SHARED, _SHARED_MEMORY, "", _BIND, "")
    else:
        _mount("tmpfs", _SHARED_MEMORY, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=700")


def _mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    if _libc.mount(source.encode(), os.fsencode(target), kind.encode(), flags, options.encode()):
        raise _problem(f"{target} gets no {kind or 'mount'}")


def _problem(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what} ({os.strerror(number)})")
