"""What a page may load to show an app's widgets: the browser code that their packages have installed beside the app."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

import structlog

from ..apps.app import App
from ..jupyter.comms import WIDGET_TARGET
from ..jupyter.message import Json, Message
from ..jupyter.transcript import Transcript
from ..kernels.environment import Environment, packages_of_widgets
from ..kernels.extensions import OURS, Extension, installed
from ..kernels.protocol import Kernel

log = structlog.get_logger("stagedoor.offers")


PLOTLY = "plotly"
_DISPLAYS = {"display_data", "execute_result", "update_display_data"}


class Publisher(Protocol):
    """Makes files of the app's environment available to pages, under addresses that change with their content."""

    def publish(self, name: str, path: Path, *, hasty: bool = False) -> str:
        """A library under this name; returns its path from the gateway's root. ``hasty``: a visitor waits for it."""

    def publish_extension(self, extension: Extension) -> str:
        """The files of an extension; returns the path of its entry from the gateway's root."""


class Offers:
    """What an app's pages may need: extensions by widget module, and libraries (docs/protocol.md).

    Args:
        environment: that of the app's kernels; None where there is nothing to look for.
        assets: the libraries that the recording tells of.
    """

    def __init__(
        self, app: App, environment: Environment | None, publisher: Publisher, assets: Mapping[str, str]
    ) -> None:
        self.assets = assets
        self.recorded: dict[str, Json] = {}
        """The extensions that the recording tells of."""
        self._app = app
        self._environment = environment
        self._publisher = publisher
        self._packages: dict[str, str] = {}
        self._known: dict[str, Json | None] = {}
        self._plotly: str | None = None
        self._missed: set[str] = set()
        self._looking = asyncio.Lock()

    async def record(self, kernel: Kernel, shown: Transcript, *, complete: bool) -> dict[str, Json]:
        """What pages get with the recording: for the widgets that are shown, and for those that the app has imported.

        Args:
            kernel: is asked for what the app has imported.
            shown: what the app's run has shown.
            complete: the run came to its end, so that the kernel can be asked.

        Raises:
            KernelDied: the kernel has died.
        """
        used = modules_of(shown)
        if self._environment is None or (complete and not used):
            return {}  # who has shown no widget pays for none
        if complete:
            self._packages = await packages_of_widgets(kernel, self._app, shown.apply)
        # A kernel that waits for its visitor cannot be asked: what it has imported may be any of what is installed.
        imported = self._packages if complete else None
        await asyncio.to_thread(self._look, self._environment, used, imported)
        self.recorded = {module: offer for module, offer in self._known.items() if offer is not None}
        return self.recorded

    async def find(self, modules: set[str]) -> dict[str, Json]:
        """What there is for modules that the recording does not tell of, and whose widgets the app has opened since."""
        if self._environment is None:
            return {}
        if any(self._known.get(module) is None for module in modules - self._missed):
            async with self._looking:
                await asyncio.to_thread(self._look, self._environment, modules, ())
        return {module: offer for module in modules if (offer := self._known[module]) is not None}

    async def find_libraries(self, names: set[str]) -> dict[str, str]:
        """The addresses of libraries that the recording does not tell of, and that what is displayed now needs."""
        path = self._environment.plotly if self._environment is not None and PLOTLY in names else None
        if path is None:
            return {}
        async with self._looking:
            if self._plotly is None:
                self._plotly = await asyncio.to_thread(self._publisher.publish, PLOTLY, path, hasty=True)
        return {PLOTLY: self._plotly}

    def _look(self, environment: Environment, used: Collection[str], imported: Collection[str] | None) -> None:
        """Looks for the extensions of modules, for all that are installed where ``imported`` is None."""
        extensions = installed(environment.data)
        wanted = {*used, *(extensions if imported is None else imported)} - OURS
        for module in sorted(wanted - self._known.keys()):
            extension = extensions.get(module) or next((e for e in extensions.values() if e.mentions(module)), None)
            self._known[module] = None if extension is None else self._described(extension)
        for module in sorted({module for module in used if self._known[module] is None} - self._missed):
            self._missed.add(module)
            _warn(self._app, environment, module, self._packages.get(module, module))

    def _described(self, extension: Extension) -> Json:
        described: Json = {"kind": extension.kind, "address": self._publisher.publish_extension(extension)}
        if extension.kind == "federated":
            described |= {"name": extension.name, "version": extension.version, "modules": list(extension.modules)}
        return described


def modules_of(shown: Transcript) -> set[str]:
    """The widget modules of all widgets that are open."""
    return {module for comm in shown.comms.values() for module in _modules(comm.target_name, comm.state)}


def opened_module(message: Message) -> set[str]:
    """The widget modules of the widget that a kernel's message opens."""
    if message.msg_type != "comm_open":
        return set()
    state = message.content.get("data", {}).get("state", {})
    return _modules(message.content.get("target_name"), state)


def libraries_of(message: Message) -> set[str]:
    """The libraries that a page needs to show a kernel's message, as far as the message tells."""
    data = message.content.get("data") if message.msg_type in _DISPLAYS else None
    if not isinstance(data, dict):
        return set()
    plotly = any(PLOTLY in mime or (mime == "text/html" and PLOTLY in str(html)) for mime, html in data.items())
    return {PLOTLY} if plotly else set()


def _modules(target: object, state: Mapping[str, object]) -> set[str]:
    if target != WIDGET_TARGET:
        return set()
    named = [state.get(trait) for trait in ("_model_module", "_view_module")]
    return {module for module in named if isinstance(module, str) and module} - OURS


def _warn(app: App, environment: Environment, module: str, package: str) -> None:
    log.warning(
        f"{package} is used by the app {app.name}, but its browser part was not found: pages say so in its place",
        module=module,
        environment=environment.prefix,
        advice=f"{Path(environment.prefix) / 'bin' / 'python'} -m pip install --force-reinstall {package}",
    )
