"""Everything of a running Stagedoor put together: sockets, stages, sessions, kernels; and taken apart again."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import socket
import traceback
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from .apps.app import App, BrokenApp
from .door.crowd import Crowd
from .door.figures import Figures
from .door.origins import Origins
from .door.redaction import new_id
from .door.renewal import keep_renewed
from .door.sessions import Sessions
from .door.stage import Failure, Stage
from .door.tokens import KeyProblem, Tokens
from .kernels.cgroups import CgroupError, Cgroups
from .kernels.memory import available_bytes, held_bytes
from .kernels.owner import OwnerError, owner_of
from .kernels.pool import KernelPool
from .kernels.protocol import AppKernels
from .kernels.remote.apps import JupyterKernels
from .kernels.stock import StockKernels
from .kernels.template.confinement import report as report_confinement
from .kernels.template.confinement import why_shared
from .kernels.template.limits import Limits
from .kernels.template.options import ForkOptions
from .kernels.template.tiers import Forks
from .settings import Settings
from .web.address import KnownAddresses, TrustedProxies
from .web.app import create_app
from .web.assets import Assets
from .web.bodies import NoBodies
from .web.gateway import Gateway
from .web.patience import Refused, patient, steady

log = structlog.get_logger("stagedoor")

_SHUTDOWN_SECONDS = 5
_MEMORY_SHARE = 0.7


class ServerError(Exception):
    """The server cannot start. The text is one sentence with what to do."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        ServerError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio and uvloop send small frames at once (TCP_NODELAY) only on sockets that say that they are of TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise ServerError(_why_not(host, port, error)) from None
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: choose another with --port."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} on {host} may not be used ({error.strerror}): choose one above 1023 with --port."
    return f"{host} is not an address to listen at ({error.strerror}): choose another with --host."


class Report(Protocol):
    """Is told how far the apps are."""

    def prepared(self, stage: Stage) -> None:
        """The first run of an app has ended, well or not."""

    def ending(self) -> None:
        """Everything is being ended."""


