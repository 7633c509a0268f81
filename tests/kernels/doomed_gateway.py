"""A gateway of the simplest kind, to be killed: opens a kernel, performs an app, says which processes there are."""

import asyncio
import sys
from pathlib import Path

from stagedoor.apps.script import read_script
from stagedoor.jupyter.message import Message
from stagedoor.kernels.perform import perform
from stagedoor.kernels.stock import StockKernels


async def main() -> None:
    source = StockKernels()
    app = read_script(Path(sys.argv[1]))
    kernel = await source.open(app)
    assert source._warden._process
    print("folder", source._warden.folder)
    print("kernel", kernel.pid)
    print("warden", source._warden._process.pid)

    def show(message: Message) -> None:
        if message.msg_type == "stream":
            print(message.content["text"], end="")

    assert (await perform(kernel, app, show)).ok
    print("done", flush=True)
    await asyncio.sleep(600)


asyncio.run(main())
