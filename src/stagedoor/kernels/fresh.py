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
    description: str = "each visitor gets a kernel of their own, in which the app is run anew"

    async def open(self, *, below: Kernel | None = None) -> Kernel:
        """See the protocol."""
        return await self.source.open(self.app)

    async def condemn(self, kernel: Kernel, reason: str) -> None:
        """See the protocol: there is nothing safer than a fresh kernel."""

    async def close(self) -> None:
        """See the protocol."""


class FreshAppKernels:
    """Kernels for apps out of one source (see :class:`stagedoor.kernels.protocol.AppKernels`)."""

    def __init__(self, source: KernelSource) -> None:
        """Takes the source over: it is closed with this."""
        self._source = source

    async def rehearse(self, app: App) -> Kernel:
        """See the protocol."""
        return await self._source.open(app)

    async def adopt(self, app: App, kernel: Kernel, *, complete: bool) -> FreshKernels:
        """See the protocol."""
        await kernel.close()
        return FreshKernels(self._source, app)

    async def close(self) -> None:
        """See the protocol."""
        await self._source.close()
