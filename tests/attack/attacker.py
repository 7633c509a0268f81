"""A visitor with a free afternoon: tries everything against a running gateway, and keeps every byte that comes back."""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

import base64
import json
import os
import random
import socket
import struct
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit

from gateway import Gateway, widget_id
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from stagedoor.jupyter.framing import PROTOCOL, FramingError, decode, encode, join
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.recording import decode_recording

REQUESTS = [
    "execute_request", "inspect_request", "complete_request", "history_request", "is_complete_request",
    "connect_request", "comm_info_request", "kernel_info_request", "shutdown_request", "interrupt_request",
    "debug_request", "comm_open", "comm_close", "comm_msg", "create_subshell_request", "delete_subshell_request",
    "list_subshell_request", "usage_request", "input_request", "input_reply", "apply_request", "abort_request",
    "stagedoor_fork", "stagedoor_freeze", "stagedoor_import", "stagedoor_modules", "stagedoor_session",
    "stagedoor_render", "status", "stream", "display_data", "error", "execute_reply", "nonsense", "", "EXECUTE_REQUEST",
]  # fmt: skip
CHANNELS = ["shell", "control", "stdin", "iopub", "hb", "", "SHELL", "shell\0", "../shell"]
CODE = "print(open(__file__).read()); import os; print(os.environ); In"
NASTY: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 2**200, 1.5, -1e308, "", "x", "\0", "IPY_MODEL_x", "<script>alert(1)</script>",
    "../../etc/passwd", "__class__", [], [[]], ["x"], [1, 2], {}, {"a": 1}, {"__proto__": 1}, [None], "€" * 50,
    {"year": 0, "month": 99, "date": -1}, [{"name": "../../x", "type": "", "size": 1, "last_modified": 0}],
]  # fmt: skip


_FRAMES_A_LINE = 15
"""The gateway cuts off whoever sends more that is no message; what comes after that would not be tried."""


