"""Everything of a running Stagedoor put together: sockets, stages, sessions, kernels; and taken apart again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
import uvicorn
from starlette.types import ASGIApp

from .apps.app import App, BrokenApp
from .door.figures import Figures
from .door.origins import Origins
from .door.sessions import Sessions
from .door.stage import Stage
from .kernels.fresh import FreshKernels
from .kernels.pool import KernelPool
from .kernels.protocol import AppKernels
from .kernels.stock import StockKernels
from .settings import Settings
from .web.app import create_app
from .web.assets import Assets
from .web.gateway import Gateway

log = structlog.get_logger("stagedoor")

_MAX_FRAME = 16 * 2**20
_SHUTDOWN_SECONDS = 5


class ServerError(Exception):
    """The server cannot start. The text is one sentence with what to do."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        ServerError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise ServerError(
            f"Port {port} on {host} cannot be used ({error.strerror}): choose another with --port."
        ) from None
    return listener


class Server:
    """A gateway with its apps.

    Args:
        on_ready: told of every app whose first run has ended, well or not.
    """

    def __init__(
        self, apps: Sequence[App | BrokenApp], settings: Settings, on_ready: Callable[[Stage], None] | None = None
    ) -> None:
        self.apps = apps
        self.stages: dict[str, Stage] = {}
        self._settings = settings
        self._on_ready = on_ready or (lambda stage: None)
        self._assets = Assets()

    async def run(self, listener: socket.socket, *others: tuple[ASGIApp, socket.socket]) -> None:
        """Serves until SIGINT or SIGTERM; then ends everything that was started.

        Args:
            listener: a bound socket (:func:`bind`).
            others: further applications served beside it, each on a socket of its own.
        """
        kernels = KernelPool(StockKernels(), size=self._settings.kernels.pool)
        app_kernels = FreshKernels(kernels)
        gateway = self._gateway(app_kernels, kernels)
        app = create_app(gateway, root_path=self._settings.server.root_path)
        servers = [_uvicorn(app, self._settings)] + [_uvicorn(other, self._settings) for other, _ in others]
        listeners = [listener, *(socket for _, socket in others)]
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, stop.set)
        serving = [
            asyncio.create_task(server._serve(sockets=[listener]))
            for server, listener in zip(servers, listeners, strict=True)
        ]
        preparing = asyncio.create_task(self._prepare())
        kernels.keep_ready(app for app in self.apps if isinstance(app, App))
        try:
            await stop.wait()
        finally:
            preparing.cancel()
            with suppress(asyncio.CancelledError):
                await preparing
            await gateway.sessions.close()
            for server in servers:
                server.should_exit = True
            await asyncio.wait(serving, timeout=_SHUTDOWN_SECONDS)
            await app_kernels.close()

    def _gateway(self, app_kernels: AppKernels, kernels: KernelPool) -> Gateway:
        settings, figures = self._settings, Figures()
        for app in self.apps:
            self.stages[app.name] = Stage(
                app,
                app_kernels,
                limit=settings.kernels.run_limit,
                reveal=settings.dev,
                publish=self._assets.publish,
            )
        sessions = Sessions(settings.session_limits(), figures, seats=settings.sessions.seats, reveal=settings.dev)
        figures.watch_kernels("idle", lambda: kernels.ready)
        figures.watch_kernels("session", lambda: sessions.kernels)
        origins = Origins(frozenset(settings.server.allow_origins))
        return Gateway(self.stages, sessions, origins, self._assets, figures, settings.dev)

    async def _prepare(self) -> None:
        """Runs every app once, as many at a time as there are processors."""
        turn = asyncio.Semaphore(os.cpu_count() or 1)

        async def prepare(stage: Stage) -> None:
            async with turn:
                await stage.prepare()
            self._on_ready(stage)

        async with asyncio.TaskGroup() as group:
            for stage in self.stages.values():
                group.create_task(prepare(stage))


def _uvicorn(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=_MAX_FRAME,
        ws_per_message_deflate=False,
        forwarded_allow_ips=settings.server.trusted_proxies,
        server_header=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    return uvicorn.Server(config)
