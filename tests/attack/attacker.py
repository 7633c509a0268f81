"""A visitor with a free afternoon: what reaches a gateway, and keeps every byte that comes back."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from gateway import Gateway, widget_id
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from stagedoor.jupyter.framing import PROTOCOL, FramingError, decode, join
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.recording import decode_recording

AT_ONCE = 8
"""Most of an attack is waiting for answers, so that many go on side by side."""


class Attacker:
    """Attacks one gateway; ``received`` are all bytes of it by where they came from, ``tried`` counts by kind."""

    def __init__(self, gateway: Gateway, app: str) -> None:
        self.gateway = gateway
        self.app = app
        self.address = urlsplit(gateway.url)
        self.received: list[tuple[str, bytes]] = []
        self.tried: Counter[str] = Counter()
        self._counting = threading.Lock()
        body = gateway.get(f"/apps/{app}/recording").content
        self.recording = decode_recording(body)
        self.received.append(("recording", body))

    def tries(self, kind: str, number: int = 1) -> None:
        """Counts attacks of a kind."""
        with self._counting:
            self.tried[kind] += number

    # -- HTTP ---------------------------------------------------------------------------------------------------------

    def raw(self, kind: str, request: bytes, *, limit: float = 3.0) -> bytes:
        """Sends bytes to the port; returns what comes back until the gateway closes, or is silent."""
        self.tries(kind)
        answer = b""
        with self.socket(limit) as connection, suppress(OSError):
            connection.sendall(request)
            while chunk := connection.recv(2**16):
                answer += chunk
        return self.keep(f"{kind}: {request[:80]!r}", answer)

    def get(self, target: str, *headers: str, method: str = "GET", kind: str = "routes") -> bytes:
        lines = [f"{method} {target} HTTP/1.1", "Host: " + self.address.netloc, "Connection: close", *headers, "", ""]
        return self.raw(kind, "\r\n".join(lines).encode("latin-1", "replace"))

    def keep(self, where: str, answer: bytes) -> bytes:
        """Keeps what came back. An error of Stagedoor itself is none of the answers that an attack may get."""
        head, _, body = answer.partition(b"\r\n\r\n")
        self.received += [(where, head), (where, body)]
        assert not head.startswith(b"HTTP/1.1 500"), f"{where} makes the gateway fail: {body!r}"
        return answer

    def at_once(self, act: Callable[..., Any], items: Iterable[Any]) -> None:
        """Does this with each of the items, side by side."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(act, items))

    def socket(self, limit: float) -> socket.socket:
        return socket.create_connection((self.address.hostname, self.address.port), limit)  # type: ignore[arg-type]

    # -- the websocket ------------------------------------------------------------------------------------------------

    @contextmanager
    def connection(self, app: str = "", **options: Any) -> Iterator[Line]:
        """A live connection, on which everything that comes is kept."""
        query = f"?generation={self.recording.generation}" if not app else ""
        url = f"ws{self.gateway.url[4:]}/apps/{app or self.app}/live{query}"
        websocket = connect(url, subprotocols=[PROTOCOL], max_size=None, compression=None, legacy=True, **options)  # type: ignore[list-item]
        assert websocket.response is not None
        headers = websocket.response.headers.raw_items()
        self.received += [("handshake", f"{key}: {value}".encode()) for key, value in headers]
        line = Line(websocket, self)
        try:
            yield line
        finally:
            with suppress(ConnectionClosed, OSError):
                line.drain(0.05)
            websocket.close()

    def press(self, label: str) -> None:
        """Presses a button of the app and waits until the app is through with it, or has ended."""
        self.tries("errors")
        with self.connection() as line:
            line.open()
            line.comm(self.comm("ButtonModel", description=label), {"method": "custom", "content": {"event": "click"}})
            line.until_idle()

    def act(self, comm_id: str, state: dict[str, Any]) -> None:
        """Uses a widget as its view would."""
        self.tries("errors")
        with self.connection() as line:
            line.open()
            line.update(comm_id, state)
            line.until_idle()

    def comm(self, model: str, **state: Any) -> str:
        """The id of the first widget of this model whose state is so."""
        return widget_id(self.recording, model, **state)

    @property
    def opened(self) -> list[Any]:
        """What the recording says of each widget: ``comm_id`` and ``data``."""
        return [message.content for message in self.recording.messages if message.msg_type == "comm_open"]

    @property
    def labels(self) -> list[str]:
        """What the app's buttons say."""
        states = [content["data"]["state"] for content in self.opened]
        return [state["description"] for state in states if state.get("_model_name") == "ButtonModel"]


