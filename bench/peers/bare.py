"""Nothing but ipykernel and jupyter_client: what a kernel costs without any server or page."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from stagedoor.jupyter.message import Message

from ..apps import App
from ..memory import settled, tree
from ..process import Broken
from .protocol import Reply, Visitor, comm_message, comm_of, environment, reply_to

_START_SECONDS = 60


class BareKernels:
    """A stock kernel for every visitor, started when the visitor arrives."""

    name = "bare ipykernel"

    async def start(self, app: App, work: Path) -> None:
        self._app = app
        self._environment = {**os.environ, **environment(work)}
        self._sockets = work / "ipc"
        self._sockets.mkdir(exist_ok=True)
        self._visitors: list[_Visitor] = []

    async def rest(self) -> None:
        await settled(lambda: self.pids)

    async def stop(self) -> None:
        for visitor in self._visitors:
            await visitor.leave()

    @property
    def pids(self) -> list[int]:
        return [pid for visitor in self._visitors for pid in visitor.pids]

    def visitor(self) -> Visitor:
        visitor = _Visitor(self._app, self._environment, str(self._sockets / f"k{len(self._visitors)}"))
        self._visitors.append(visitor)
        return visitor


class _Visitor:
    def __init__(self, app: App, variables: Mapping[str, str], socket: str) -> None:
        self._app = app
        self._variables = dict(variables)
        self._count = 0
        # Not TCP: with many kernels at a time jupyter_client hands the same port to two of them now and then.
        self._manager = AsyncKernelManager(transport="ipc", ip=socket)
        self._client: AsyncKernelClient | None = None

    @property
    def pids(self) -> list[int]:
        """The kernel's processes, while it runs."""
        pid = getattr(self._manager.provisioner, "pid", None)
        return tree(pid) if self._client is not None and pid else []

    async def arrive(self) -> None:
        """Starts a kernel and runs the app in it."""
        await self._manager.start_kernel(env=self._variables)
        client: AsyncKernelClient = self._manager.client()
        self._client = client
        client.start_channels()
        await client.wait_for_ready(timeout=_START_SECONDS)
        states: dict[str, dict[str, Any]] = {}
        for cell in self._app.cells:
            done = client.execute(cell)
            async for message in self._messages():
                if message.msg_type == "comm_open":
                    states[message.content["comm_id"]] = message.content["data"]["state"]
                if message.msg_type == "error":
                    raise Broken(f"the app failed: {message.content['ename']}: {message.content['evalue']}")
                if message.parent_id == done and message.content.get("execution_state") == "idle":
                    break
        self._comm = comm_of(self._app, states)

    async def act(self) -> Reply:
        assert self._client is not None
        self._count += 1
        wanted = comm_message(self._app, self._comm, self._count)
        message = self._client.session.msg("comm_msg", dict(wanted.content))
        sent = time.perf_counter()
        self._client.shell_channel.send(message)
        return await reply_to(message["header"]["msg_id"], sent, self._app, self._messages())

    async def leave(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
            await self._manager.shutdown_kernel(now=True)

    async def _messages(self) -> AsyncIterator[Message]:
        assert self._client is not None
        while True:
            message = await self._client.get_iopub_msg(timeout=_START_SECONDS)
            parent = message["parent_header"].get("msg_id", "")
            yield Message("iopub", message["msg_type"], message["content"], parent_id=parent)
