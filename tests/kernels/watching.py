"""Watching processes, and waiting for what they do."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from stagedoor.apps import App
from stagedoor.jupyter.message import Message

MakeApp = Callable[[str], App]


def is_running(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] not in "ZX"


def is_there(pid: int) -> bool:
    """Whether a process is there, were it a zombie."""
    return Path(f"/proc/{pid}").exists()


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


async def until_async(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for a condition while the event loop goes on."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- it is about other processes
            await asyncio.sleep(0.02)


def printed(messages: list[Message]) -> str:
    """All that was printed."""
    return "".join(message.content["text"] for message in messages if message.msg_type == "stream")


def own_processes() -> set[int]:
    """The processes that this one has started, and theirs, however deep."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and is_running(int(entry.name)):
            stat = Path(f"/proc/{entry.name}/stat").read_text().rpartition(") ")[2].split()
            children.setdefault(int(stat[1]), []).append(int(entry.name))
    found, new = set[int](), [os.getpid()]
    while new:
        new = [child for pid in new for child in children.get(pid, [])]
        found.update(new)
    return found
