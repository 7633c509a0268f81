"""The performance: an app's cells run in a kernel, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..apps.app import App
from ..jupyter.message import Message
from .asking import OnMessage, answer, evaluate_text, execute_request
from .prelude import PYTHON
from .protocol import Distant, Kernel, KernelDied

_SECONDS_TO_STOP = 5.0
_PLOTLY_SCRIPT = """(lambda modules, path: next((
    file for file in [path.join(path.dirname(modules["plotly"].__file__), "package_data", "plotly.min.js")]
    if path.isfile(file)
), None) if "plotly" in modules else None)(__import__("sys").modules, __import__("os").path)"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a performance ended. What follows the first cell that fails is not run."""

    kind: Literal["ok", "error", "timeout", "prompt"]
    cell: str = ""
    """The name of the cell in which it ended."""
    ename: str = ""
    evalue: str = ""
    traceback: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the whole app ran."""
        return self.kind == "ok"


class _PromptOpen(Exception):  # noqa: N818 -- not an error
    """The app waits for its visitor."""


async def perform(
    kernel: Kernel, app: App, on_message: OnMessage, *, limit: float | None = 60.0, stop_at_prompt: bool = False
) -> Outcome:
    """Runs the app; every ``iopub`` and ``stdin`` message is handed to ``on_message``, in the kernel's order.

    It is the only one to receive from the kernel until it ends. Others may send: while a prompt is open, the answer
    (``input_reply``) is theirs to give, and the time that this takes does not count.

    Args:
        limit: seconds that the app may run; then it is interrupted, and given up when that does not help. They are
            counted anew after each prompt.
        stop_at_prompt: ends with the outcome ``prompt`` when the app asks its visitor something, the prompt still open.

    Raises:
        KernelDied: the kernel has died.
    """
    loop = asyncio.get_running_loop()
    msg_id, name = "", ""

    def hand_on(message: Message) -> None:
        on_message(message)
        if message.msg_type == "input_request":
            if stop_at_prompt:
                raise _PromptOpen
            clock.reschedule(None)
        elif clock.when() is None and limit is not None:
            clock.reschedule(loop.time() + limit)

    try:
        async with asyncio.timeout(limit) as clock:
            for index, cell in enumerate(app.cells):
                msg_id, name = app.cell_id(index), cell.name
                await kernel.send(execute_request(cell.code, msg_id))
                reply = await answer(kernel, msg_id, hand_on)
                if reply.content.get("status") != "ok":
                    return _failure(name, reply)
    except TimeoutError:
        await _stop(kernel, msg_id, on_message)
        return Outcome("timeout", name)
    except _PromptOpen:
        return Outcome("prompt", name)
    return Outcome("ok")


async def plotly_script(kernel: Kernel, app: App, on_message: OnMessage = lambda _: None) -> Path | None:
    """The plotly.js that comes with the app's Plotly; None when the app has not imported it, or it is not there.

    Raises:
        KernelDied: the kernel has died.
    """
    if app.language != PYTHON:
        return None
    path = await evaluate_text(kernel, _PLOTLY_SCRIPT, on_message)
    if path and isinstance(kernel, Distant):  # whose files are another machine's
        return await kernel.bring_file(path, on_message)
    return Path(path) if path else None


async def _stop(kernel: Kernel, msg_id: str, on_message: OnMessage) -> None:
    with contextlib.suppress(TimeoutError, KernelDied):
        await kernel.interrupt()
        async with asyncio.timeout(_SECONDS_TO_STOP):
            await answer(kernel, msg_id, on_message)


def _failure(cell: str, reply: Message) -> Outcome:
    content = reply.content
    ename, evalue = str(content.get("ename", "Error")), str(content.get("evalue", ""))
    return Outcome("error", cell, ename, evalue, tuple(map(str, content.get("traceback", ()))))
