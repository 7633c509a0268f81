"""What a page may load to show an app's widgets: the browser code that their packages have installed beside the app."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

import structlog

from ..apps.app import App
from ..jupyter.comms import WIDGET_TARGET
from ..jupyter.message import Json
from ..jupyter.transcript import Transcript
from ..kernels.environment import Environment, packages_of_widgets
from ..kernels.extensions import OURS, Extension, installed
from ..kernels.protocol import Kernel

log = structlog.get_logger("stagedoor.offers")


class Publisher(Protocol):
    """Makes files of the app's environment available to pages, under addresses that change with their content."""

    def publish(self, name: str, path: Path) -> str:
        """A library under this name; returns its path from the gateway's root."""

    def publish_extension(self, extension: Extension) -> str:
        """The files of an extension; returns the path of its entry from the gateway's root."""


async def offer_extensions(
    kernel: Kernel, app: App, environment: Environment, shown: Transcript, publisher: Publisher, *, complete: bool
) -> dict[str, Json]:
    """The extensions that the app's widgets may need, by widget module (docs/protocol.md); logs those that are missing.

    Args:
        environment: the kernel's.
        shown: what the app's run has shown.
        complete: the run came to its end, so that the kernel can be asked.

    Raises:
        KernelDied: the kernel has died.
    """
    used = _modules(shown)
    if not used and complete:
        return {}  # without a widget, there is nothing that could make one
    packages = await packages_of_widgets(kernel, app, shown.apply) if complete else {}
    return await asyncio.to_thread(_offer, app, environment, used, packages, publisher, complete)


def _offer(
    app: App,
    environment: Environment,
    used: Collection[str],
    packages: Mapping[str, str],
    publisher: Publisher,
    complete: bool,
) -> dict[str, Json]:
    extensions = installed(environment.data)
    wanted = {*used, *(packages if complete else extensions)} - OURS
    offered = {}
    for module in sorted(wanted):
        extension = extensions.get(module) or next((e for e in extensions.values() if e.mentions(module)), None)
        if extension is not None:
            offered[module] = _described(extension, publisher.publish_extension(extension))
        elif module in used:
            _warn(app, environment, module, packages.get(module, module))
    return offered


def _described(extension: Extension, address: str) -> Json:
    described: Json = {"kind": extension.kind, "address": address}
    if extension.kind == "federated":
        described |= {"name": extension.name, "version": extension.version, "modules": list(extension.modules)}
    return described


def _warn(app: App, environment: Environment, module: str, package: str) -> None:
    log.warning(
        f"{package} is used by the app {app.name}, but its browser part was not found: pages say so in its place",
        module=module,
        environment=environment.prefix,
        advice=f"{Path(environment.prefix) / 'bin' / 'python'} -m pip install --force-reinstall {package}",
    )


def _modules(shown: Transcript) -> set[str]:
    states = [comm.state for comm in shown.comms.values() if comm.target_name == WIDGET_TARGET]
    named = {state.get(trait) for state in states for trait in ("_model_module", "_view_module")}
    return {module for module in named if isinstance(module, str) and module}
