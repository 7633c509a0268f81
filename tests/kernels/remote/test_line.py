"""The line to a kernel is cut, and comes back: nothing is lost, nothing is done twice; or it is told that it is."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from entries import entry
from jupyter_servers import JupyterServer, Proxy, until

from stagedoor.jupyter.message import Message
from stagedoor.kernels.asking import execute_request
from stagedoor.kernels.perform import perform
from stagedoor.kernels.protocol import KernelDied
from stagedoor.kernels.remote import line as line_module
from stagedoor.kernels.remote.kernel import RemoteKernel
from stagedoor.kernels.remote.source import RemoteKernels

APP = """
import ipywidgets, time, threading
button, slider = ipywidgets.Button(), ipywidgets.IntSlider()
count = 0
def click(_):
    global count
    count += 1
    print("click", count)
button.on_click(click)
def later():
    time.sleep(0.5)
    slider.value = 7
    print("later")
"""


class Audience:
    """Hears what a kernel says, from now on."""

    def __init__(self, kernel: RemoteKernel) -> None:
        self.kernel = kernel
        self.heard: list[Message] = []
        self.line: list[bool] = []
        kernel.watch_line(self._note)
        self._changed = asyncio.Event()
        self._death: KernelDied | None = None
        self._task = asyncio.create_task(self._listen())

    def _note(self, there: bool) -> None:
        self.line.append(there)
        self._changed.set()

    async def _listen(self) -> None:
        try:
            while True:
                self.heard.append(await self.kernel.receive())
                self._changed.set()
        except KernelDied as death:
            self._death = death
            self._changed.set()

    async def until(self, condition: object, limit: float = 30.0) -> None:
        assert callable(condition)
        async with asyncio.timeout(limit):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def until_dead(self) -> str:
        await self.until(lambda: self._death is not None, 60)
        return str(self._death)

    @property
    def text(self) -> str:
        return "".join(m.content["text"] for m in self.heard if m.msg_type == "stream")

    def comm(self, model: str, among: list[Message]) -> str:
        for message in among:
            if message.msg_type == "comm_open" and message.content["data"]["state"]["_model_name"] == model:
                return str(message.content["comm_id"])
        raise AssertionError(model)


@pytest.fixture
async def played(source: RemoteKernels) -> tuple[RemoteKernel, list[Message]]:
    """A kernel in which the app has been run, and what it said then."""
    app = entry(APP)
    kernel = await source.open(app)
    shown: list[Message] = []
    assert (await perform(kernel, app, shown.append)).ok
    return kernel, shown


def click(shown: list[Message], number: int) -> Message:
    comm_id = Audience.comm(None, "ButtonModel", shown)  # type: ignore[arg-type]
    data = {"method": "custom", "content": {"event": "click"}}
    return Message("shell", "comm_msg", {"comm_id": comm_id, "data": data}, msg_id=f"p-{number}")


async def test_what_is_done_while_the_line_is_cut_is_done_once_and_in_order(
    played: tuple[RemoteKernel, list[Message]], between: Proxy
) -> None:
    kernel, shown = played
    audience = Audience(kernel)
    await kernel.send(click(shown, 1))
    await audience.until(lambda: "click 1" in audience.text)
    between.cut()
    await audience.until(lambda: audience.line == [False])
    for number in range(2, 6):
        await kernel.send(click(shown, number))
    between.mend()
    await audience.until(lambda: "click 5" in audience.text)
    assert audience.text == "".join(f"click {number}\n" for number in range(1, 6))
    assert audience.line == [False, True]


async def test_what_the_kernel_says_meanwhile_is_heard_afterwards(
    played: tuple[RemoteKernel, list[Message]], between: Proxy, jupyter: JupyterServer
) -> None:
    kernel, shown = played
    audience = Audience(kernel)
    slider = audience.comm("IntSliderModel", shown)
    await run_until_idle(audience, "threading.Thread(target=later).start()")
    between.cut()
    await until(lambda: not jupyter.ask("GET", f"/api/kernels/{kernel.id}").json()["connections"])
    await asyncio.sleep(1)  # the app's own delay: what it says then, it says to nobody
    between.mend()
    await audience.until(lambda: "later" in audience.text)
    updates = [m for m in audience.heard if m.msg_type == "comm_msg" and m.content["comm_id"] == slider]
    assert audience.text == "later\n", "once"
    assert updates[0].content["data"]["state"]["value"] == 7


async def test_a_run_goes_on_over_a_cut(source: RemoteKernels, between: Proxy, jupyter: JupyterServer) -> None:
    app = entry("print('begin', flush=True)\nimport time; time.sleep(2)\nprint('end')\n# %%\nprint('next')\n")
    kernel = await source.open(app)
    heard: list[Message] = []

    def on_message(message: Message) -> None:
        heard.append(message)
        if message.msg_type == "stream" and "begin" in message.content["text"]:
            between.cut()
            asyncio.get_running_loop().call_later(1, between.mend)

    assert (await perform(kernel, app, on_message)).ok
    assert "".join(m.content["text"] for m in heard if m.msg_type == "stream") == "begin\nend\nnext\n"


async def test_an_answer_reaches_an_app_that_waits_for_it_over_a_cut(source: RemoteKernels, between: Proxy) -> None:
    app = entry("print('hello', input('who? '))")
    kernel = await source.open(app)
    audience = Audience(kernel)
    await kernel.send(execute_request(app.cells[0].code, "cell-0"))
    await audience.until(lambda: any(m.msg_type == "input_request" for m in audience.heard))
    between.cut()
    await audience.until(lambda: audience.line == [False])
    await kernel.send(Message("stdin", "input_reply", {"value": "there", "status": "ok"}, msg_id="p-1"))
    between.mend()
    await audience.until(lambda: "hello" in audience.text)
    assert audience.text == "hello there\n"


async def test_a_line_that_is_dead_without_a_word_is_noticed_and_the_widgets_tell_their_state(
    played: tuple[RemoteKernel, list[Message]], between: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel, shown = played
    audience = Audience(kernel)
    monkeypatch.setattr(line_module, "_SILENCE", 1.0)
    monkeypatch.setattr(line_module, "_TICK", 0.3)
    between.hold()
    await kernel.send(click(shown, 1))
    await audience.until(lambda: audience.line[:1] == [False])
    between.cut()
    between.mend()
    await audience.until(lambda: audience.text == "click 1\n")
    slider = audience.comm("IntSliderModel", shown)
    await audience.until(
        lambda: any(
            m.parent_id.startswith("refresh") and m.msg_type == "comm_msg" and m.content["comm_id"] == slider
            for m in audience.heard
        )
    )


async def test_what_arrived_before_a_cut_that_hid_it_is_not_done_twice(
    played: tuple[RemoteKernel, list[Message]], between: Proxy, jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel, shown = played
    audience = Audience(kernel)
    monkeypatch.setattr(line_module, "_SILENCE", 2.0)
    monkeypatch.setattr(line_module, "_TICK", 0.3)
    between.hold_answers()
    await kernel.send(click(shown, 1))
    await audience.until(lambda: audience.line == [False])
    between.pass_new()
    await kernel.send(click(shown, 2))
    await audience.until(lambda: "click 2\n" in audience.text)
    await audience.until(lambda: idles(audience, "p-1") and idles(audience, "p-2"))
    assert "click 3" not in audience.text, "the first click has been done once, and so has the second"


def idles(audience: Audience, msg_id: str) -> int:
    """How often the kernel has been said to be through with this message."""
    return sum(m.parent_id == msg_id and m.content.get("execution_state") == "idle" for m in audience.heard)


async def test_a_run_of_which_something_is_lost_does_not_pass_for_a_whole_one(
    source: RemoteKernels, between: Proxy, jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "_SILENCE", 1.0)
    monkeypatch.setattr(line_module, "_TICK", 0.3)
    app = entry("print('begin', flush=True)\nimport time\nfor n in range(100): time.sleep(0.1); print(n, flush=True)")
    kernel = await source.open(app)
    closed = asyncio.get_running_loop().create_future()

    def on_message(message: Message) -> None:
        if message.msg_type == "stream" and "begin" in message.content["text"]:
            between.hold()
            kernel.watch_line(lambda there: closed.done() or closed.set_result(between.pass_new()))

    with pytest.raises(KernelDied, match="what it said meanwhile is lost") as death:
        await perform(kernel, app, on_message)
    assert death.value.passing, "the app is run again"


async def test_a_kernel_that_another_has_ended_has_died(
    played: tuple[RemoteKernel, list[Message]], jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel, _ = played
    audience = Audience(kernel)
    jupyter.end_kernels()
    assert "has ended the kernel" in await audience.until_dead()
    with pytest.raises(KernelDied):
        await kernel.send(execute_request("1", "p-1"))


async def test_a_kernel_that_the_server_restarts_has_died_and_is_not_left(
    played: tuple[RemoteKernel, list[Message]], jupyter: JupyterServer
) -> None:
    kernel, _ = played
    audience = Audience(kernel)
    os.kill(await pid(kernel, audience), signal.SIGKILL)
    assert "has died" in await audience.until_dead()
    await until(lambda: not jupyter.kernels())


async def test_a_kernel_that_was_restarted_while_the_line_was_cut_has_died(
    played: tuple[RemoteKernel, list[Message]], jupyter: JupyterServer, between: Proxy
) -> None:
    kernel, _ = played
    audience = Audience(kernel)
    between.cut()
    await audience.until(lambda: audience.line == [False])
    await asyncio.to_thread(jupyter.ask, "POST", f"/api/kernels/{kernel.id}/restart")
    between.mend()
    assert "has started another one" in await audience.until_dead()


async def test_whoever_does_not_receive_lets_the_kernel_wait(source: RemoteKernels) -> None:
    app = entry(
        "from IPython.display import display\nfor n in range(60): display({'text/plain': 'x' * 2**20}, raw=True)"
    )
    kernel = await source.open(app)
    await kernel.send(execute_request(app.cells[0].code, "cell-0"))
    inbox = kernel.line._inbox
    await until(lambda: inbox.full)
    assert inbox._bytes < 20 * 2**20
    shown = 0
    while shown < 60:
        shown += (await kernel.receive()).msg_type == "display_data"


async def run_until_idle(audience: Audience, code: str, msg_id: str = "p-run") -> None:
    await audience.kernel.send(execute_request(code, msg_id))
    await audience.until(
        lambda: any(m.parent_id == msg_id and m.content.get("execution_state") == "idle" for m in audience.heard)
    )


async def pid(kernel: RemoteKernel, audience: Audience) -> int:
    await run_until_idle(audience, "import os; print('pid', os.getpid())", "p-pid")
    await audience.until(lambda: "pid" in audience.text)
    return int(audience.text.split()[-1])
