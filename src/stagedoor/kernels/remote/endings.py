"""Kernels on a Jupyter server are ended, at once or when the server can be reached again."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from .ledger import Ledger
from .problems import ServerProblem
from .server import JupyterServer

log = structlog.get_logger("stagedoor.kernels")

_PAUSE = 5.0
_LAST_SECONDS = 3.0
_LAST_PAUSE = 0.5
_AT_ONCE = 4


class Endings:
    """Sees to it that no kernel of ours is left. Made in a running event loop."""

    def __init__(self, server: JupyterServer, ledger: Ledger) -> None:
        self._server = server
        self._ledger = ledger
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._left = ledger.inherit()
        self._trying: dict[str, asyncio.Task[None]] = {}
        if self._left:
            log.info(
                "kernels that a former Stagedoor has left on the Jupyter server are ended", kernels=len(self._left)
            )
        self._retrying = asyncio.create_task(self._retry())

    def started(self, kernel_id: str) -> None:
        """There is a kernel that has to be ended some day."""
        self._ledger.add(kernel_id)

    async def end(self, kernel_id: str) -> None:
        """Ends a kernel; where that cannot be done now, later."""
        self._left.add(kernel_id)
        if kernel_id not in self._trying:
            self._trying[kernel_id] = asyncio.create_task(self._try(kernel_id))
        # Whoever waits may be cancelled; the end may not.
        await asyncio.shield(self._trying[kernel_id])

    async def close(self) -> None:
        """Does for a little longer what could not be done yet."""
        self._retrying.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                while self._left:
                    await asyncio.gather(*(self.end(kernel_id) for kernel_id in list(self._left)))
                    await asyncio.sleep(_LAST_PAUSE if self._left else 0)
        if self._left:
            log.warning("kernels are left on the Jupyter server: the next start ends them", kernels=sorted(self._left))
        self._ledger.close()

    async def _try(self, kernel_id: str) -> None:
        try:
            async with self._turn:
                await self._server.end_kernel(kernel_id)
        except ServerProblem as problem:
            log.debug("a kernel cannot be ended now", kernel=kernel_id, reason=str(problem))
        else:
            self._left.discard(kernel_id)
            self._ledger.remove(kernel_id)
        finally:
            del self._trying[kernel_id]

    async def _retry(self) -> None:
        while True:
            for kernel_id in list(self._left):
                await self.end(kernel_id)
                if kernel_id in self._left:
                    break
            await asyncio.sleep(_PAUSE)
