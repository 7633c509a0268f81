"""A real ipykernel with real widgets: what it says is folded into what a notebook would show."""

from __future__ import annotations

import ast
import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from stagedoor.jupyter.comms import remove_buffers, update_message
from stagedoor.jupyter.message import Message
from stagedoor.jupyter.recording import decode_recording, encode_recording
from stagedoor.jupyter.transcript import Transcript

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def message_of(received: dict[str, Any], channel: str) -> Message:
    """A message as jupyter_client gives it."""
    return Message(
        channel,
        received["header"]["msg_type"],
        received["content"],
        msg_id=received["header"]["msg_id"],
        parent_id=received["parent_header"].get("msg_id", ""),
        metadata=received["metadata"],
        buffers=received["buffers"],
    )


class Stage:
    """A transcript at a real kernel's side."""

    def __init__(self, client: BlockingKernelClient, cells: int) -> None:
        self.client = client
        self.transcript = Transcript([f"cell-{number}" for number in range(cells)])

    def send(self, channel: str, msg_type: str, content: Any, msg_id: str, buffers: Any = (), **metadata: str) -> None:
        message = self.client.session.msg(msg_type, content, metadata=metadata)
        message["header"]["msg_id"] = message["msg_id"] = msg_id
        socket = getattr(self.client, f"{channel}_channel").socket
        self.client.session.send(socket, message, buffers=list(buffers) or None)

    def run(self, cell: int, code: str, *, until: Callable[[Message], bool] | None = None) -> None:
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": True, "stop_on_error": False}
        self.send("shell", "execute_request", content, f"cell-{cell}")
        self.follow(f"cell-{cell}", until)

    def click(self, comm_id: str, msg_id: str) -> None:
        self.give({"comm_id": comm_id, "data": {"method": "custom", "content": {"event": "click"}}}, msg_id)

    def give(self, content: Any, msg_id: str, buffers: Any = ()) -> None:
        self.transcript.note_sent(msg_id, content["comm_id"], Message("shell", "comm_msg", content, buffers=buffers))
        self.send("shell", "comm_msg", content, msg_id, buffers)
        self.follow(msg_id)

    def give_back_captures(self) -> None:
        for comm_id, outputs in self.transcript.take_captured().items():
            message = update_message(comm_id, {"outputs": outputs})
            self.give(message.content, f"back-{comm_id}", message.buffers)

    def follow(self, parent_id: str, until: Callable[[Message], bool] | None = None) -> list[Message]:
        """Takes in what the kernel says until it has dealt with a message, or ``until`` holds for one."""
        seen: list[Message] = []
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for channel, receive in (("stdin", self.client.get_stdin_msg), ("iopub", self.client.get_iopub_msg)):
                try:
                    message = message_of(receive(timeout=0 if channel == "stdin" else 0.05), channel)
                except queue.Empty:
                    continue
                self.transcript.apply(message)
                seen.append(message)
                idle = message.msg_type == "status" and message.content["execution_state"] == "idle"
                if until(message) if until else (idle and message.parent_id == parent_id):
                    return seen
        pytest.fail("the kernel has not come to an end")

    def evaluate(self, expression: str) -> str:
        """The repr of a value in the kernel, behind the transcript's back."""
        reply = self.client.execute(
            "", user_expressions={"value": expression}, store_history=False, reply=True, timeout=60
        )
        self.follow(reply["parent_header"]["msg_id"])
        return str(reply["content"]["user_expressions"]["value"]["data"]["text/plain"])

    def comm_id(self, model_name: str) -> str:
        [comm_id] = [comm_id for name, comm_id in self.transcript.models() if name == model_name]
        return comm_id

    def notebook(self, cell: int) -> list[dict[str, Any]]:
        return self.transcript.outputs_of(f"cell-{cell}").as_notebook()


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def stage(client: BlockingKernelClient) -> Stage:
    stage = Stage(client, 2)
    stage.run(0, "import ipywidgets\nipywidgets.Widget.close_all()")
    assert stage.transcript.errors == []
    return Stage(client, 2)


