"""Real Jupyter servers for tests, and a proxy before them that can be cut, stopped, or made to answer otherwise."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from gateway import wait_until

from stagedoor.kernels.remote.access import certificates

TOKEN = "abcdef0123456789"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class JupyterServer:
    """A Jupyter server in a process of its own; it can be killed, and started again at the same address."""

    folder: Path
    port: int = field(default_factory=free_port)
    token: str = TOKEN
    base: str = "/"
    options: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    """Its certificate, where it is reached by TLS."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http{'s' if self.ca_file else ''}://127.0.0.1:{self.port}{self.base}".rstrip("/")

    def start(self) -> None:
        settings = {
            "ip": "127.0.0.1",
            "port": self.port,
            "port_retries": 0,
            "base_url": self.base,
            "root_dir": self.folder,
            "open_browser": False,
            "allow_root": True,
        }
        flags = [f"--ServerApp.{name}={value}" for name, value in settings.items()]
        command = [
            sys.executable,
            "-m",
            "jupyter_server",
            *flags,
            f"--IdentityProvider.token={self.token}",
            *self.options,
        ]
        with (self.folder / "server.log").open("ab") as log:
            own = {"IPYTHONDIR": str(self.folder / ".ipython"), "JUPYTER_RUNTIME_DIR": str(self.folder / ".runtime")}
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=os.environ | own | dict(self.environment),
                cwd=self.folder,
                start_new_session=True,
            )
        wait_until(self._answers, 60)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        options |= {"headers": {"Authorization": f"token {self.token}"}, "timeout": 30, "trust_env": False}
        return httpx.request(method, f"{self.url}{path}", verify=certificates(str(self.ca_file or "")), **options)

    def kernels(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "/api/kernels").json())

    def end_kernels(self) -> None:
        for kernel in self.kernels():
            self.ask("DELETE", f"/api/kernels/{kernel['id']}")

    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def stop(self) -> None:
        """Ends it with all its kernels, without a word."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGINT)
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            return self.ask("GET", "/api").status_code == 200
        except httpx.HTTPError:
            return False


async def until(condition: Callable[[], Any], limit: float = 30.0) -> None:
    """Waits for a condition, which may ask a server and so is looked at in a thread of its own."""
    async with asyncio.timeout(limit):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 -- what is asked is another process
            await asyncio.sleep(0.02)


@contextmanager
def jupyter_server(folder: Path, *options: str, **settings: Any) -> Iterator[JupyterServer]:
    server = JupyterServer(folder, options=options, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Proxy:
    """A TCP proxy before a server."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.canned: bytes | None = None
        """What is answered to every request, instead of what the server answers."""
        self.heard: list[bytes] = []
        """The beginnings of what clients have sent."""
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._flowing, self._answers_flowing = threading.Event(), threading.Event()
        self._open = True
        self.mend()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Closes every connection, and accepts none."""
        self._open = False
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def mend(self) -> None:
        self._open = True
        self._flowing.set()
        self._answers_flowing.set()

    def hold(self) -> None:
        """Passes nothing on, and says nothing of it."""
        self._flowing.clear()
        self.hold_answers()

    def hold_answers(self) -> None:
        """Passes on what clients say, and nothing of what the server says."""
        self._answers_flowing.clear()

    def pass_new(self) -> None:
        """New connections are passed on; those that are held stay so, and the server believes in them."""
        self._flowing, self._answers_flowing = threading.Event(), threading.Event()
        self.mend()

    def answer(self, status: str, content_type: str = "text/html", body: str = "", **headers: str) -> None:
        """Answers so from now on, and cuts what is there."""
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}Content-Length: {len(body)}"
        self.cut()
        self.canned = f"{head}\r\nConnection: close\r\n\r\n{body}".encode()
        self.mend()

    def pass_on(self) -> None:
        self.canned = None

    def close(self) -> None:
        self.mend()
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            if not self._open:
                client.close()
            elif self.canned is not None:
                self.heard.append(client.recv(65536))
                client.sendall(self.canned)
                client.close()
            else:
                server = socket.create_connection(("127.0.0.1", self._to))
                self._pairs.append((client, server))
                threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()
                self._pass(client, server, True)
                return
        client.close()

    def _pass(self, source: socket.socket, target: socket.socket, heard: bool) -> None:
        flowing = self._flowing if heard else self._answers_flowing
        with suppress(OSError):
            while data := source.recv(65536):
                if heard:
                    self.heard.append(data[:4096])
                flowing.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(server: JupyterServer) -> Iterator[Proxy]:
    between = Proxy(server.port)
    try:
        yield between
    finally:
        between.close()
