"""A fresh kernel for every session: the app is run anew in it. Works with every kernel, everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from ..apps.app import App
from .protocol import Kernel, KernelSource


@dataclass(frozen=True, slots=True)
class FreshKernels:
    """Kernels of an app for sessions, each a new one (see :class:`stagedoor.kernels.protocol.SessionKernels`)."""

    source: KernelSource
    app: App
    reason: str | None = None
    """Why sessions get nothing faster, in plain words."""
    worn: bool = False

    @property
    def description(self) -> str:
        """See the protocol."""
        told = "each visitor gets a kernel of their own, in which the app is run anew"
        return f"{self.reason}: {told}" if self.reason else told

    async def open(self, *, below: Kernel | None = None) -> Kernel:
        """See the protocol."""
        return await self.source.open(self.app)

    async def condemn(self, kernel: Kernel, reason: str) -> None:
        """See the protocol: there is nothing safer than a fresh kernel."""

    async def close(self) -> None:
        """See the protocol."""
