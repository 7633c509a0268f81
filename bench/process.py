"""A server under measurement: started in its own session, asked until it answers, and ended with all it started."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from .memory import tree

_READY_SECONDS = 90
_END_SECONDS = 8


class Broken(Exception):  # noqa: N818 -- it is what the measurement says
    """A peer did not do what was asked of it."""


async def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of a GET on 127.0.0.1; HTTP/1.0, so that the body is never in chunks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        lines = [f"GET {path} HTTP/1.0", f"Host: 127.0.0.1:{port}", "Accept-Encoding: identity"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        answer = await reader.read()
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/"):
        raise Broken(f"{path}: the connection was closed without an answer")
    return int(head.split(b" ", 2)[1]), body


class Server:
    """One process with its descendants.

    Args:
        command: what to run.
        log: the file that gets what it prints.
    """

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str], cwd: Path, log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                env={**os.environ, **environment},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The root of its process tree."""
        return self._process.pid

    async def ready(self, port: int, path: str) -> None:
        """Waits until a GET of the path gives 200.

        Raises:
            Broken: the server has ended, or took too long.
        """
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                status, _ = await get(port, path)
            except (OSError, Broken):
                status = 0
            if status == 200:
                return
            await asyncio.sleep(0.05)
        raise Broken(f"{self._process.args!r} is not ready; it printed:\n{self._log.read_text()[-2000:]}")

    async def stop(self) -> None:
        """Ends it as Ctrl-C would, then whatever it left behind."""
        family = list(_processes(tree(self.pid)))
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            await asyncio.to_thread(psutil.wait_procs, family[:1], _END_SECONDS)
        for process in family:
            if process.is_running():
                process.kill()
        await asyncio.to_thread(psutil.wait_procs, family, _END_SECONDS)
        self._process.wait()


def _processes(pids: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)
