"""Starts a stock kernel's process in a way of our own."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from .owner import Owner


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
