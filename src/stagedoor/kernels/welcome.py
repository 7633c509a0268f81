"""Tells a kernel who its visitor is, before anything that the visitor does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..apps.app import App
from ..jupyter.message import encode_json
from .asking import OnMessage, run_silently
from .prelude import PYTHON
from .protocol import Kernel

_CODE = "__import__('stagedoor').visitor.__dict__.update(__import__('json').loads({json!r}))"


async def welcome(kernel: Kernel, app: App, visitor: Mapping[str, Any], on_message: OnMessage) -> None:
    """Sets ``stagedoor.visitor`` in the kernel; it leaves no names behind. Other languages than Python are not told.

    Args:
        visitor: ``id``, ``name``, ``params``.
        on_message: is handed what the kernel says meanwhile.

    Raises:
        KernelDied: there is no kernel any more.
    """
    if app.language == PYTHON:
        await run_silently(kernel, _CODE.format(json=encode_json(visitor).decode()), on_message)