def test_the_first_example_a_button_that_prints_into_an_output_widget(stage: Stage) -> None:
    stage.run(
        0,
        "from ipywidgets import Button, Output\n"
        "button, out = Button(description='click me'), Output()\n"
        "@out.capture()\n"
        "def clicked(_): print('click')\n"
        "button.on_click(clicked)\n"
        "display(button, out)",
    )
    assert [name for name, _ in stage.transcript.models()] == [
        "LayoutModel",
        "ButtonStyleModel",
        "ButtonModel",
        "LayoutModel",
        "OutputModel",
    ]
    assert [list(o["data"])[-1] for o in stage.notebook(0)] == ["application/vnd.jupyter.widget-view+json"] * 2

    shown = stage.transcript
    stage.transcript = shown.copy()
    stage.click(stage.comm_id("ButtonModel"), "page-1")
    stage.click(stage.comm_id("ButtonModel"), "page-2")
    out = stage.comm_id("OutputModel")
    clicks = [{"output_type": "stream", "name": "stdout", "text": "click\nclick\n"}]
    assert stage.transcript.comms[out].state["outputs"] == clicks
    assert stage.transcript.comms[out].state["msg_id"] == ""
    assert shown.comms[out].state["outputs"] == []

    assert stage.evaluate("out.outputs") == "()"
    stage.give_back_captures()
    assert ast.literal_eval(stage.evaluate("out.outputs")) == tuple(clicks)
    assert stage.transcript.take_captured() == {}


def test_outputs_that_nest_clear_and_fail(stage: Stage) -> None:
    stage.run(
        0,
        "from IPython.display import clear_output, HTML\n"
        "from ipywidgets import Output\n"
        "outer, inner, failing = Output(), Output(), Output()\n"
        "with outer:\n"
        "    print('outer 1')\n"
        "    with inner:\n"
        "        print('old')\n"
        "        clear_output(wait=True)\n"
        "        display(HTML('<b>new</b>'))\n"
        "    print('outer 2')\n"
        "with failing:\n"
        "    1 / 0\n"
        "outer.append_stdout('appended')\n"
        "print('outside')",
    )
    outer, inner, failing = [
        c.state["outputs"] for c in stage.transcript.comms.values() if c.model_name == "OutputModel"
    ]
    assert [o["output_type"] for o in inner] == ["display_data"]
    assert inner[0]["data"]["text/html"] == "<b>new</b>"
    assert [(o["output_type"], o["ename"]) for o in failing] == [("error", "ZeroDivisionError")]
    # The kernel knew of no captured output when it appended: JupyterLab shows the same.
    assert outer == [{"output_type": "stream", "name": "stdout", "text": "appended"}]
    assert stage.notebook(0) == [{"output_type": "stream", "name": "stdout", "text": "outside\n"}]
    assert [e.content["ename"] for e in stage.transcript.errors] == ["ZeroDivisionError"]


def test_progress_is_folded_to_its_end(stage: Stage) -> None:
    stage.run(
        0,
        "import sys\n"
        "from ipywidgets import FloatProgress\n"
        "bar = FloatProgress(max=300); display(bar)\n"
        "for n in range(301):\n"
        "    bar.value = n\n"
        "    print(f'\\r{n / 3:.0f}%|' + '#' * (n // 30), end='', flush=True)\n"
        "print()\n"
        "handle = display('step 0', display_id=True)\n"
        "for n in range(50): handle.update(f'step {n}')\n"
        "'result'",
    )
    assert stage.transcript.comms[stage.comm_id("FloatProgressModel")].state["value"] == 300.0
    _, text, step, result = stage.notebook(0)
    assert text["text"] == "100%|##########\n"
    assert step["data"]["text/plain"] == "'step 49'"
    assert (result["output_type"], result["data"]["text/plain"]) == ("execute_result", "'result'")
    stage.run(1, "handle.update('from another cell')")
    assert stage.notebook(0)[2]["data"]["text/plain"] == "'from another cell'"
    assert stage.notebook(1) == []


def test_binary_values_both_ways(stage: Stage) -> None:
    stage.run(
        0,
        "import ipywidgets\n"
        f"png = {PNG!r}\n"
        "image = ipywidgets.Image(value=png, format='png')\n"
        "upload = ipywidgets.FileUpload()\n"
        "display(image)\n"
        "image.value = png[::-1]",
    )
    image = stage.transcript.comms[stage.comm_id("ImageModel")]
    assert image.state["value"] == PNG[::-1]
    [opened] = [m for m in stage.transcript.messages() if m.content.get("comm_id") == image.comm_id]
    assert (opened.content["data"]["buffer_paths"], opened.buffers) == ([["value"]], [PNG[::-1]])

    upload = stage.comm_id("FileUploadModel")
    files = [{"name": "a.txt", "type": "text/plain", "size": 3, "last_modified": 0, "content": memoryview(b"abc")}]
    message = update_message(upload, {"value": files})
    assert message.content["data"]["buffer_paths"] == [["value", 0, "content"]]
    stage.give(message.content, "page-1", message.buffers)
    assert stage.evaluate("bytes(upload.value[0].content)") == "b'abc'"
    assert stage.transcript.comms[upload].state["value"][0]["content"] == b"abc"


