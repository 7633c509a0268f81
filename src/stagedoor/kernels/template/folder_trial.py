"""Tries out whether sessions can have an app's folder for themselves (``private_folder``).

``python -m stagedoor.kernels.template.folder_trial FOLDER ROOM SIZE`` does so in a process of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ..owner import owner_of
from .private_folder import take

_LIMIT = 20.0


def why_not(folder: Path, size: int, user: str = "") -> str | None:
    """Tries it out in a process of its own; says why it cannot be had, in plain words.

    Args:
        user: whose the sessions are; default: ours.

    Raises:
        OwnerError: they cannot be.
    """
    if sys.platform != "linux":
        return f"{sys.platform} has nothing of this"
    folder, owner = folder.resolve(), owner_of(user)
    with tempfile.TemporaryDirectory(prefix="stagedoor-trial-") as temporary:
        room = Path(temporary).resolve() / "room"
        room.mkdir()
        if folder in room.parents:
            return f"{folder} has the temporary files in it: set TMPDIR to a folder elsewhere"
        if inner := _mounted_below(folder):
            return f"another file system is mounted in {folder}, at {inner.relative_to(folder)}"
        trial = [sys.executable, "-P", "-m", __spec__.name, str(folder), str(room), str(size)]
        if owner is not None:
            owner.take(room.parent, room)
        starting = owner.starting() if owner else {}
        try:
            done = subprocess.run(trial, capture_output=True, text=True, timeout=_LIMIT, check=False, **starting)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"it could not be tried out ({error})"
    return None if done.returncode == 0 else (done.stdout or done.stderr).strip().rpartition("\n")[2] or "it failed"


def _mounted_below(folder: Path) -> Path | None:
    """An overlay shows one file system; others that are mounted in it would be missing."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        # A space in a path is "\040" there, and so on (proc(5)).
        point = Path(re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), line.split()[4]))
        if folder in point.parents:
            return point
    return None


def main() -> None:
    """Tries it out; prints why it failed."""
    try:
        temporary = take([Path(sys.argv[1])], Path(sys.argv[2]), int(sys.argv[3]))
        Path(tempfile.mkdtemp(dir=temporary)).rmdir()
    except OSError as error:
        sys.exit(print(error.strerror) or 1)


if __name__ == "__main__":
    main()
