"""A visitor's kernel: the template goes on from here, alone with its visitor."""

from __future__ import annotations

import asyncio
import os
import uuid

from .forkable import ForkableKernel
from .limits import Limits
from .pipe import Pipe, die
from .restrain import restrain
from .streams import Backstage


def live(kernel: ForkableKernel, pipe: Pipe, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
    """Serves the visitor until the gateway closes the socket; then this process ends."""
    _take_over(kernel, pipe)
    restrain(limits)
    backstage = Backstage(kernel.streams)
    backstage.start()
    arrived: asyncio.Queue[None] = asyncio.Queue()

    def readable() -> None:
        if not pipe.read():
            die()
        while message := pipe.receive():
            kernel.waiting.append(message)
            arrived.put_nowait(None)

    async def serve() -> None:
        while True:
            await arrived.get()
            if kernel.waiting:
                await kernel.dispatch(kernel.waiting.popleft())
            while kernel.waiting and arrived.empty():
                await kernel.dispatch(kernel.waiting.popleft())  # what came while the app asked something

    loop.add_reader(pipe.socket.fileno(), readable)
    loop.run_until_complete(serve())


def _take_over(kernel: ForkableKernel, pipe: Pipe) -> None:
    """The kernel's messages go to this child's gateway from now on, and nothing of the template's goes with them."""
    kernel.pipe = kernel.session.pipe = pipe
    kernel.session.pid = os.getpid()
    kernel.session.session = uuid.uuid4().hex
    kernel.waiting.clear()
    for stream in kernel.streams.values():
        stream.after_fork()
