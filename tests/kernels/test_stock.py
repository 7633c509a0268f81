"""Stock kernels start, belong to their app, and say why when they cannot."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from watching import MakeApp, own_processes, printed, until_async

from stagedoor.apps import App
from stagedoor.jupyter.message import Message
from stagedoor.kernels.asking import evaluate, evaluate_text
from stagedoor.kernels.perform import perform
from stagedoor.kernels.protocol import KernelDied, KernelError
from stagedoor.kernels.stock import StockKernels

IPYKERNEL = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Installs a kernelspec for this test only."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def install(name: str, argv: list[str], **more: Any) -> None:
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, "language": "python"} | more
        (folder / "kernel.json").write_text(json.dumps(spec))

    return install


async def run(source: StockKernels, app: App) -> list[Message]:
    messages: list[Message] = []
    kernel = await source.open(app)
    outcome = await perform(kernel, app, messages.append)
    assert outcome.ok, outcome
    await kernel.close()
    return messages


async def test_the_kernel_is_at_home_in_the_apps_folder(
    source: StockKernels, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGEDOOR_SECRET", "hush")
    monkeypatch.setenv("MPLBACKEND", "agg")
    app = make_app(
        "import json, os, sys, neighbour\n"
        "print(json.dumps([os.getcwd(), sys.path[0], __file__, sys.argv, neighbour.answer, sys.executable,\n"
        "  os.environ.get('STAGEDOOR_SECRET'), os.environ['MPLBACKEND'], os.environ['PLOTLY_RENDERER'],\n"
        "  get_ipython().history_manager.enabled, '~' in get_ipython().ipython_dir, dir()]))\n"
    )
    (app.folder / "neighbour.py").write_text("answer = 42\n")
    *found, names = json.loads(printed(await run(source, app)))
    home = str(app.folder)
    assert found[:6] == [home, home, str(app.path), [str(app.path)], 42, sys.executable]
    assert found[6] is None
    assert found[7] == "module://matplotlib_inline.backend_inline"
    assert found[8:] == ["plotly_mimetype", False, False]
    assert not [name for name in names if "stagedoor" in name or name in ("prepare", "itertools", "hashlib", "comm")]


async def test_two_kernels_give_the_same_ids_to_the_same_widgets(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app(
        "import ipywidgets, comm\ndisplay(ipywidgets.IntSlider())\n"
        "comm.create_comm(target_name='t', comm_id='my-own').comm_id\n"
    )

    def comms(messages: list[Message]) -> list[str]:
        return [message.content["comm_id"] for message in messages if message.msg_type == "comm_open"]

    first, second = [comms(messages) for messages in await asyncio.gather(run(source, app), run(source, app))]
    assert first == second
    assert len(set(first)) == len(first) == 4
    assert first[-1] == "my-own"
    assert all(len(comm_id) == 32 for comm_id in first[:-1])
    other = comms(await run(source, replace(app, version="another")))
    assert not set(other[:-1]) & set(first)


async def test_python3_is_this_environment_whatever_the_user_has_installed(
    source: StockKernels, make_app: MakeApp, install: Any
) -> None:
    install("python3", ["/nowhere/python", "{connection_file}"])
    kernel = await source.open(make_app("1"))
    assert await evaluate_text(kernel, "__import__('sys').executable") == sys.executable


async def test_an_unknown_kernel_is_refused_in_one_sentence(source: StockKernels, make_app: MakeApp) -> None:
    with pytest.raises(KernelError, match=r"no kernel 'klingon' on this machine.*jupyter kernelspec list"):
        await source.open(replace(make_app("1"), kernel_name="klingon"))


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (["/nowhere/python", "{connection_file}"], "cannot be started: .*No such file"),
        (
            [sys.executable, "-c", "import sys; sys.exit('the engine is missing')"],
            "has ended with exit status 1; its last words: the engine is missing",
        ),
    ],
)
async def test_a_kernel_that_does_not_start_says_why(
    source: StockKernels, make_app: MakeApp, install: Any, argv: list[str], problem: str
) -> None:
    install("broken", argv)
    with pytest.raises(KernelError, match=problem):
        await source.open(replace(make_app("1"), kernel_name="broken"))


async def test_a_kernel_of_another_language_is_started_in_the_apps_folder(
    source: StockKernels, make_app: MakeApp, install: Any
) -> None:
    install("other", IPYKERNEL, language="other", interrupt_mode="message")
    app = replace(make_app("import os; print(os.getcwd())"), kernel_name="other", language="other")
    assert printed(await run(source, app)) == f"{app.folder}\n"


async def test_a_kernel_may_want_its_interrupts_as_messages(
    source: StockKernels, make_app: MakeApp, install: Any
) -> None:
    install("messages", IPYKERNEL, interrupt_mode="message")
    app = replace(make_app("while True: pass"), kernel_name="messages")
    kernel = await source.open(app)
    assert (await perform(kernel, app, lambda _: None, limit=0.2)).kind == "timeout"
    assert await evaluate(kernel, "6 * 7") == "42"


async def test_a_kernel_that_is_killed_says_so_at_once(source: StockKernels, make_app: MakeApp) -> None:
    kernel = await source.open(make_app("1"))
    assert kernel.pid is not None
    os.kill(kernel.pid, signal.SIGKILL)
    async with asyncio.timeout(1):
        with pytest.raises(KernelDied, match="was killed by SIGKILL"):
            await kernel.receive()
    with pytest.raises(KernelDied, match="was killed by SIGKILL"):
        await kernel.receive()
    with pytest.raises(KernelDied, match="was killed by SIGKILL"):
        await kernel.send(Message("shell", "kernel_info_request", {}, msg_id="m"))
    await kernel.close()


async def test_what_a_kernel_sent_before_it_died_is_received(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app(
        "print('farewell')\n# %%\nimport os, sys\nos.write(sys.__stderr__.fileno(), b'out of ink\\n')\nos._exit(3)\n"
    )
    kernel = await source.open(app)
    messages: list[Message] = []
    with pytest.raises(KernelDied, match="has ended with exit status 3; its last words: out of ink"):
        await perform(kernel, app, messages.append)
    assert printed(messages) == "farewell\n"


async def test_many_kernels_start_at_once(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("import os; print(os.getpid())")
    pids = {printed(messages) for messages in await asyncio.gather(*(run(source, app) for _ in range(8)))}
    assert len(pids) == 8


async def test_closing_the_source_ends_every_kernel(make_app: MakeApp) -> None:
    before = own_processes()
    source = StockKernels()
    kernels = await asyncio.gather(*(source.open(make_app("1")) for _ in range(2)))
    folder = source._warden.folder
    assert folder.stat().st_mode & 0o777 == 0o700
    await source.close()
    assert not folder.exists()
    assert own_processes() <= before
    for kernel in kernels:
        with pytest.raises(KernelDied):
            await kernel.receive()
    with pytest.raises(KernelError):
        await source.open(make_app("1"))


async def test_a_request_that_is_given_up_leaves_no_kernel(source: StockKernels, make_app: MakeApp) -> None:
    before = own_processes()
    opening = asyncio.create_task(source.open(make_app("1")))
    await until_async(lambda: own_processes() != before)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await until_async(lambda: own_processes() == before)


async def test_nothing_is_left_open(source: StockKernels, make_app: MakeApp) -> None:
    def open_files() -> Counter[str]:
        """Without numbers: descriptors of sockets have the number of the socket in their name."""
        links = []
        for link in Path("/proc/self/fd").iterdir():
            try:
                links.append(str(link.readlink()).partition("[")[0])
            except OSError:
                continue
        return Counter(links)

    app = make_app("1")
    await run(source, app)
    before = open_files()
    for _ in range(3):
        await run(source, app)
    await until_async(lambda: open_files() <= before)