class Attacker:
    """Attacks one gateway; ``received`` are all bytes of it by where they came from, ``tried`` counts by kind."""

    def __init__(self, gateway: Gateway, app: str) -> None:
        self.gateway = gateway
        self.app = app
        self.address = urlsplit(gateway.url)
        self.received: list[tuple[str, bytes]] = []
        self.tried: Counter[str] = Counter()
        body = gateway.get(f"/apps/{app}/recording").content
        self.recording = decode_recording(body)
        self.received.append(("recording", body))

    # -- HTTP ---------------------------------------------------------------------------------------------------------

    def raw(self, kind: str, request: bytes, *, limit: float = 3.0) -> bytes:
        """Sends bytes to the port; returns what comes back until the gateway closes, or is silent."""
        self.tried[kind] += 1
        answer = b""
        with self._socket(limit) as connection, suppress(OSError):
            connection.sendall(request)
            while chunk := connection.recv(2**16):
                answer += chunk
        head, _, body = answer.partition(b"\r\n\r\n")
        self.received.append((f"{kind}: {request[:80]!r}", head))
        self.received.append((f"{kind}: {request[:80]!r}", body))
        return answer

    def get(self, target: str, *headers: str, method: str = "GET", kind: str = "routes") -> bytes:
        lines = [f"{method} {target} HTTP/1.1", "Host: " + self.address.netloc, "Connection: close", *headers, "", ""]
        return self.raw(kind, "\r\n".join(lines).encode("latin-1", "replace"))

    def routes(self) -> None:
        """Every route, every neighbour of one, and every way to write a path."""
        app = self.app
        paths = [
            "/", "/stagedoor.js", "/assets/", "/assets", f"/apps/{app}", "/apps", "/apps/", f"/apps/{app}/", "/api",
            f"/apps/{app}/recording", f"/apps/{app}/live", "/healthz", "/metrics", "/api/kernels", "/api/contents",
            f"/apps/{app}.py", f"/apps/{app}.ipynb", f"/apps/{app}/{app}.py", f"/{app}.py", "/static/", "/files/",
            f"/api/contents/{app}.py", "/api/kernelspecs", "/api/sessions", "/tree", "/lab", "/nbextensions/",
            "/apps/book/recording", "/apps/book", "/apps/broken", "/apps/broken/recording", "/apps/broken/live",
            "/apps/failing", "/apps/failing/recording", "/apps/outside", "/apps/outside/recording", "/.git/config",
            f"/apps/{app}/source", f"/apps/{app}/recording?generation=x", f"/apps/{app}?token=%22%3E", "/favicon.ico",
            "/openapi.json", "/docs", "/debug", "/server-status", "/stagedoor.toml", "/__pycache__/", "/apps/_helper",
        ]  # fmt: skip
        for path in paths:
            self.get(path)
        for method in ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "PROPFIND", "get"]:
            for path in (f"/apps/{app}/recording", f"/apps/{app}", "/metrics", "/stagedoor.js"):
                self.get(path, method=method)
        for encoding in ["gzip", "br", "identity", "deflate", "*", "gzip;q=0", ""]:
            self.get(f"/apps/{app}/recording", f"Accept-Encoding: {encoding}")
        for header in [
            "Range: bytes=0-99",
            "If-None-Match: *",
            'If-None-Match: "x"',
            "Accept: text/x-python",
            "Origin: null",
        ]:
            self.get(f"/apps/{app}/recording", header)

    def traversal(self, names: Sequence[str]) -> None:
        """Paths to files that are near, in every encoding of dots and slashes."""
        dots = ["..", "%2e%2e", "%252e%252e", "..%00", "%c0%ae%c0%ae", ".%2e", "..;", "%u002e%u002e", "....//"]
        slashes = ["/", "%2f", "%252f", "\\", "%5c", "//", "%c0%af"]
        for prefix in ("/assets/", "/apps/", f"/apps/{self.app}/", "/"):
            for dot in dots:
                for slash in slashes:
                    for name in names:
                        self.get(f"{prefix}{(dot + slash) * 3}{name}", kind="traversal")
            for name in names:
                for path in (name, quote(name, safe=""), f"/{name}", f"file://{name}", f"%00{name}", f"{name}%00.js"):
                    self.get(prefix + path, kind="traversal")

    def smuggling(self) -> None:
        """Requests that two servers read differently; what is hidden in them asks for the metrics."""
        inner = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
        host, path = f"Host: {self.address.netloc}\r\n".encode(), f"/apps/{self.app}/recording".encode()
        bodies = [
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
            b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + inner,
            b"Transfer-Encoding: xchunked\r\n\r\n" + inner,
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
            b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + inner,
            b"Content-Length: +5\r\n\r\n" + inner,
            b"Content-Length: 5\n\n" + inner,
            b"X: a\r\n Content-Length: 5\r\n\r\n" + inner,
            b"X: a\rContent-Length: 5\r\n\r\n" + inner,
            b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n" + inner,
        ]
        for body in bodies:
            self.raw("smuggling", b"GET " + path + b" HTTP/1.1\r\n" + host + b"Connection: close\r\n" + body, limit=0.5)
        starts = [
            b"GET " + path + b"\r\n\r\n", b"GET http://127.0.0.1:1/" + path + b" HTTP/1.1\r\n\r\n", b"\r\n" * 200,
            b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64,
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        ]  # fmt: skip
        for start in starts:
            self.raw("smuggling", start, limit=0.5)

    def hosts(self) -> None:
        """Other names for the gateway, and other places for its visitors."""
        for host in ["evil.example", "", "127.0.0.1:1", "[::1]", "a" * 5000, "x\0y", "localhost@evil.example", "é"]:
            for path in (f"/apps/{self.app}", f"/apps/{self.app}/recording", "/nothing"):
                request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: http://{host}\r\n\r\n"
                self.raw("hosts", request.encode("utf-8"))
        for header in ["X-Forwarded-For: 1.2.3.4", "Forwarded: for=x;host=evil", "X-Forwarded-Host: evil.example",
                       "X-Original-URL: /metrics", "X-Forwarded-Prefix: /evil", "X-Forwarded-Proto: javascript"]:  # fmt: skip
            self.get(f"/apps/{self.app}", header, kind="hosts")

    # -- the websocket ------------------------------------------------------------------------------------------------

    def handshakes(self) -> None:
        """Websockets of other origins, to other places, in other protocols."""
        upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        key = "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()
        speaks = f"Sec-WebSocket-Protocol: {PROTOCOL}"
        target = f"/apps/{self.app}/live"
        for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "file://", "http://127.0.0.1.evil.example",
                       self.gateway.url + "@evil.example", "javascript:0", "", "https://evil.example\\@127.0.0.1"]:  # fmt: skip
            answer = self.get(target, *upgrade, key, speaks, f"Origin: {origin}", kind="handshakes")
            assert b" 101 " not in answer.split(b"\r\n")[0], f"a page of {origin!r} may connect"
        for headers in [[*upgrade, key], [*upgrade, speaks], [*upgrade, key, "Sec-WebSocket-Protocol: x, y"],
                        [*upgrade[:2], key, speaks, "Sec-WebSocket-Version: 7"], upgrade[:1]]:  # fmt: skip
            self.get(target, *headers, kind="handshakes")
        for path in [
            "/",
            "/apps/x/live",
            "/apps/broken/live",
            "/live",
            f"/apps/{self.app}/live/",
            "/metrics",
            "/api/kernels/x/channels",
        ]:
            self.get(path, *upgrade, key, speaks, kind="handshakes")

    @contextmanager
    def connection(self, **options: Any) -> Iterator[Line]:
        """A live connection, on which everything that comes is kept."""
        url = f"ws{self.gateway.url[4:]}/apps/{self.app}/live?generation={self.recording.generation}"
        websocket = connect(url, subprotocols=[PROTOCOL], max_size=None, compression=None, legacy=True, **options)  # type: ignore[list-item]
        self.received += [
            ("handshake", f"{key}: {value}".encode()) for key, value in websocket.response.headers.raw_items()
        ]  # type: ignore[union-attr]
        line = Line(websocket, self)
        try:
            yield line
        finally:
            with suppress(ConnectionClosed, OSError):
                line.drain(0.05)
            websocket.close()

    def messages(self, *, opened: bool) -> None:
        """Every type of message on every channel, in a session or before there is one."""
        slider = self.comm("IntSliderModel")
        content = {"code": CODE, "comm_id": slider, "target_name": "jupyter.widget", "data": {"method": "request_state"},
                   "session": "", "silent": False, "value": CODE, "detail_level": 1, "hist_access_type": "tail", "n": 99,
                   "command": "variables", "arguments": {}, "seconds": 1, "modules": ["os"], "folder": "/"}  # fmt: skip
        for channel in CHANNELS:
            with self.connection() as line:
                if opened:
                    line.open()
                for msg_type in REQUESTS:
                    self.tried["messages"] += 1
                    if not line.send(channel, msg_type, content):
                        break
                line.drain(0.05)

    def escapes(self) -> None:
        """The same, hidden: escaped, repeated, nested, in other parts of the message."""
        run = {"code": CODE}
        hidden = [
            b'{"msg_id": "p", "msg_type": "execute\\u005frequest"}',
            b'{"msg_id": "p", "msg_type": "comm_msg", "msg_type": "execute_request"}',
            b'{"msg_id": "p", "msg_type": "execute_request", "msg_type": "comm_msg"}',
            b'{"msg_id": "p", "MSG_TYPE": "execute_request", "msg_type": "comm_msg"}',
            b'{"msg_id": "p", "msg_type": ["execute_request"]}',
            b'{"msg_id": "p", "msg_type": "execute_request\\u0000"}',
            b'{"msg_id": "cell-0", "msg_type": "comm_msg"}',
            b'{"msg_id": "~0", "msg_type": "comm_msg"}',
            b'{"msg_id": "p", "msg_type": "comm_msg", "subshell_id": "x", "session": "x", "username": "root"}',
            '{"msg_id": "p", "msg_type": "\uff45xecute_request"}'.encode(),
        ]
        slider = self.comm("IntSliderModel")
        data = {"comm_id": slider, "data": {"method": "update", "state": {"value": 1}, "buffer_paths": []}}
        contents: list[bytes] = [
            json.dumps(run).encode(), json.dumps(data).encode(), json.dumps(data | run).encode(),
            json.dumps(data).encode()[:-1] + b', "comm_id": "x"}', json.dumps(data).replace("1", "NaN").encode(),
            json.dumps(data).replace("1", "1" * 400).encode(), b'{"a":' * 50_000, b"[" * 100_000, b"\xff\xfe{\0}\0",
            json.dumps(data).replace("value", "\\ud800").encode(), json.dumps(data).encode("utf-16"), b"", b"null",
            json.dumps({"header": {"msg_type": "execute_request"}, "content": run}).encode(),
        ]  # fmt: skip
        for header in hidden:
            for content in contents:
                self.frame(
                    join([b"shell", header, b'{"msg_id": "cell-0"}', b'{"cellId": "x"}', content]), kind="escapes"
                )

    def frames(self, randomness: random.Random | None = None, rounds: int = 1) -> None:
        """Frames that are none."""
        good = encode(Message("shell", "comm_msg", {"comm_id": self.comm("IntSliderModel"), "data": {}}, msg_id="p"))
        count = struct.unpack_from("<Q", good)[0]
        shapes = [
            b"", b"\0", b"\0" * 16, good[:-1], good + b"x", good[8:], struct.pack("<Q", 2**64 - 1) + good[8:],
            struct.pack("<Q", 0) + good[8:], struct.pack("<Q", 1) + good[8:], b"{}", b"[]", b"\xff" * 64,
            *(struct.pack("<Q", count) + struct.pack("<Q", at) + good[16:] for at in (0, 8, 2**63, 2**64 - 1, len(good))),
            *(good[:32] + struct.pack("<Q", at) + good[40:] for at in (0, 56, 57, 2**32, len(good) + 1)),
            join([b"shell"] * 4), join([b"x"] * 4000), join([b""] * 5), join([b"shell", b"{}", b"{}", b"{}", b"{}"]),
        ]  # fmt: skip
        for shape in shapes:
            self.frame(shape, kind="frames")
        for text in [
            "{}",
            json.dumps({"channel": "shell", "header": {"msg_type": "execute_request"}, "content": {"code": CODE}}),
        ]:
            self.frame(text, kind="frames")
        randomness = randomness or random.Random(1)
        for _ in range(rounds):
            damaged = bytearray(good)
            for _ in range(randomness.randint(1, 6)):
                damaged[randomness.randrange(len(damaged))] = randomness.randrange(256)
            self.frame(
                bytes(damaged[: randomness.randint(1, len(damaged))] if randomness.random() < 0.2 else damaged),
                kind="frames",
            )

    _line: Any = None
    _frames = 0

    def frame(self, frame: bytes | str, *, kind: str) -> None:
        """One frame, on a connection that lasts as long as the gateway lets it."""
        self.tried[kind] += 1
        if self._line is None or self._frames >= _FRAMES_A_LINE:
            self.close_line()
            self._context, self._frames = self.connection(), 0
            self._line = self._context.__enter__()
        self._frames += 1
        self._line.send_raw(frame)

    def close_line(self) -> None:
        if self._line is not None:
            self._line = None
            self._context.__exit__(None, None, None)

    def wire(self) -> None:
        """The websocket protocol itself: lengths, fragments, bombs, masks, reserved bits."""
        bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = bomb.compress(b"\0" * 50_000_000) + bomb.flush(zlib.Z_SYNC_FLUSH)
        shapes = [
            b"\x82\xff" + struct.pack(">Q", 2**63 - 1) + b"abcd", b"\x82\xff" + struct.pack(">Q", 200 * 2**20) + b"abcd" * 9,
            b"\x82\xff" + struct.pack(">Q", 2**64 - 1), b"\x82\x05hello", b"\xc2" + _masked(packed)[1:], b"\xf2\x80abcd",
            b"\x83\x80abcd", b"\x80\x80abcd", b"\x02\x80abcd" * 2000, b"\x09\x80abcd", b"\x89\xfe\x00\xffabcd" + b"x" * 255,
            b"\x88\x82abcd\0\0", b"\x88\x81abcda", b"\x81" + _masked(b"\xff\xfe\xfd")[1:], b"\x02\x81abcda" + b"\x00\x81abcda" * 1000,
            b"\x8a\x80abcd" * 500, b"\x89\x80abcd" * 500,
        ]  # fmt: skip
        key = base64.b64encode(os.urandom(16)).decode()
        head = (f"GET /apps/{self.app}/live HTTP/1.1\r\nHost: {self.address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n"
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n")  # fmt: skip
        for shape in shapes:
            answer = self.raw("wire", head.encode() + shape, limit=0.3)
            assert b"permessage-deflate" not in answer

    def comms(self, rounds: int = 1) -> None:
        """Every trait of every widget with nasty values, buffers at nowhere, others' widgets."""
        opened = [message.content for message in self.recording.messages if message.msg_type == "comm_open"]
        for content in opened:
            comm_id, state = content["comm_id"], content["data"]["state"]
            with self.connection() as line:
                line.open()
                for data, buffers in self._comm_attacks(state, rounds):
                    self.tried["comms"] += 1
                    line.comm(comm_id, data, buffers)
                line.until_idle()
        with self.connection() as line:
            line.open()
            for comm_id in ["", "x", "0" * 32, "jupyter.widget.control", None, 3, ["x"], {"x": 1}]:
                for target in [
                    "jupyter.widget",
                    "jupyter.widget.control",
                    "jupyter.widget.version",
                    "matplotlib",
                    "target",
                ]:
                    self.tried["comms"] += 1
                    line.send("shell", "comm_open", {"comm_id": comm_id, "target_name": target, "data": {"state": {}}})
                    line.comm(comm_id, {"method": "request_states"})

    def _comm_attacks(self, state: dict[str, Any], rounds: int) -> Iterator[tuple[Any, Sequence[bytes]]]:
        """What is sent to one widget; nothing of it is what its view would send."""
        for trait in [*state, "comm", "keys", "_msg_callbacks", "__class__", "msg_id", "outputs", "log", "_esm"]:
            for value in random.Random(trait).sample(NASTY, min(len(NASTY), 3 * rounds)):
                yield {"method": "update", "state": {trait: value}, "buffer_paths": []}, ()
        for path in [["value", 0, "content"], ["value"], ["layout"], ["x"] * 70, [0], ["__class__", "__init__"]]:
            yield {"method": "update", "state": {}, "buffer_paths": [path]}, [b"x"]
        for content in [
            None,
            [],
            "x",
            {"event": "click", "x": 1},
            {"event": {"x": 1}},
            {"event": "submit", "x": CODE},
            3,
        ]:
            yield {"method": "custom", "content": content}, ()
        for method in ["request_state", "request_states", "backbone", "echo_update", None, {}]:
            yield {"method": method, "state": {}}, ()

    def sessions(self) -> None:
        """Sessions of others."""
        with self.connection() as mine:
            news = mine.open()
            for wanted in [
                news["id"],
                "",
                "x",
                "0" * 32,
                news["session"][:-1],
                news["session"].lower(),
                None,
                3,
                ["x"],
            ]:
                for received in [0, -1, 2**70, "0", None, True]:
                    self.tried["sessions"] += 1
                    with self.connection() as other:
                        other.send("control", "stagedoor_resume", {"session": wanted, "received": received})
                        other.drain(0.02)
                        assert not any(b'"live"' in data for where, data in self.received[-2:] if where == "frame")
            assert news["session"] not in self.gateway.get("/metrics").text
            assert not self.gateway.logged(news["session"])

    def press(self, label: str) -> None:
        """Presses a button of the app and waits until the app is through with it, or has ended."""
        self.tried["errors"] += 1
        button = self.comm("ButtonModel", description=label)
        with self.connection() as line:
            line.open()
            line.comm(button, {"method": "custom", "content": {"event": "click"}})
            line.until_idle()

    def act(self, model: str, state: dict[str, Any]) -> None:
        """Uses a widget as its view would."""
        self.tried["errors"] += 1
        with self.connection() as line:
            line.open()
            line.update(self.comm(model), state)
            line.until_idle()

    def comm(self, model: str, **state: Any) -> str:
        """The id of the first widget of this model whose state is so."""
        return widget_id(self.recording, model, **state)

    @property
    def labels(self) -> list[str]:
        """What the app's buttons say."""
        states = [m.content["data"]["state"] for m in self.recording.messages if m.msg_type == "comm_open"]
        return [state["description"] for state in states if state.get("_model_name") == "ButtonModel"]

    def _socket(self, limit: float) -> socket.socket:
        return socket.create_connection((self.address.hostname, self.address.port), limit)  # type: ignore[arg-type]


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

    def open(self) -> Any:
        """Opens a session and waits until it is live; returns what was said of it."""
        self.send("control", "stagedoor_open", {})
        while True:
            message = self._next(30.0)
            if (
                message is not None
                and message.msg_type == "stagedoor_session"
                and message.content["state"] != "starting"
            ):
                return message.content

    def until_idle(self, limit: float = 60.0) -> None:
        """Until the last message has been dealt with, or the session has ended."""
        wanted, deadline = f"p-{self._sent}", time.monotonic() + limit
        with suppress(ConnectionClosed):
            while time.monotonic() < deadline:
                message = self._next(limit)
                if message is None:
                    continue
                if message.msg_type == "stagedoor_session" and message.content["state"] in {"ended", "failed"}:
                    return None
                if (
                    message.msg_type == "status"
                    and message.parent_id == wanted
                    and message.content["execution_state"] == "idle"
                ):
                    return self.drain(0.1)
            raise AssertionError("the app does not become idle")

    def drain(self, silence: float) -> None:
        """Takes what comes until nothing comes for so long."""
        with suppress(TimeoutError, ConnectionClosed):
            while True:
                self._next(silence)

    def _next(self, limit: float) -> Message | None:
        data = self._websocket.recv(limit)
        raw = data.encode() if isinstance(data, str) else data
        self._attacker.received.append(("frame", raw))
        with suppress(FramingError):
            return decode(raw)
        return None


def _masked(payload: bytes) -> bytes:
    """A whole binary frame of a client."""
    size = len(payload)
    length = (
        bytes([0x80 | size])
        if size < 126
        else b"\xfe" + struct.pack(">H", size)
        if size < 2**16
        else b"\xff" + struct.pack(">Q", size)
    )
    return b"\x82" + length + b"\0\0\0\0" + payload
