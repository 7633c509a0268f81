"""What every peer can do, so that every measurement is written once."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from stagedoor.jupyter.message import Message

from ..apps import App


@dataclass(frozen=True)
class Reply:
    """Seconds from the message that a visitor sent.

    Attributes:
        first: until the first message of the kernel that answers it and says more than busy or idle.
        changed: until the changed output.
    """

    first: float
    changed: float


class Visitor(Protocol):
    """A visitor without a browser: the messages that the peer's page would send, and nothing else."""

    async def arrive(self) -> None:
        """Gets what the page gets before anybody uses it."""

    async def act(self) -> Reply:
        """Uses the widget once."""

    async def leave(self) -> None:
        """Goes away, as when the page is closed."""


class Peer(Protocol):
    """A server (or, for a bare kernel, nothing but kernels) that shows one app."""

    name: str
    """As told in tables."""

    async def start(self, app: App, work: Path) -> None:
        """Starts it, and waits until it has done what it does before anybody comes."""

    async def rest(self) -> None:
        """Waits until it has done what it does after a visitor's act, such as filling a pool."""

    async def stop(self) -> None:
        """Ends it with everything that it has started."""

    @property
    def pids(self) -> list[int]:
        """All of its processes."""

    def visitor(self) -> Visitor:
        """A new visitor."""


class PagePeer(Peer, Protocol):
    """A peer that shows the app in a page."""

    @property
    def page(self) -> str:
        """The page's address, once it has been started."""


def environment(work: Path) -> dict[str, str]:
    """Variables that keep a user's own settings of Jupyter, IPython and matplotlib out."""
    return {
        "JUPYTER_CONFIG_DIR": str(work / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(work / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(work / "jupyter-runtime"),
        "IPYTHONDIR": str(work / "ipython"),
        "MPLCONFIGDIR": str(work / "matplotlib"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def comm_message(app: App, comm_id: str, count: int) -> Message:
    """The message of a visitor's n-th act."""
    content = {"comm_id": comm_id, "data": app.data(count)}
    return Message("shell", "comm_msg", content, msg_id=uuid.uuid4().hex)


async def reply_to(message_id: str, sent: float, app: App, messages: AsyncIterator[Message]) -> Reply:
    """Reads on until the changed output that answers a message has come.

    Args:
        sent: `time.perf_counter()` just before it was sent.
    """
    first = 0.0
    async for message in messages:
        if message.parent_id != message_id or message.msg_type == "status":
            continue
        first = first or time.perf_counter() - sent
        if app.changed(message):
            return Reply(first, time.perf_counter() - sent)
    raise ConnectionError("the connection ended before the changed output came")


def comm_of(app: App, states: Mapping[str, Mapping[str, Any]]) -> str:
    """The id of the widget that visitors use, among the states of all widgets by their comm's id."""
    return next(comm for comm, state in states.items() if state.get("_model_name") == app.model)
