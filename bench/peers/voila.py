"""Voila, as it comes and with preheated kernels, and visitors that speak its kernel websocket."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from stagedoor.jupyter.framing import PROTOCOL, decode, encode
from stagedoor.jupyter.message import Message

from ..apps import App
from ..environment import peer_python
from ..memory import settled, tree
from ..process import Broken, Server, get
from .protocol import Reply, Visitor, comm_message, comm_of, environment, reply_to

_KERNEL = re.compile(rb'"kernelId": "([0-9a-f-]+)"')
_WIDGETS = "jupyter.widget.control"
_PORTS = itertools.cycle(range(9250, 9260))
_FILL_SECONDS = 90
_REFILL_SECONDS = 1.2  # Voila's `fill_delay` is 1 s


class Voila:
    """A Voila server with the one notebook.

    Args:
        preheated: how many kernels it keeps that have run the notebook already.
    """

    def __init__(self, preheated: int = 0) -> None:
        self.name = f"Voila, {preheated} preheated" if preheated else "Voila"
        self._preheated = preheated

    async def start(self, app: App, work: Path) -> None:
        self._app = app
        self._port = next(_PORTS)
        folder = work / f"voila-{app.name}"
        folder.mkdir(exist_ok=True)
        app.write_notebook(folder)
        command: list[str | Path] = [peer_python(), "-m", "voila", folder, "--no-browser", "--Voila.log_level=ERROR"]
        command += [f"--port={self._port}", "--Voila.port_retries=0"]
        if self._preheated:
            command += ["--preheat_kernel=True", f"--pool_size={self._preheated}"]
        self._server = Server(command, environment(work), folder, work / "voila.log")
        await self._server.ready(self._port, "/")
        await self._filled()

    async def _filled(self) -> None:
        end = time.monotonic() + _FILL_SECONDS
        while len(self.pids) < 1 + self._preheated:
            if time.monotonic() > end:
                raise Broken(f"{self.name} has not filled its pool in {_FILL_SECONDS} s")
            await asyncio.sleep(0.1)
        await settled(lambda: self.pids)

    async def rest(self) -> None:
        if self._preheated:
            await asyncio.sleep(_REFILL_SECONDS)
        await settled(lambda: self.pids)

    async def stop(self) -> None:
        await self._server.stop()

    @property
    def pids(self) -> list[int]:
        return tree(self._server.pid)

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self._port}{self._path}"

    @property
    def _path(self) -> str:
        return f"/voila/render/{self._app.name}.ipynb"

    def visitor(self) -> Visitor:
        return _Visitor(self._app, self._port, self._path)


class _Visitor:
    def __init__(self, app: App, port: int, path: str) -> None:
        self._app = app
        self._port = port
        self._path = path
        self._count = 0
        self._header = {"session": uuid.uuid4().hex, "username": "", "date": "2026-01-01T00:00:00Z"}

    async def arrive(self) -> None:
        """Gets the page, which has run the notebook; connects to its kernel, and asks for all widgets' states."""
        status, page = await get(self._port, self._path)
        kernel = _KERNEL.search(page)
        if status != 200 or kernel is None:
            raise Broken(f"the page was answered with {status} and {'no' if kernel is None else 'a'} kernel")
        self._websocket: ClientConnection = await connect(
            f"ws://127.0.0.1:{self._port}/api/kernels/{kernel[1].decode()}/channels?session_id={self._header['session']}",
            subprotocols=[Subprotocol(PROTOCOL)],
            compression=None,
            max_size=None,
            ping_interval=None,
        )
        self._comm = comm_of(self._app, await self._states())

    async def _states(self) -> Mapping[str, Mapping[str, Any]]:
        """As its page does (ipywidgets, "Jupyter widgets messaging protocol", the control channel)."""
        control = uuid.uuid4().hex
        opening = {"comm_id": control, "target_name": _WIDGETS, "data": {}}
        await self._send(Message("shell", "comm_open", opening, msg_id=uuid.uuid4().hex, metadata={"version": "1.0.0"}))
        asking = {"comm_id": control, "data": {"method": "request_states"}}
        await self._send(Message("shell", "comm_msg", asking, msg_id=uuid.uuid4().hex))
        async for message in self._messages():
            data = message.content.get("data", {})
            if message.msg_type == "comm_msg" and data.get("method") == "update_states":
                models = data["states"].items()
                return {comm: model["state"] | {"_model_name": model["model_name"]} for comm, model in models}
        raise Broken("the kernel's connection ended before the widgets' states came")

    async def act(self) -> Reply:
        self._count += 1
        message = comm_message(self._app, self._comm, self._count)
        sent = time.perf_counter()
        await self._send(message)
        return await reply_to(message.msg_id, sent, self._app, self._messages())

    async def leave(self) -> None:
        """Closes the connection; the kernel lives on, as it does when a browser leaves."""
        await self._websocket.close(1000)

    async def _send(self, message: Message) -> None:
        await self._websocket.send(encode(message, header=self._header))

    async def _messages(self) -> AsyncIterator[Message]:
        async for frame in self._websocket:
            assert isinstance(frame, bytes)
            yield decode(frame)
