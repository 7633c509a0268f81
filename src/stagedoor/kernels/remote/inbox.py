"""What a kernel has said and nobody has received yet."""

from __future__ import annotations

import asyncio
from collections import deque

from ...jupyter.message import Message
from ..protocol import KernelDied

MOST_UNREAD = 16 * 2**20
"""Bytes that may be unread; then no more is read from the line, and the server keeps the rest."""


class Inbox:
    """Messages in the order in which they came."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._death: KernelDied | None = None

    @property
    def full(self) -> bool:
        """Whether nobody receives as fast as the kernel speaks."""
        return not self._room.is_set()

    async def put(self, message: Message) -> None:
        """Takes a message in, when there is room for it."""
        await self._room.wait()
        self._messages.append(message)
        self._bytes += message.size
        if self._bytes > MOST_UNREAD:
            self._room.clear()
        self._changed.set()

    async def get(self) -> Message:
        """The next message.

        Raises:
            KernelDied: there is none, and there will be none.
        """
        while not self._messages:
            if self._death is not None:
                raise self._death
            self._changed.clear()
            await self._changed.wait()
        message = self._messages.popleft()
        self._bytes -= message.size
        if self._bytes <= MOST_UNREAD:
            self._room.set()
        return message

    def end(self, death: KernelDied) -> None:
        """No more comes."""
        self._death = death
        self._changed.set()
        self._room.set()
