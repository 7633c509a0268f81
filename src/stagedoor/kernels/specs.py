"""Which program a kernel is, and in which environment it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager, NoSuchKernel

from . import reaper
from .owner import Owner
from .protocol import KernelError

_NOT_FOR_KERNELS = frozenset({"MPLBACKEND", "PYTHONSTARTUP"})
"""What would change what an app shows: the one is IPython's to set, the other is run by ipykernel."""

_LOCAL = "local-provisioner"

_DISPLAYS = {"BOKEH_RESOURCES": "inline", "PANEL_INLINE": "true", "PLOTLY_RENDERER": "plotly_mimetype"}
"""What keeps libraries from having a page load something from elsewhere."""


def displays() -> dict[str, str]:
    """Variables of the environment for kernels that are not started here."""
    return dict(_DISPLAYS)


class Kernelspecs(KernelSpecManager):
    """The kernels installed on this machine; ``python3`` is always this very environment."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """See the base class. A kernelspec ``python3`` of the user may well belong to another environment."""
        if kernel_name == NATIVE_KERNEL_NAME:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")
        return super().get_kernel_spec(kernel_name)  # type: ignore[no-any-return, no-untyped-call, unused-ignore]

    def find(self, kernel_name: str) -> KernelSpec:
        """The kernelspec of a name.

        Raises:
            KernelError: there is none, or it is broken.
        """
        try:
            return self.get_kernel_spec(kernel_name)
        except NoSuchKernel:
            raise KernelError(
                f"There is no kernel {kernel_name!r} on this machine: "
                "install it, or choose one that `jupyter kernelspec list` shows."
            ) from None
        except Exception as error:  # whatever reading a foreign JSON file may raise
            raise KernelError(f"The kernelspec of the kernel {kernel_name!r} is broken: {error}.") from error


def is_local(spec: KernelSpec) -> bool:
    """Whether the kernel's command is run on this machine, and not by something that starts it elsewhere."""
    provisioner = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name", _LOCAL)
    return bool(provisioner == _LOCAL)


def extra_arguments(spec: KernelSpec) -> list[str]:
    """What is added to the kernelspec's command."""
    if any("ipykernel" in argument for argument in spec.argv):
        return ["--HistoryManager.enabled=False"]
    return []


def environment(folder: Path, owner: Owner | None = None) -> dict[str, str]:
    """The environment of a kernel with a folder of its own: it finds nothing of the operator's settings of IPython.

    The folder, with what is in it, becomes the owner's.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in _NOT_FOR_KERNELS and not name.startswith("STAGEDOOR_")
    }
    temporary = folder / "tmp"
    temporary.mkdir()
    if owner is not None:
        owner.take(folder, *folder.iterdir())
        inherited = owner.at_home(inherited)
    return inherited | {
        reaper.MARK: str(folder),
        "IPYTHONDIR": str(temporary / "ipython"),  # what is kept there, as `%store` does, is temporary
        **_DISPLAYS,
        "TMPDIR": str(temporary),
    }
