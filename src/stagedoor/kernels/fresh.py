"""A fresh kernel for every session: the app is run anew in it. Works with every kernel, everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from ..apps.app import App
from .protocol import Kernel, KernelError, KernelSource

_UNCONFINED = "a kernel that is started afresh cannot be confined as the settings want it, so visitors get none"


@dataclass(frozen=True, slots=True)
class FreshKernels:
    """Kernels of an app for sessions, each a new one (see :class:`stagedoor.kernels.protocol.SessionKernels`)."""

    source: KernelSource
    app: App
    reason: str | None = None
    """Why sessions get nothing faster, in plain words."""
    confining: bool = False
    """The operator wants sessions confined in a way that a fresh kernel cannot be: they get none."""
    worn: bool = False

    @property
    def description(self) -> str:
        """See the protocol."""
        told = "each visitor gets a kernel of their own, in which the app is run anew"
        told = _UNCONFINED if self.confining else told
        return f"{self.reason}: {told}" if self.reason else told

    async def open(self, *, below: Kernel | None = None) -> Kernel:
        """See the protocol."""
        if self.confining:
            raise KernelError(f"The app cannot be forked, and {_UNCONFINED}.")
        return await self.source.open(self.app)

    async def condemn(self, kernel: Kernel, reason: str) -> None:
        """See the protocol: there is nothing safer than a fresh kernel."""

    async def close(self) -> None:
        """See the protocol."""
