"""An app is performed: all of it, or up to where it fails, asks, dies or never ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import plotly
import pytest
from watching import MakeApp, printed

from stagedoor.jupyter.message import Message
from stagedoor.kernels.asking import evaluate, evaluate_text, run_silently
from stagedoor.kernels.perform import perform, plotly_script
from stagedoor.kernels.protocol import KernelDied
from stagedoor.kernels.stock import StockKernels


async def test_cells_run_in_order_as_ipython_runs_them(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app(
        "print('one')\n# %% magic\n%matplotlib inline\nx = 20\nx + 1\n"
        "# %% wait\nimport asyncio\nawait asyncio.sleep(0)\ndisplay(x + 2)\n"
    )
    kernel = await source.open(app)
    messages: list[Message] = []
    outcome = await perform(kernel, app, messages.append)
    assert outcome.ok
    shown = [
        (message.parent_id, message.content.get("text") or message.content["data"]["text/plain"])
        for message in messages
        if message.msg_type in ("stream", "execute_result", "display_data")
    ]
    assert shown == [("cell-0", "one\n"), ("cell-1", "21"), ("cell-2", "22")]
    assert {message.channel for message in messages} == {"iopub"}
    assert {message.parent_id for message in messages} == {"cell-0", "cell-1", "cell-2"}


async def test_an_error_ends_it(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("print('one')\n# %% bad\n{}['key']\n# %% never\nprint('three')\n")
    kernel = await source.open(app)
    messages: list[Message] = []
    outcome = await perform(kernel, app, messages.append)
    assert (outcome.kind, outcome.cell, outcome.ename, outcome.evalue) == ("error", "bad", "KeyError", "'key'")
    assert "{}['key']" in "".join(outcome.traceback).replace("\x1b[", "") or outcome.traceback
    assert printed(messages) == "one\n"
    assert [message.msg_type for message in messages].count("error") == 1


async def test_a_syntax_error_is_an_error_of_its_cell(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("print('one')\n# %% bad\ndef (:\n")
    outcome = await perform(await source.open(app), app, lambda _: None)
    assert (outcome.kind, outcome.cell, outcome.ename) == ("error", "bad", "SyntaxError")


@pytest.mark.parametrize("body", ["while True: pass", "while True: print('again ' * 1000)"])
async def test_an_endless_run_is_interrupted(source: StockKernels, make_app: MakeApp, body: str) -> None:
    app = make_app(f"# %% loop\n{body}\n# %% never\nprint('three')\n")
    kernel = await source.open(app)
    messages: list[Message] = []
    outcome = await perform(kernel, app, messages.append, limit=0.5)
    assert (outcome.kind, outcome.cell) == ("timeout", "loop")
    assert "three" not in printed(messages)
    assert await evaluate(kernel, "'alive'") == "'alive'"


async def test_the_limit_holds_for_all_cells_together(source: StockKernels, make_app: MakeApp) -> None:
    cells = "".join(f"# %% c{n}\nimport time; time.sleep(0.3)\n" for n in range(9))
    outcome = await perform(await source.open(app := make_app(cells)), app, lambda _: None, limit=0.5)
    assert (outcome.kind, outcome.cell) == ("timeout", "c1")


async def test_a_recording_stops_at_a_prompt(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("print('before')\nname = input('Who? ')\nprint('after')\n")
    kernel = await source.open(app)
    messages: list[Message] = []
    outcome = await perform(kernel, app, messages.append, stop_at_prompt=True)
    assert outcome.kind == "prompt"
    assert (messages[-1].channel, messages[-1].msg_type) == ("stdin", "input_request")
    assert messages[-1].content == {"prompt": "Who? ", "password": False}
    assert "after" not in printed(messages)


async def test_a_visitor_may_take_time_to_answer(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("name = input('Who? ')\nprint('hello', name)\n# %%\nprint('bye')\n")
    kernel = await source.open(app)
    messages: list[Message] = []
    asked = asyncio.Event()

    def on_message(message: Message) -> None:
        messages.append(message)
        if message.msg_type == "input_request":
            asked.set()

    performing = asyncio.create_task(perform(kernel, app, on_message, limit=0.5))
    await asked.wait()
    with pytest.raises(TimeoutError):  # longer than the app's own limit
        await asyncio.wait_for(asyncio.shield(performing), 0.8)
    await kernel.send(Message("stdin", "input_reply", {"value": "Ada", "status": "ok"}, msg_id="m1"))
    assert (await performing).ok
    assert printed(messages) == "hello Ada\nbye\n"


async def test_a_kernel_that_dies_ends_it(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("print('one')\n# %%\nimport os; os.kill(os.getpid(), 9)\n")
    with pytest.raises(KernelDied, match="was killed by SIGKILL"):
        await perform(await source.open(app), app, lambda _: None)


async def test_buffers_come_and_go_as_they_are(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app(
        "import comm\nc = comm.create_comm(target_name='t', buffers=[bytes(range(256)), b''])\n"
        "c.on_msg(lambda m: c.send({'back': True}, buffers=[bytes(b)[::-1] for b in m['buffers']]))\n"
    )
    kernel = await source.open(app)
    messages: list[Message] = []
    await perform(kernel, app, messages.append)
    (opened,) = [message for message in messages if message.msg_type == "comm_open"]
    assert [bytes(buffer) for buffer in opened.buffers] == [bytes(range(256)), b""]
    content = {"comm_id": opened.content["comm_id"], "data": {}}
    await kernel.send(Message("shell", "comm_msg", content, msg_id="m1", buffers=[b"\x00ab", memoryview(b"cd")]))
    async with asyncio.timeout(5):
        while (message := await kernel.receive()).msg_type != "comm_msg":
            pass
    assert message.parent_id == "m1"
    assert [bytes(buffer) for buffer in message.buffers] == [b"ba\x00", b"dc"]


async def test_asking_a_kernel_silently(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("x = 5")
    kernel = await source.open(app)
    await perform(kernel, app, lambda _: None)
    heard: list[Message] = []
    assert await evaluate(kernel, "x + 1", heard.append) == "6"
    assert await evaluate(kernel, "no_such_name", heard.append) is None
    assert await evaluate_text(kernel, "'it''s'", heard.append) == "its"
    assert await evaluate_text(kernel, "x", heard.append) is None
    reply = await run_silently(kernel, "1 / 0", heard.append)
    assert (reply.content["status"], reply.content["ename"]) == ("error", "ZeroDivisionError")
    assert heard == []


async def test_plotly_is_found_when_the_app_has_used_it(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app("x = 1")
    kernel = await source.open(app)
    assert await plotly_script(kernel, app) is None
    await run_silently(kernel, "import plotly")
    path = await plotly_script(kernel, app)
    assert path is not None
    assert path.name == "plotly.min.js"
    assert path.is_relative_to(Path(plotly.__file__).parent)
