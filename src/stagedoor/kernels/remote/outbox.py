"""What is to be sent to a kernel over a line that may be cut: each message once, and in order."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum

from ...jupyter.message import Message

MOST_WAITING = 32 * 2**20
"""Bytes that may wait for the line; whoever wants to send more waits, too."""

_KEPT = 8 * 2**20
_KEPT_MESSAGES = 512
_IN_ORDER = "shell"


class Gate(Enum):
    """What the line lets pass."""

    SHUT = "nothing: it is cut"
    URGENT = (
        "what the kernel deals with beside its work; the rest only when it is known what has arrived before the cut"
    )
    OPEN = "everything"


class Outbox:
    """Messages that wait to be sent, and those of which the kernel has not yet shown that it has them."""

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._waiting_urgent: deque[Message] = deque()
        self._bytes = 0
        self._sent: dict[str, Message] = {}
        self._sent_bytes = 0
        self._gate = Gate.SHUT
        self._changed = asyncio.Condition()
        self._ended = False

    @property
    def unanswered(self) -> bool:
        """Whether the kernel has not shown yet that it has got all that was sent."""
        return bool(self._sent)

    async def put(self, message: Message) -> None:
        """A message that is to be sent; waits while too much waits already."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._bytes < MOST_WAITING or self._ended)
            (self._waiting if message.channel == _IN_ORDER else self._waiting_urgent).append(message)
            self._bytes += message.size
            self._changed.notify_all()

    async def next(self) -> Message:
        """The message to send now; waits until there is one that may pass."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._passing() is not None)
            queue = self._passing()
            assert queue is not None
            message = queue.popleft()
            self._bytes -= message.size
            self._sent[message.msg_id] = message
            self._sent_bytes += message.size
            while len(self._sent) > 1 and (len(self._sent) > _KEPT_MESSAGES or self._sent_bytes > _KEPT):
                self.seen(next(iter(self._sent)))
            self._changed.notify_all()
            return message

    def seen(self, msg_id: str) -> None:
        """The kernel has shown that it has this message."""
        if (message := self._sent.pop(msg_id, None)) is not None:
            self._sent_bytes -= message.size

    def alive(self) -> None:
        """The kernel goes on with its work: it has had the answers that it waited for."""
        for message in [sent for sent in self._sent.values() if sent.channel != _IN_ORDER]:
            self.seen(message.msg_id)

    async def cut(self) -> None:
        """Nothing passes any more."""
        await self._set(Gate.SHUT)

    async def back(self) -> None:
        """The line is there again: answers that may not have arrived are sent again."""
        self._again([message for message in self._sent.values() if message.channel != _IN_ORDER])
        await self._set(Gate.URGENT)

    async def open(self) -> None:
        """The kernel has dealt with all that has arrived: what it has shown no sign of is sent again."""
        self._again([message for message in self._sent.values() if message.channel == _IN_ORDER])
        await self._set(Gate.OPEN)

    async def end(self) -> None:
        """Nobody waits any more."""
        self._ended = True
        await self._set(Gate.SHUT)

    def _again(self, messages: list[Message]) -> None:
        for message in reversed(messages):
            self.seen(message.msg_id)
            (self._waiting if message.channel == _IN_ORDER else self._waiting_urgent).appendleft(message)
            self._bytes += message.size

    def _passing(self) -> deque[Message] | None:
        if self._gate is not Gate.SHUT and self._waiting_urgent:
            return self._waiting_urgent
        return self._waiting if self._gate is Gate.OPEN and self._waiting else None

    async def _set(self, gate: Gate) -> None:
        async with self._changed:
            self._gate = gate
            self._changed.notify_all()
