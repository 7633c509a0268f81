"""Starts a stock kernel's process in a way of our own."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from .memory import allocated_bytes
from .owner import Owner

_LIMIT = "import resource; resource.prlimit({pid}, resource.RLIMIT_DATA, ({limit}, {limit}))"


class Manager(AsyncKernelManager):
    """See the base class."""

    launcher: Sequence[str] = ()
    """What is written before the kernel's command."""
    owner: Owner | None = None
    """Whose the kernel is, when it is not ours."""

    def write_connection_file(self, **options: Any) -> None:
        """See the base class."""
        super().write_connection_file(**options)
        if self.owner is not None:
            self.owner.take(Path(self.connection_file))

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """See the base class."""
        command = super().format_kernel_cmd(extra_arguments)
        assert self.kernel_spec is not None
        if self.launcher and not shutil.which(command[0], path=self.kernel_spec.env.get("PATH")):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
        return [*self.launcher, *command]

    def limit_memory(self, pid: int, memory: int) -> None:
        """What the kernel, which has just started, may allocate from now on."""
        import resource  # noqa: PLC0415 -- Unix only

        limit, highest = allocated_bytes(pid) + memory, resource.getrlimit(resource.RLIMIT_DATA)[1]
        limit = limit if highest == resource.RLIM_INFINITY else min(limit, highest)
        if self.owner is None:
            resource.prlimit(pid, resource.RLIMIT_DATA, (limit, limit))
        else:
            # Where the superuser may not do everything, only the owner may do this.
            command = [sys.executable, "-I", "-S", "-c", _LIMIT.format(pid=pid, limit=limit)]
            subprocess.run(command, check=True, **self.owner.starting())  # noqa: S603 -- our own program
