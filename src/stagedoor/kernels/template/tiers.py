"""Which kernels the sessions of an app get: forked after its run, forked after its imports, or fresh ones.

The first way that suits the app is taken. Whether one does is found out by looking at the template, by the canary, and
by the first interactions of visitors; it is remembered, and told to the author in plain words.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable

import structlog
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME

from ...apps.app import App
from ...jupyter.transcript import Transcript
from ..asking import OnMessage, run_silently
from ..cgroups import Cgroups
from ..fresh import FreshKernels
from ..prelude import prelude
from ..protocol import Kernel, KernelError, KernelSource, SessionKernels
from ..warden import Warden
from .canary import LIMIT, SLOW, sing
from .forked import ForkedKernel, Rehearsal
from .options import ForkOptions
from .remembered import Remembered
from .template import Template
from .watched import Orphans

log = structlog.get_logger("stagedoor.kernels")


def unavailable() -> str | None:
    """Why kernels cannot be forked on this machine, where every session gets a fresh one then; None when they can."""
    if sys.platform != "linux":
        return f"forks are not safe enough on {sys.platform}"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as error:
        return f"this Linux does not let processes be watched ({error.strerror})"
    return None


class TieredKernels:
    """See :class:`stagedoor.kernels.protocol.SessionKernels`."""

    def __init__(
        self,
        app: App,
        forks: Forks,
        template: Template | None,
        reason: str | None,
        modules: list[str],
        run: float,
    ) -> None:
        self._app = app
        self._forks = forks
        self._template = template
        self._reason = reason
        self._modules = modules
        self._run = run
        self._falling: asyncio.Task[None] | None = None
        if template is None:
            forks.fallback.keep_ready(app)

    @property
    def description(self) -> str:
        """See the protocol."""
        if self._template is None:
            return self._fresh.description
        if self._template.rehearsed:
            return "forked after its run for each visitor"
        return f"{self._reason}: forked after the imports instead"

    @property
    def worn(self) -> bool:
        """See the protocol."""
        return self._template is not None and not self._template.alive

    async def open(self, *, below: Kernel | None = None) -> Kernel:
        """See the protocol."""
        template = self._template
        if template is not None and template.alive and below is None:
            try:
                return await template.fork(self._forks.options(self._app.name).limits)
            except KernelError as error:
                log.warning(
                    "no fork could be had; the session gets a fresh kernel", app=self._app.name, reason=str(error)
                )
        return await self._fresh.open()

    async def condemn(self, kernel: Kernel, reason: str) -> None:
        """See the protocol."""
        template = self._template
        if template is None or not (isinstance(kernel, ForkedKernel) and kernel.template is template):
            return
        self._template = None
        self._forks.fallback.keep_ready(self._app)
        self._reason = f"a fork failed in its first use ({reason.rstrip('.')})"
        self._forks.remembered.remember(self._app, self._reason, rehearsed=template.rehearsed)
        await template.close()
        if template.rehearsed:
            self._falling = asyncio.create_task(self._fall())
        log.warning("sessions of this app start otherwise from now on", app=self._app.name, reason=self._reason)

    async def close(self) -> None:
        """See the protocol."""
        if self._falling is not None:
            self._falling.cancel()
        if self._template is not None:
            await self._template.close()

    @property
    def _fresh(self) -> FreshKernels:
        return self._forks.fresh(self._app, self._reason)

    async def _fall(self) -> None:
        self._template = await self._forks.after_imports(self._app, self._modules, self._run)


class Forks:
    """See :class:`stagedoor.kernels.protocol.AppKernels`."""

    def __init__(
        self,
        fallback: KernelSource,
        options: Callable[[str], ForkOptions],
        remembered: Remembered | None = None,
        cgroups: Cgroups | None = None,
    ) -> None:
        """Made in a running event loop.

        Args:
            fallback: where kernels come from that are not forked; it is closed with this.
            options: what is set for the app of this name.
            cgroups: where the groups of forked kernels are, if there are any.
        """
        self.fallback = fallback
        self.options = options
        self.remembered = remembered or Remembered()
        self._impossible = unavailable()
        self._orphans = None if self._impossible else Orphans()
        self._warden = Warden(cgroups)
        self._templates: set[Template] = set()

    async def read(self, app: App) -> App:
        """See the protocol."""
        return app

    async def rehearse(self, app: App) -> Kernel:
        """See the protocol."""
        if self._why_never(app) is None:
            try:
                return (await self._new_template(app)).kernel
            except KernelError as error:
                log.error("no template could be had; the app is not forked", app=app.name, reason=str(error))
        return await self.fallback.open(app)

    async def settle(self, app: App, kernel: Kernel, on_message: OnMessage) -> None:
        """See the protocol."""
        options = self.options(app.name)
        if isinstance(kernel, Rehearsal) and options.snapshot == "auto" and options.settle:
            with contextlib.suppress(KernelError):  # whoever adopts it finds out what it is good for
                await kernel.template.settle(options.settle, on_message)

    async def adopt(self, app: App, kernel: Kernel, shown: Transcript, *, complete: bool) -> SessionKernels:
        """See the protocol."""
        if not isinstance(kernel, Rehearsal):
            await kernel.close()
            self.fallback.keep_ready(app)
            return self.fresh(app, self._why_never(app) or "no template could be had")
        template = kernel.template
        run, modules = template.age, _imports(app)
        try:
            if complete:
                modules = await template.modules(app.folder)
            reason = await self._objection(app, template, shown, run if complete else None)
        except KernelError as error:
            reason = str(error)
        if reason is None:
            return TieredKernels(app, self, template, None, modules, run)
        await template.close()
        return TieredKernels(app, self, await self.after_imports(app, modules, run), reason, modules, run)

    async def after_imports(self, app: App, modules: list[str], run: float) -> Template | None:
        """A template that has imported what the app does, and run nothing of it; None when it is of no use.

        Args:
            run: seconds that the app's run takes.
        """
        template: Template | None = None
        reason = self.remembered.reason(app, rehearsed=False)
        if reason is not None:
            return None
        try:
            template = await self._new_template(app)
            await template.load(modules)
            await template.freeze()
            reason = await self._found(app, template, Transcript([]), run)
        except KernelError as error:
            reason = str(error)
        except BaseException:
            if template is not None:
                await template.close()
            raise
        if reason is None:
            return template
        log.info("the app cannot be forked after its imports", app=app.name, reason=reason)
        if template is not None:
            await template.close()
        return None

    def fresh(self, app: App, reason: str | None) -> FreshKernels:
        """Kernels that are not forked, for this reason; none, where they would not be confined as they have to be."""
        confining = self.options(app.name).limits.confining and not self.fallback.confines(app)
        return FreshKernels(self.fallback, app, reason, confining)

    async def close(self) -> None:
        """See the protocol."""
        await asyncio.gather(*(template.close() for template in self._templates))
        if self._orphans is not None:
            await self._orphans.close()
        await self._warden.close()
        await self.fallback.close()

    def _why_never(self, app: App) -> str | None:
        """Why kernels of this app are never forked; None when they may be."""
        if self.options(app.name).snapshot == "never":
            return "as the settings say"
        if app.kernel_name != NATIVE_KERNEL_NAME:
            return f"it runs in the kernel {app.kernel_name!r}"
        return self._impossible

    async def _new_template(self, app: App) -> Template:
        self._templates = {template for template in self._templates if template.alive}
        template = await Template.start(self._warden, self.options(app.name).limits.user)
        self._templates.add(template)
        try:
            await run_silently(template.kernel, prelude(app))
        except BaseException:
            await template.close()
            raise
        return template

    async def _objection(self, app: App, template: Template, shown: Transcript, run: float | None) -> str | None:
        """Why the app cannot be forked after its run, which took so many seconds; None when it can be."""
        if self.options(app.name).snapshot == "imports":
            return "as the settings say"
        if run is None:
            return "it waits for its visitor's answer"
        if known := self.remembered.reason(app, rehearsed=True):
            return known
        await template.freeze()
        template.rehearsed = True
        return await self._found(app, template, shown, run)

    async def _found(self, app: App, template: Template, shown: Transcript, run: float) -> str | None:
        """What speaks against forking a template that has been frozen; what only shows in a fork is remembered."""
        if template.reasons:
            return template.reasons[0]
        reason = await self._try(app, template, shown, limit=LIMIT + run)
        if reason is not None and reason != SLOW:
            self.remembered.remember(app, reason, rehearsed=template.rehearsed)
        return reason

    async def _try(self, app: App, template: Template, shown: Transcript, limit: float) -> str | None:
        options = self.options(app.name)
        kernel = await template.fork(options.limits)
        try:
            return await sing(kernel, app, options.canary if template.rehearsed else "cells", shown, limit)
        finally:
            await kernel.close()


def _imports(app: App) -> list[str]:
    """What the app's cells import, as far as that can be read."""
    names: dict[str, None] = {}
    for cell in app.cells:
        try:
            tree = ast.parse(cell.code)
        except SyntaxError:
            continue  # magics; what it imports is imported in the run
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names[node.module] = None
    beside = {path.stem for path in app.folder.iterdir()}
    return [name for name in names if name.partition(".")[0] not in beside]
