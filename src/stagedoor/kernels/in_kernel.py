"""Runs inside a Python kernel before the app: sent there as text, so it must not import anything of Stagedoor.

The kernel's Python may be older than the gateway's (3.8 and later), and need not have ipykernel in it.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import pdb
import sys
import types
from typing import Any


def prepare(version: str, folder: str, file: str, audience: str) -> None:
    """Makes the kernel the app's: its folder is the working folder and importable, its comms have predictable ids.

    Args:
        version: of the app; two kernels of one version give the n-th comm the same id.
        folder: the app's; "" for the one that the kernel is in.
        file: the app's Python file, or "" for an app that is a notebook.
        audience: the text of the module that tells apps who their visitor is.
    """
    os.chdir(folder or os.curdir)
    folder = folder or os.getcwd()  # noqa: PTH109 -- as in the rest
    sys.path[:] = [folder] + [entry for entry in sys.path if entry != folder]
    sys.argv[:] = [file]
    _number_comms(version)
    _introduce(audience)
    _no_debuggers()
    if file:
        _set_file(file)


def _introduce(audience: str) -> None:
    """Apps may ``import stagedoor`` in an environment that does not have it, too."""
    try:
        import stagedoor  # noqa: PLC0415 -- where it is
    except ImportError:
        stagedoor = types.ModuleType("stagedoor")
        sys.modules["stagedoor"] = stagedoor
    if not hasattr(stagedoor, "visitor"):
        exec(audience, stagedoor.__dict__)  # noqa: S102 -- Stagedoor's own text


def _number_comms(version: str) -> None:
    try:
        import comm  # noqa: PLC0415 -- a kernel without comms has nothing to number
    except ImportError:
        return
    create: Any = comm.create_comm
    create = getattr(create, "stagedoor_original", create)
    numbers = itertools.count()

    def create_comm(*args: Any, **options: Any) -> Any:
        if not options.get("comm_id"):
            digest = hashlib.sha256(f"{version}:{next(numbers)}".encode())
            options["comm_id"] = digest.hexdigest()[:32]
        return create(*args, **options)

    create_comm.stagedoor_original = create  # type: ignore[attr-defined]
    comm.create_comm = create_comm


def _no_debuggers() -> None:
    """A debugger asks for commands by ``input()``, and a visitor would answer: it would run what the visitor types."""
    debuggers: list[Any] = [pdb.Pdb]
    debuggers += [module.Pdb for name, module in list(sys.modules.items()) if name == "IPython.core.debugger"]

    def interaction(*_: Any, **__: Any) -> None:
        sys.stderr.write("Stagedoor runs no debugger where a visitor would use it.\n")

    for debugger in debuggers:
        # Where none asks, set_trace() would let the program run on under a trace for ever.
        debugger.interaction = debugger.cmdloop = debugger.set_trace = interaction


def _set_file(file: str) -> None:
    """``__file__``, as ``%run`` sets it: scripts find their data by it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.user_ns["__file__"] = file
        shell.user_ns_hidden["__file__"] = file
