"""What a child may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Of each session of an app; 0 for none."""

    memory: int = 0
    """Bytes that it may allocate beyond what the app's first run has left (``RLIMIT_DATA``)."""
    cpu: int = 0
    """Seconds of processor time."""
    processes: int = 0
    """Processes and threads of this user (``RLIMIT_NPROC``; the superuser's are not counted)."""
    files: int = 1024
    """Open files."""
    file_size: int = 0
    """Bytes of a file that it writes (``RLIMIT_FSIZE``)."""
    read_only: bool = False
    """Whether it may write into its own temporary folder only (Landlock)."""
    folder: str = ""
    """The app's folder, if what a session writes there is its own (``private_folder``); else "": sessions share it."""
    disk: int = 0
    """Bytes of the files that it writes into the app's folder and as temporary files, where the folder is its own."""
    user: str = ""
    """The user of this system that it belongs to; "": Stagedoor's."""
    network: bool = True
    """Whether it may use TCP (Landlock)."""

    @property
    def confining(self) -> bool:
        """Whether the operator wants what a kernel that is not confined would not be held to."""
        return self.read_only or not self.network

    def of_group(self) -> dict[str, str]:
        """For the control group of a kernel and all that it starts; its files are in memory, too."""
        limits = {"memory.max": str(self.memory + self.disk), "memory.oom.group": "1"} if self.memory else {}
        return limits | ({"pids.max": str(self.processes)} if self.processes else {})

    def as_json(self) -> dict[str, Any]:
        """For the message that asks for a fork."""
        return asdict(self)
