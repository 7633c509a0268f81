"""What a page may load to show MIME types that it does not know: renderers of JupyterLab extensions beside the app."""

from __future__ import annotations

import asyncio

from ..jupyter.message import Json
from ..kernels.environment import Environment
from ..kernels.extensions import installed_renderers
from .offers import Publisher


async def offer_renderers(environment: Environment, publisher: Publisher) -> list[Json]:
    """The extensions of the kernel's environment that draw MIME types (docs/protocol.md, ``renderers``).

    All of them: any callback may display anything. A page loads one for an output of a type that it mentions.
    """
    return await asyncio.to_thread(_offer, environment, publisher)


def _offer(environment: Environment, publisher: Publisher) -> list[Json]:
    return [
        {
            "kind": extension.kind,
            "address": publisher.publish_extension(extension),
            "name": extension.name,
            "version": extension.version,
            "modules": list(extension.modules),
            "types": extension.mime_types(),
        }
        for extension in installed_renderers(environment.data)
    ]
