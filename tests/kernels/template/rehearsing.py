"""A template that has rehearsed a text, and what its children say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from watching import printed

from stagedoor.apps import App
from stagedoor.apps.script import read_script
from stagedoor.jupyter.comms import update_message
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.transcript import Transcript
from stagedoor.kernels.asking import answer, execute_request, run_silently
from stagedoor.kernels.perform import perform
from stagedoor.kernels.prelude import prelude
from stagedoor.kernels.protocol import Kernel
from stagedoor.kernels.template.forked import ForkedKernel
from stagedoor.kernels.template.limits import Limits
from stagedoor.kernels.template.template import Template
from stagedoor.kernels.warden import Warden

LIMIT = 20.0

_numbers = count()


class House:
    """Templates, and everything that is forked from them."""

    def __init__(self, warden: Warden, folders: pytest.TempPathFactory) -> None:
        self.warden = warden
        self._folders = folders
        self._stages: list[RehearsedApp] = []

    def app(self, text: str) -> App:
        """An app in a folder of its own."""
        path = self._folders.mktemp("app") / "app.py"
        path.write_text(text)
        return read_script(path)

    async def rehearse(self, text: str) -> RehearsedApp:
        """A frozen template that has run the text."""
        app = self.app(text)
        template = await Template.start(self.warden)
        stage = RehearsedApp(app, template)
        self._stages.append(stage)
        await run_silently(template.kernel, prelude(app))
        outcome = await perform(template.kernel, app, stage.shown.apply)
        assert outcome.ok, outcome
        await template.freeze()
        template.rehearsed = True
        return stage

    async def close(self) -> None:
        for stage in self._stages:
            await stage.close()
        await self.warden.close()


class RehearsedApp:
    """A template and its children."""

    def __init__(self, app: App, template: Template) -> None:
        self.app = app
        self.template = template
        self.shown = Transcript([app.cell_id(index) for index in range(len(app.cells))])
        self._kernels: list[ForkedKernel] = []

    async def fork(self, *without: str, limits: Limits | None = None) -> ForkedKernel:
        """A child, for which the measures named are left out (see ``test_hygiene``)."""
        (self.app.folder / "skipped").write_text(" ".join(without))
        kernel = await self.template.fork(limits or Limits())
        self._kernels.append(kernel)
        return kernel

    async def answers(self, code: str, *without: str, children: int = 2) -> list[str]:
        """What children print, one after the other, while all of them are there."""
        kernels = [await self.fork(*without) for _ in range(children)]
        said = [await say(kernel, code) for kernel in kernels]
        for kernel in kernels:
            await kernel.close()
        return said

    def comm(self, model: str) -> str:
        """The id of the first widget of a model."""
        return next(comm_id for name, comm_id in self.shown.models() if name == model)

    async def close(self) -> None:
        for kernel in self._kernels:
            await kernel.close()
        await self.template.close()


async def say(kernel: Kernel, code: str, limit: float = LIMIT) -> str:
    """What the kernel prints while it runs the code, which must do well."""
    messages: list[Message] = []
    async with asyncio.timeout(limit):
        reply = await request(kernel, code, messages.append)
    assert reply.content["status"] == "ok", "\n".join(reply.content["traceback"])
    return printed(messages)


async def request(kernel: Kernel, code: str, on_message: Callable[[Message], Any] = lambda _: None) -> Message:
    """The kernel's reply when it has run the code."""
    msg_id = f"t-{next(_numbers)}"
    await kernel.send(execute_request(code, msg_id))
    return await answer(kernel, msg_id, on_message)


async def click(kernel: Kernel, comm_id: str) -> str:
    """Clicks a button; returns the message's id."""
    return await use(kernel, comm_id, {"method": "custom", "content": {"event": "click"}})


async def use(kernel: Kernel, comm_id: str, data: dict[str, Any], buffers: Sequence[bytes] = ()) -> str:
    """Sends a widget something; returns the message's id."""
    msg_id = f"t-{next(_numbers)}"
    content = {"comm_id": comm_id, "data": data}
    await kernel.send(Message("shell", "comm_msg", content, msg_id=msg_id, buffers=buffers))
    return msg_id


async def set_state(kernel: Kernel, comm_id: str, **state: Any) -> str:
    """Sets a widget's state as a page does; returns the message's id."""
    msg_id = f"t-{next(_numbers)}"
    await kernel.send(update_message(comm_id, state).replace(channel="shell", msg_id=msg_id))
    return msg_id


async def heard(kernel: Kernel, wanted: Callable[[Message], Any], limit: float = LIMIT) -> list[Message]:
    """All messages up to the one that is wanted."""
    messages: list[Message] = []
    async with asyncio.timeout(limit):
        while not messages or not wanted(messages[-1]):
            messages.append(await kernel.receive())
    return messages


def idle(msg_id: str) -> Callable[[Message], bool]:
    """Whether a message says that the kernel is through with this one."""
    return lambda m: m.parent_id == msg_id and m.content.get("execution_state") == "idle"
