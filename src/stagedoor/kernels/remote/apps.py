"""Apps in kernels of a Jupyter server: run once for the recording, and anew for each visitor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...apps.app import App
from ...apps.notebook import notebook_app
from ...jupyter.transcript import Transcript
from ..asking import OnMessage
from ..fresh import FreshKernels
from ..pool import KernelPool
from ..protocol import Kernel, SessionKernels
from .access import Access
from .kernel import RemoteKernel
from .ledger import Ledger
from .server import JupyterServer
from .source import RemoteKernels, RemoteRecipe

_WHERE = "its kernels are a Jupyter server's"


class JupyterKernels:
    """See :class:`stagedoor.kernels.protocol.AppKernels`. Made in a running event loop."""

    def __init__(
        self,
        access: Access,
        *,
        pool: int,
        kernel_name: Callable[[str], str] = lambda app: "",
        confining: Callable[[str], bool] = lambda app: False,
    ) -> None:
        """
        Args:
            pool: how many idle kernels are kept ready of each kind that is wanted.
            kernel_name: the kernel that is set for the app of this name; "" for the one that the app names.
            confining: whether visitors of the app of this name are to be confined in ways that only forks can be.
        """
        self._server = JupyterServer(access)
        self._kernel_name = kernel_name
        self._confining = confining
        source = RemoteKernels(self._server, Ledger(access.url))
        self.pool: KernelPool[RemoteRecipe, RemoteKernel] = KernelPool(source, size=pool)

    async def read(self, app: App) -> App:
        """See the protocol."""
        if app.notebook:
            app = notebook_app(await self._server.notebook(app.notebook), app.notebook, name=app.name)
        return replace(app, kernel_name=self._kernel_name(app.name) or app.kernel_name)

    async def rehearse(self, app: App) -> Kernel:
        """See the protocol."""
        return await self.pool.open(app)

    async def settle(self, app: App, kernel: Kernel, on_message: OnMessage) -> None:
        """See the protocol: no session starts from this very kernel."""

    async def adopt(self, app: App, kernel: Kernel, shown: Transcript, *, complete: bool) -> SessionKernels:
        """See the protocol."""
        await kernel.close()
        self.pool.keep_ready(app)
        return FreshKernels(self.pool, app, _WHERE, self._confining(app.name))

    async def close(self) -> None:
        """See the protocol."""
        await self.pool.close()
