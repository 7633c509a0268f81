"""A running gateway, and a page's end of the protocol, for tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from websockets.sync.client import connect

from stagedoor.jupyter.framing import PROTOCOL, decode, encode
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.recording import Recording, decode_recording

START_LIMIT = 90.0


@dataclass
class Gateway:
    """A gateway in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    log: list[str]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=30, **options)

    def recording(self, app: str, **query: str) -> Recording:
        answer = self.get(f"/apps/{app}/recording", params=query)
        assert answer.status_code == 200, answer.text
        return decode_recording(answer.content)

    def page(self, app: str, **options: Any) -> Page:
        return Page(self, app, **options)

    def logged(self, text: str) -> list[str]:
        return [line for line in self.log if text in line]


@contextmanager
def running_gateway(
    paths: Sequence[Path], *flags: str, env: dict[str, str] | None = None, limit: float = START_LIMIT
) -> Iterator[Gateway]:
    """``stagedoor serve`` on a free port; ready when every app has run, in ``limit`` seconds."""
    command = [sys.executable, "-m", "stagedoor", "serve", *map(str, paths), "--port", "0", *flags]
    with running_command(command, env, limit) as gateway:
        yield gateway


@contextmanager
def running_command(
    command: Sequence[str], env: dict[str, str] | None = None, limit: float = START_LIMIT
) -> Iterator[Gateway]:
    """A command that serves; ready when every app has run."""
    cache = tempfile.TemporaryDirectory()
    surroundings = os.environ | {"COLUMNS": "200", "XDG_CACHE_HOME": cache.name} | (env or {})
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=surroundings)
    log: list[str] = []
    try:
        url = _address(process, log)
        reader = threading.Thread(target=lambda: log.extend(process.stderr or ()), daemon=True)
        reader.start()
        gateway = Gateway(process, url, log)
        wait_until(lambda: gateway.get("/healthz").status_code == 200, limit)
        yield gateway
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _address(process: subprocess.Popen[str], log: list[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        log.append(line)
        if found := re.search(r"Stagedoor \S+ at (http://\S+)", line):
            return found[1]
    raise AssertionError("the gateway has not started:\n" + "".join(log))


def refusals(gateway: Gateway, reason: str) -> float:
    """How often the gateway has refused something for this reason."""
    for line in gateway.get("/metrics").text.splitlines():
        if line.startswith("stagedoor_refusals_total{") and f'"{reason}"' in line:
            return float(line.split()[-1])
    return 0.0


def wait_until(condition: Callable[[], Any], limit: float = 20.0) -> Any:
    """Waits for a condition; fails when it does not come true in ``limit`` seconds."""
    deadline = time.monotonic() + limit
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, "this has not come true in time"
        time.sleep(0.02)


def widget_id(recording: Recording, model: str, **state: Any) -> str:
    """The id of the first widget of this model whose state is so."""
    for message in recording.messages:
        opened = message.content.get("data", {}).get("state", {}) if message.msg_type == "comm_open" else {}
        if opened.get("_model_name") == model and all(opened.get(key) == value for key, value in state.items()):
            return str(message.content["comm_id"])
    raise AssertionError(f"no {model} with {state}")


class Page:
    """What a page does: fetches the recording, opens the websocket, sends and receives."""

    def __init__(
        self,
        gateway: Gateway,
        app: str,
        *,
        generation: str | None = None,
        query: dict[str, str] | None = None,
        live_query: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        self.recording = gateway.recording(app, **(query or {}))
        shown = self.recording.generation if generation is None else generation
        asked = urlencode({"generation": shown} | (live_query or query or {}))
        url = f"ws{gateway.url[4:]}/apps/{app}/live?{asked}"
        self._socket = connect(url, subprotocols=[PROTOCOL], max_size=None, compression=None, legacy=True, **options)  # type: ignore[list-item]
        self.received: list[Message] = []
        self._sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, code: int = 1000) -> None:
        self._socket.close(code)

    def drop(self) -> None:
        """The connection is lost without a word."""
        self._socket.socket.shutdown(2)

    def comm(self, model: str, **state: Any) -> str:
        """The id of the first widget of this model whose state is so."""
        return widget_id(self.recording, model, **state)

    def send_raw(self, frame: bytes | str) -> None:
        self._socket.send(frame)

    def send(self, channel: str, msg_type: str, content: dict[str, Any], buffers: Sequence[bytes] = ()) -> str:
        self._sent += 1
        msg_id = f"p-{self._sent}"
        self.send_raw(encode(Message(channel, msg_type, content, msg_id=msg_id, buffers=buffers)))
        return msg_id

    def update(self, comm_id: str, **state: Any) -> str:
        data = {"method": "update", "state": state, "buffer_paths": []}
        return self.send("shell", "comm_msg", {"comm_id": comm_id, "data": data})

    def click(self, comm_id: str) -> str:
        data = {"method": "custom", "content": {"event": "click"}}
        return self.send("shell", "comm_msg", {"comm_id": comm_id, "data": data})

    def next(self, limit: float = 30.0) -> Message:
        message = decode(self._socket.recv(limit))  # type: ignore[arg-type]
        self.received.append(message)
        if message.msg_type == "stagedoor_render" and message.content["scope"] == "all":
            self.send("control", "stagedoor_rendered", {})
        return message

    def until(self, condition: Callable[[Message], Any], limit: float = 30.0) -> Message:
        """Receives until a message is as wished; returns it."""
        while True:
            message = self.next(limit)
            if condition(message):
                return message

    def until_done(self, msg_id: str) -> list[Message]:
        """Receives until the kernel is through with the message; returns what it led to."""
        self.until(
            lambda m: m.msg_type == "status" and m.parent_id == msg_id and m.content["execution_state"] == "idle"
        )
        return [message for message in self.received if message.parent_id == msg_id]

    def until_state(self, state: str) -> Message:
        return self.until(lambda m: m.msg_type == "stagedoor_session" and m.content["state"] == state)

    @property
    def session(self) -> str:
        """The secret of the page's session."""
        return str(self._announced["session"])

    @property
    def label(self) -> str:
        """The session's id in the log."""
        return str(self._announced["id"])

    @property
    def _announced(self) -> Any:
        return next(m.content for m in self.received if m.msg_type == "stagedoor_session")

    @property
    def text(self) -> str:
        """All that was printed, as received."""
        return "".join(m.content["text"] for m in self.received if m.msg_type == "stream")