class Server:
    """A gateway with its apps."""

    def __init__(self, apps: Sequence[App | BrokenApp], settings: Settings) -> None:
        self.apps = apps
        self.stages: dict[str, Stage] = {}
        self._settings = settings
        self._options: dict[str, ForkOptions] = {}
        self._shared_folders: dict[str, str | None] = {}
        self._assets = Assets()
        self._no_cgroups: str | None = None
        try:
            self._tokens = Tokens(settings.token_keys())
        except KeyProblem as problem:
            raise ServerError(str(problem)) from None
        self._decide_on_folders()
        if settings.dev:
            # Kernels inherit it: anywidget watches the files of its widgets.
            os.environ.setdefault("ANYWIDGET_HMR", "1")

    async def rehearse(self, report: Report) -> None:
        """Runs every app once, and ends everything that was started; serves nothing."""
        app_kernels, _ = self._kernels(0)
        try:
            self._gateway(app_kernels)
            await self._prepare(report)
        finally:
            await app_kernels.close()

    async def run(self, report: Report, listener: socket.socket, *others: tuple[ASGIApp, socket.socket]) -> None:
        """Serves until SIGINT, SIGTERM or SIGHUP; then ends everything that was started. A second signal cuts it short.

        Args:
            listener: a bound socket (:func:`bind`).
            others: further applications served beside it, each on a socket of its own.
        """
        stop = _stop_at_signals()
        app_kernels, idle = self._kernels(self._settings.kernels.pool)
        gateway = self._gateway(app_kernels, idle)
        own = self._settings.server
        app = create_app(gateway, root_path=own.root_path, hosts=own.hosts)
        apps = [app, *(other for other, _ in others)]
        servers = [_uvicorn(each, self._settings, gateway.figures.refused) for each in apps]
        listeners = [listener, *(socket for _, socket in others)]
        if self._settings.kernels.source == "local":
            log.info(
                "how visitors' kernels are confined",
                **report_confinement(
                    self._settings.kernels.fork_options().limits, self._shared_folders, self._no_cgroups
                ),
            )
        serving = [
            asyncio.create_task(server._serve(sockets=[listener]))
            for server, listener in zip(servers, listeners, strict=True)
        ]
        preparing = asyncio.create_task(self._keep_prepared(report))
        preparing.add_done_callback(_note_failure)
        try:
            # A server ends by itself only by an error, which is raised then.
            await asyncio.wait([asyncio.create_task(stop.wait()), *serving], return_when=asyncio.FIRST_COMPLETED)
            for failed in (task for task in serving if task.done()):
                failed.result()
        finally:
            report.ending()
            preparing.cancel()
            await asyncio.wait([preparing])
            await gateway.sessions.close()
            for server in servers:
                server.should_exit = True
            await asyncio.wait(serving, timeout=_SHUTDOWN_SECONDS)
            await app_kernels.close()

    def _kernels(self, pool: int) -> tuple[AppKernels, Callable[[], int]]:
        """Where kernels come from, and how many are ready there without anybody's having asked."""
        settings = self._settings.kernels
        if settings.source == "jupyter":
            options = self._settings.run_settings
            remote = JupyterKernels(
                settings.access(),
                pool=pool,
                kernel_name=lambda app: options(app).kernel_name,
                confining=lambda app: options(app).fork_options().limits.confining,
            )
            return remote, lambda: remote.pool.ready
        cgroups = self._divide_cgroup()
        kernels = KernelPool(StockKernels(self._limits, cgroups=cgroups), size=pool)
        return Forks(kernels, self._fork_options, cgroups=cgroups), lambda: kernels.ready

    def _divide_cgroup(self) -> Cgroups | None:
        try:
            return Cgroups.divide()
        except CgroupError as error:
            self._no_cgroups = str(error)
            return None

    def _gateway(self, app_kernels: AppKernels, idle: Callable[[], int] = lambda: 0) -> Gateway:
        settings, figures = self._settings, Figures()
        for app in self.apps:
            run = settings.run_settings(app.name)
            self.stages[app.name] = Stage(
                app,
                app_kernels,
                limit=run.run_limit,
                max_age=run.max_age or None,
                reveal=settings.dev,
                publisher=self._assets,
                terms=settings.terms(app.name),
            )
        for name in settings.apps.keys() - self.stages.keys():
            log.warning("settings have no effect: no app of this name is served", settings=f"[apps.{name}]")
        sessions = Sessions(
            settings.session_limits(),
            figures,
            seats=settings.sessions.seats,
            memory=settings.sessions.memory or _default_memory(),
            measure=lambda kernel: held_bytes(kernel.pid),
            most_waiting=settings.limits.queue,
            reveal=settings.dev,
        )
        figures.watch_admission(lambda: sessions.admission.waiting, lambda: sessions.admission.used)
        figures.watch_kernels("idle", idle)
        figures.watch_kernels("session", lambda: sessions.kernels)
        origins = Origins(frozenset(settings.server.allow_origins))
        limits = settings.web_limits()
        return Gateway(
            self.stages,
            sessions,
            origins,
            self._assets,
            figures,
            settings.dev,
            tokens=self._tokens,
            limits=limits,
            crowd=Crowd(limits.crowd),
        )

    async def _keep_prepared(self, report: Report) -> None:
        await self._prepare(report)
        # What is there now stays: without it, the collector has little to look at while visitors come.
        gc.collect()
        gc.freeze()
        await keep_renewed(list(self.stages.values()), lambda stage: _prepare_one(stage, report))

    def _fork_options(self, name: str) -> ForkOptions:
        return self._options[name]

    def _limits(self, name: str) -> Limits:
        return self._options[name].limits

    def _decide_on_folders(self) -> None:
        """Whether the sessions of an app have its folder for themselves is tried out before anybody comes.

        Raises:
            ServerError: one must, and cannot; or its user cannot be had.
        """
        for app in self.apps:
            options = self._settings.run_settings(app.name).fork_options()
            if self._settings.kernels.source == "jupyter":
                if options.folder == "private" or options.limits.user:
                    given = "user" if options.limits.user else "folder = 'private'"
                    raise ServerError(f"{given} cannot be had for {app.name}: its kernels are a Jupyter server's.")
                continue
            assert app.path is not None, "only a Jupyter server has apps without a file here"
            folder = app.path.parent
            try:
                owner_of(options.limits.user)
            except OwnerError as error:
                raise ServerError(f"The setting user is wrong for the app {app.name}: {error}.") from None
            why = why_shared(options.folder, folder, options.limits, watched=self._settings.dev)
            if why and options.folder == "private":
                raise ServerError(f"The folder of {app.name} cannot be private, as the setting folder wants it: {why}.")
            self._options[app.name] = options if why else options.with_own_folder(folder)
            self._shared_folders[app.name] = why

    async def _prepare(self, report: Report) -> None:
        """Runs every app once, as many at a time as there are processors."""
        turn = asyncio.Semaphore(os.cpu_count() or 1)

        async def prepare(stage: Stage) -> None:
            async with turn:
                await _prepare_one(stage, report)

        async with asyncio.TaskGroup() as group:
            for stage in self.stages.values():
                group.create_task(prepare(stage))


async def _prepare_one(stage: Stage, report: Report) -> None:
    before = stage.failure
    try:
        await stage.prepare()
    except Exception as error:
        reason = "Stagedoor itself has met an error in its first run."
        stage.failure = Failure(new_id(), reason, traceback.format_exception(error))
    if before is None or stage.failure is None or stage.failure.reason != before.reason:
        report.prepared(stage)


def _note_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("no app is run anew any more: Stagedoor itself has met an error", exc_info=error)


def _default_memory() -> int | None:
    available = available_bytes()
    return available and int(available * _MEMORY_SHARE)


def _stop_at_signals() -> asyncio.Event:
    """An event that the first signal to end sets. The second ends this process: its warden clears away the rest."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(signum: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + signum)
        stop.set()

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signum != signal.SIGHUP or signal.getsignal(signum) is not signal.SIG_IGN:  # as nohup has it
            loop.add_signal_handler(signum, end, signum)
    return stop


def _uvicorn(app: ASGIApp, settings: Settings, refused: Refused) -> uvicorn.Server:
    proxies, limits = settings.server.trusted_proxies, settings.limits
    believing = ProxyHeadersMiddleware(app, proxies)  # type: ignore[arg-type]  # uvicorn types scopes more narrowly
    config = uvicorn.Config(
        NoBodies(KnownAddresses(believing, TrustedProxies(proxies))),  # type: ignore[arg-type]
        http=patient(limits.request, limits.unread, refused),
        ws=steady(refused),
        ws_max_size=int(limits.frame),
        # A peer that is gone has had a ping after half of the time, and has not answered it in the other half.
        ws_ping_interval=limits.unread / 2,
        ws_ping_timeout=limits.unread / 2,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    return uvicorn.Server(config)
