"""The user of this system that kernels belong to, where Stagedoor is started by the superuser."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class OwnerError(Exception):
    """Kernels cannot belong to this user. The text says why."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A user of this system."""

    name: str
    user: int
    group: int
    groups: tuple[int, ...]
    home: str

    @classmethod
    def find(cls, name: str) -> Owner:
        """The user of a name.

        Raises:
            OwnerError: there is none, or processes cannot be given to others.
        """
        if sys.platform == "win32" or os.geteuid() != 0:
            raise OwnerError("only root can give kernels to another user: start Stagedoor as root, or as that user")
        import pwd  # noqa: PLC0415 -- Unix only

        try:
            known = pwd.getpwnam(name)
        except KeyError:
            raise OwnerError(f"there is no user {name!r} on this machine") from None
        return cls(name, known.pw_uid, known.pw_gid, tuple(os.getgrouplist(name, known.pw_gid)), known.pw_dir)

    def starting(self) -> dict[str, Any]:
        """How :class:`subprocess.Popen` starts a process of this user."""
        return {"user": self.user, "group": self.group, "extra_groups": self.groups}

    def at_home(self, environment: dict[str, str]) -> dict[str, str]:
        """An environment as this user has it."""
        kept = {name: value for name, value in environment.items() if not name.startswith("XDG_")}
        return kept | {"HOME": self.home, "USER": self.name, "LOGNAME": self.name}

    def take(self, *paths: Path) -> None:
        """Gives files and folders to this user."""
        for path in paths:
            os.chown(path, self.user, self.group)


def owner_of(user: str) -> Owner | None:
    """Whose a kernel is to be, when it is not ours."""
    return Owner.find(user) if user else None