def test_a_prompt_opens_and_closes(stage: Stage) -> None:
    stage.run(0, "print('hello ' + input('name? '))", until=lambda m: m.msg_type == "input_request")
    prompt = stage.transcript.prompt
    assert prompt is not None
    assert prompt.content["prompt"] == "name? "
    assert stage.transcript.messages()[-1].channel == "stdin"
    stage.send("stdin", "input_reply", {"value": "you"}, "page-1")
    stage.transcript.note_answer()
    stage.follow("cell-0")
    assert stage.notebook(0)[-1]["text"] == "hello you\n"
    assert stage.transcript.prompt is None


def test_widgets_made_by_a_click_belong_to_the_cell(stage: Stage) -> None:
    stage.run(
        0,
        "from ipywidgets import Button, IntSlider\n"
        "button = Button()\n"
        "button.on_click(lambda b: (display(IntSlider()), print('made')))\n"
        "display(button)",
    )
    stage.run(1, "print('second')")
    stage.click(stage.comm_id("ButtonModel"), "page-1")
    assert stage.transcript.comms[stage.comm_id("IntSliderModel")].parent_id == "cell-0"
    assert [o["output_type"] for o in stage.notebook(0)] == ["display_data", "display_data", "stream"]
    assert stage.notebook(1) == [{"output_type": "stream", "name": "stdout", "text": "second\n"}]


def test_interact_shows_its_last_result_alone(stage: Stage) -> None:
    stage.run(0, "from ipywidgets import interact\ninteract(lambda x: f'x is {x}', x=(0, 10));")
    slider, out = stage.comm_id("IntSliderModel"), stage.comm_id("OutputModel")
    for value in (3, 4, 7):
        stage.give(
            {"comm_id": slider, "data": {"method": "update", "state": {"value": value}, "buffer_paths": []}},
            f"p{value}",
        )
    [shown] = stage.transcript.comms[out].state["outputs"]
    assert shown["data"]["text/plain"] == "'x is 7'"
    assert stage.transcript.comms[slider].state["value"] == 7


def test_every_core_widget_has_the_state_that_the_kernel_has(stage: Stage) -> None:
    stage.run(
        0,
        "import ipywidgets\n"
        "made = []\n"
        "for name in sorted(dir(ipywidgets)):\n"
        "    cls = getattr(ipywidgets, name)\n"
        "    if isinstance(cls, type) and issubclass(cls, ipywidgets.DOMWidget):\n"
        "        try: made.append(cls())\n"
        "        except Exception: pass",
    )
    assert len(stage.transcript.models()) > 100
    before = {comm_id: comm.state for comm_id, comm in stage.transcript.comms.items()}
    # The kernel's own account of all states, as a page asks for it on the control comm.
    control = {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}}
    stage.send("shell", "comm_open", control, "ask-1", version="1.0.0")
    stage.follow("ask-1")
    stage.send("shell", "comm_msg", {"comm_id": "control", "data": {"method": "request_states"}}, "ask-2")
    [answer] = [message for message in stage.follow("ask-2") if message.msg_type == "comm_msg"]
    states = {comm_id: model["state"] for comm_id, model in answer.content["data"]["states"].items()}
    assert {comm_id: remove_buffers(state)[0] for comm_id, state in before.items()} == states


def test_the_recording_of_it_all_comes_out_as_it_went_in(stage: Stage) -> None:
    stage.run(
        0,
        "import ipywidgets\nfrom IPython.display import Image\n"
        f"png = {PNG!r} * 100\n"
        "display(ipywidgets.HBox([ipywidgets.Image(value=png), ipywidgets.Image(value=png)]))\n"
        "display(Image(png, format='png'))",
    )
    messages = stage.transcript.messages()
    frame = encode_recording(app="a", title="a", generation="g", cells=[], assets={}, messages=messages)
    back = decode_recording(frame).messages
    assert [(m.msg_type, m.content, m.buffers) for m in back] == [
        (m.msg_type, m.content, list(m.buffers)) for m in messages
    ]
    # The picture twice: once as the two widgets' bytes, once as the output's Base64.
    assert len(frame) < 100 * len(PNG) * (1 + 4 / 3) + 10_000
