"""A visitor's kernel: the template goes on from here, alone with its visitor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable

from ...jupyter.message import Message
from .forkable import ForkableKernel
from .limits import Limits
from .pipe import Pipe
from .restrain import name_thread, restrain, tidy, yield_to_others
from .streams import Backstage

_MAX_UNREAD = 32 * 2**20
_QUIET_SECONDS = 1.0
"""After so long without a message there is time to tidy up."""


def live(kernel: ForkableKernel, pipe: Pipe, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
    """Serves the visitor until the gateway closes the socket, or the app ends the loop."""
    reader = Reader(pipe, loop)
    kernel.speak_through(pipe, reader.answer)
    backstage = Backstage(kernel.streams.values())
    restrain(limits)
    backstage.start()
    reader.start()

    async def serve() -> None:
        message = await reader.next()
        yield_to_others()
        while True:
            await kernel.dispatch(message)
            tidying = loop.call_later(_QUIET_SECONDS, tidy)
            message = await reader.next()
            tidying.cancel()

    serving = loop.create_task(serve())
    with contextlib.suppress(RuntimeError):  # `exit()` stops the loop
        loop.run_until_complete(serving)


class Reader(threading.Thread):
    """Reads what the gateway sends, whatever the app is doing.

    Were the socket read when the app has time, each side could wait until the other one reads. And when the gateway is
    gone, the process ends at once.
    """

    def __init__(self, pipe: Pipe, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="stagedoor-reader", daemon=True)
        self._pipe = pipe
        self._loop = loop
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._unread = 0
        self._room = threading.Condition()

    def run(self) -> None:
        """See :class:`threading.Thread`."""
        name_thread()
        while message := self._pipe.wait():
            if message.channel == "stdin":
                self._answers.put(message)
                continue
            with self._room:
                self._unread += message.size
                self._room.wait_for(lambda: self._unread <= _MAX_UNREAD or self._messages.empty())
            self._loop.call_soon_threadsafe(self._messages.put_nowait, message)
        os._exit(0)

    async def next(self) -> Message:
        """The next message for the kernel."""
        message = await self._messages.get()
        with self._room:
            self._unread -= message.size
            self._room.notify()
        return message

    def answer(self, ask: Callable[[], object]) -> Message:
        """Shows a prompt, and waits for the answer."""
        while not self._answers.empty():  # to an earlier one, which has been interrupted
            self._answers.get()
        ask()
        return self._answers.get()
