"""This project: `stagedoor serve`, and visitors that send what its element sends."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from stagedoor.jupyter.framing import PROTOCOL, decode, encode, split
from stagedoor.jupyter.message import Message

from ..apps import App
from ..memory import settled, tree
from ..process import Broken, Server, get
from .protocol import Reply, Visitor, comm_message, comm_of, environment, reply_to

_PORT = 9240


class Stagedoor:
    """A gateway that serves the one app."""

    name = "Stagedoor"

    async def start(self, app: App, work: Path) -> None:
        self._app = app
        command: list[str | Path] = [sys.executable, "-m", "stagedoor", "serve", app.path, "--port", str(_PORT)]
        self._server = Server(command, environment(work), work, work / "stagedoor.log")
        await self._server.ready(_PORT, "/healthz")
        await self.rest()

    async def rest(self) -> None:
        await settled(lambda: self.pids)

    async def stop(self) -> None:
        await self._server.stop()

    @property
    def pids(self) -> list[int]:
        return tree(self._server.pid)

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{_PORT}/apps/{self._app.name}"

    def visitor(self) -> Visitor:
        return _Visitor(self._app)


class _Visitor:
    def __init__(self, app: App) -> None:
        self._app = app
        self._count = 0

    async def arrive(self) -> None:
        status, frame = await get(_PORT, f"/apps/{self._app.name}/recording")
        if status != 200:
            raise Broken(f"the recording was answered with {status}")
        recording = _Recording(frame)
        self._comm = comm_of(self._app, recording.states)
        address = f"ws://127.0.0.1:{_PORT}/apps/{self._app.name}/live?generation={recording.generation}"
        self._websocket: ClientConnection = await connect(
            address, subprotocols=[Subprotocol(PROTOCOL)], compression=None, max_size=None, ping_interval=None
        )

    async def act(self) -> Reply:
        self._count += 1
        message = comm_message(self._app, self._comm, self._count)
        frame = encode(message)
        sent = time.perf_counter()
        await self._websocket.send(frame)
        return await reply_to(message.msg_id, sent, self._app, self._messages())

    async def leave(self) -> None:
        await self._websocket.close(1000)

    async def _messages(self) -> AsyncIterator[Message]:
        async for frame in self._websocket:
            assert isinstance(frame, bytes)
            message = decode(frame)
            if message.msg_type == "stagedoor_session" and message.content["state"] in {"failed", "ended"}:
                raise Broken(f"the session is over: {message.content['message']}")
            if message.msg_type == "stagedoor_render":
                raise Broken("the page had to be rendered anew, so the kernel has other widgets than the recording")
            yield message


class _Recording:
    """What a page reads out of a recording (see docs/protocol.md)."""

    def __init__(self, frame: bytes) -> None:
        parts = split(frame)
        document = json.loads(bytes(parts[0]))
        for shared in document["shared"]:
            _put(document["messages"], shared["path"], str(parts[shared["part"]], "utf-8"))
        self.generation: str = document["generation"]
        self.states: dict[str, Mapping[str, Any]] = {
            message["content"]["comm_id"]: message["content"]["data"]["state"]
            for message in document["messages"]
            if message["header"]["msg_type"] == "comm_open"
        }


def _put(target: Any, path: list[str | int], value: str) -> None:
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
