"""The canary: one kernel is tried out before visitors get others like it.

A library may look fine after a fork and hang or die on first use. So one fork runs the app's cells once more, or has
every button pressed and every slider nudged, under a limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ...apps.app import App
from ...jupyter.comms import Comm, update_message
from ...jupyter.message import Message
from ...jupyter.transcript import Transcript
from ..asking import private_id, until_idle
from ..perform import perform
from ..protocol import Kernel, KernelDied

Canary = Literal["cells", "widgets", "off"]

LIMIT = 8.0
SLOW = "it went on for too long when a fork was tried out"
"""The one reason that may be the machine's, which has been busy, and not the app's."""
_LOOK_EVERY = 0.5
_LOOKS = 3


async def sing(kernel: Kernel, app: App, how: Canary, widgets: Transcript, limit: float = LIMIT) -> str | None:
    """Tries the kernel out.

    Args:
        limit: seconds that it may take.
        how: ``cells`` runs the app's cells again, ``widgets`` uses its widgets, ``off`` does nothing.
        widgets: what the app has shown in its first run.

    Returns:
        what went wrong, in plain words; None when all is well.
    """
    if how == "off":
        return None
    trying = asyncio.create_task(_run_cells(kernel, app) if how == "cells" else _use_widgets(kernel, widgets))
    try:
        async with asyncio.timeout(limit):
            if await _hangs(kernel, trying):
                return "it hung when a fork was tried out"
        trying.result()
    except TimeoutError:
        return SLOW
    except KernelDied as death:
        return f"it died when a fork was tried out ({death})"
    finally:
        trying.cancel()
    return None


async def _hangs(kernel: Kernel, trying: asyncio.Task[None]) -> bool:
    """Waits for the end; True as soon as it is clear that it will not come."""
    looks = 0
    while not (await asyncio.wait([trying], timeout=_LOOK_EVERY))[0]:
        looks = looks + 1 if kernel.stuck() else 0
        if looks == _LOOKS:
            return True
    return False


async def _run_cells(kernel: Kernel, app: App) -> None:
    # An error is no sign of harm: not every app can be run twice in one kernel.
    await perform(kernel, app, lambda message: None, limit=None, stop_at_prompt=True)


async def _use_widgets(kernel: Kernel, widgets: Transcript) -> None:
    for comm in widgets.comms.values():
        for message in _uses(comm):
            await kernel.send(message)
            await until_idle(kernel, message.msg_id)


def _uses(comm: Comm) -> Iterator[Message]:
    if comm.model_name == "ButtonModel":
        content: dict[str, Any] = {"method": "custom", "content": {"event": "click"}}
        yield Message("shell", "comm_msg", {"comm_id": comm.comm_id, "data": content}, msg_id=private_id())
        return
    state = comm.state
    value, step = state.get("value"), state.get("step")
    if isinstance(value, (int, float)) and isinstance(step, (int, float)) and not isinstance(value, bool):
        nudged = next((to for to in (value + step, value - step) if _lies_in_range(to, state)), value)
        for wanted in (nudged, value):
            message = update_message(comm.comm_id, {"value": wanted})
            yield message.replace(channel="shell", msg_id=private_id())


def _lies_in_range(value: float, state: Mapping[str, Any]) -> bool:
    low, high = state.get("min"), state.get("max")
    return (low is None or low <= value) and (high is None or value <= high)
