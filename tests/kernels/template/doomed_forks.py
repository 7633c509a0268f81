"""A gateway of the simplest kind, to be killed: three visitors, one idle and two that hear nothing of its end."""

import asyncio
import sys
from pathlib import Path

from stagedoor.apps.script import read_script
from stagedoor.jupyter.transcript import Transcript
from stagedoor.kernels.asking import execute_request, run_silently
from stagedoor.kernels.perform import perform
from stagedoor.kernels.stock import StockKernels
from stagedoor.kernels.template.options import ForkOptions
from stagedoor.kernels.template.tiers import Forks

BUSY = ["", "while True: pass", "import ctypes; ctypes.PyDLL(None).sleep(600)"]


async def main() -> None:
    forks = Forks(StockKernels(), lambda name: ForkOptions(canary="off"))
    app = read_script(Path(sys.argv[1]))
    template = await forks.rehearse(app)
    pids = [template.pid]
    assert (await perform(template, app, lambda _: None)).ok
    kernels = await forks.adopt(app, template, Transcript([]), complete=True)
    for code in BUSY:
        kernel = await kernels.open()
        await run_silently(kernel, "1")
        await kernel.send(execute_request(code, "busy"))
        while (await kernel.receive()).content.get("execution_state") != "busy":
            pass
        pids.append(kernel.pid)
    print(*pids, forks._warden.folder, flush=True)
    await asyncio.sleep(600)


asyncio.run(main())