class Line:
    """A live connection of the attacker."""

    def __init__(self, websocket: ClientConnection, attacker: Attacker) -> None:
        self._websocket = websocket
        self._attacker = attacker
        self._sent = 0

    def send_raw(self, frame: bytes | str) -> bool:
        """False when the gateway has closed the connection."""
        try:
            self._websocket.send(frame)
        except ConnectionClosed:
            return False
        return True

    def send(self, channel: str, msg_type: str, content: Any, buffers: Sequence[bytes] = ()) -> bool:
        self._sent += 1
        header = json.dumps({"msg_id": f"p-{self._sent}", "msg_type": msg_type}).encode()
        return self.send_raw(join([channel.encode(), header, b"{}", b"{}", json.dumps(content).encode(), *buffers]))

    def comm(self, comm_id: Any, data: Any, buffers: Sequence[bytes] = ()) -> bool:
        return self.send("shell", "comm_msg", {"comm_id": comm_id, "data": data}, buffers)

    def update(self, comm_id: str, state: Any, paths: Any = (), buffers: Sequence[bytes] = ()) -> bool:
        return self.comm(comm_id, {"method": "update", "state": state, "buffer_paths": list(paths)}, buffers)

    def resume(self, session: Any, received: Any = 0) -> Any:
        """Tries to go on with a session; returns what was said of it, None if nothing."""
        self.send("control", "stagedoor_resume", {"session": session, "received": received})
        self.update("no-such-widget", {})  # answered in a session only
        with suppress(ConnectionClosed, TimeoutError):
            while True:
                message = self.next(0.3)
                if message is not None and message.msg_type == "stagedoor_session":
                    return message.content
        return None

    def open(self) -> Any:
        """Opens a session and waits until it is live; returns what was said of it."""
        self.send("control", "stagedoor_open", {})
        while True:
            message = self.next(60.0)
            if message is None or message.msg_type != "stagedoor_session":
                continue
            if message.content["state"] != "starting":
                return message.content

    def until_idle(self, limit: float = 60.0) -> bool:
        """Until the last message has been dealt with, or the session has ended; True in the first case."""
        wanted, deadline = f"p-{self._sent}", time.monotonic() + limit
        with suppress(ConnectionClosed):
            while time.monotonic() < deadline:
                message = self.next(limit)
                if message is None:
                    continue
                if message.msg_type == "stagedoor_session" and message.content["state"] in {"ended", "failed"}:
                    return False
                idle = message.msg_type == "status" and message.content["execution_state"] == "idle"
                if idle and message.parent_id == wanted:
                    self.drain(0.1)
                    return True
            raise AssertionError("the app does not become idle")
        return False

    def drain(self, silence: float) -> None:
        """Takes what comes until nothing comes for so long."""
        with suppress(TimeoutError, ConnectionClosed):
            while True:
                self.next(silence)

    def next(self, limit: float) -> Message | None:
        """The next message; None for a frame that is none."""
        data = self._websocket.recv(limit)
        raw = data.encode() if isinstance(data, str) else data
        self._attacker.received.append(("frame", raw))
        with suppress(FramingError):
            return decode(raw)
        return None


def masked(payload: bytes, first: int = 0x82) -> bytes:
    """A frame of a client, whole and binary if nothing else is said (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 2**16:
        length = b"\xfe" + struct.pack(">H", size)
    else:
        length = b"\xff" + struct.pack(">Q", size)
    return bytes([first]) + length + b"\0\0\0\0" + payload
