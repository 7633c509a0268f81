"""Confines itself, and becomes a kernel: so a kernel that is not forked is confined too, whatever it is written in."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from .limits import Limits

_START = "import sys; sys.path.insert(0, sys.argv[1]); from {module} import main; main()"


def launcher(limits: Limits, own: Path) -> list[str]:
    """What is written before a kernel's command.

    Args:
        own: the kernel's folder; its variable ``TMPDIR`` names an empty folder in it.
    """
    # Without the environment's packages it starts in a fraction of the time; the kernel has them.
    start = [sys.executable, "-I", "-S", "-c", _START.format(module=__name__)]
    return [*start, str(Path(__file__).parents[3]), json.dumps(limits.as_json()), str(own)]


def main() -> None:
    """Becomes the kernel whose command follows on the command line."""
    from .restrain import hold, settle_in  # noqa: PLC0415 -- Unix only

    limits, own, command = Limits(**json.loads(sys.argv[2])), Path(sys.argv[3]), sys.argv[4:]
    settle_in(Path(os.environ["TMPDIR"]), limits, own=own)
    hold(limits, own)
    os.execvp(command[0], command)  # noqa: S606 -- a kernelspec's command
