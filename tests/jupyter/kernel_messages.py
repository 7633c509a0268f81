"""Messages as a kernel sends them, and what a transcript makes of them."""

from __future__ import annotations

from typing import Any

from stagedoor.jupyter.message import Message, encode_json
from stagedoor.jupyter.transcript import Transcript


def kernel_message(msg_type: str, content: dict[str, Any], parent: str = "cell-0", **rest: Any) -> Message:
    """A message whose content is still JSON, as it is when it comes from a kernel."""
    return Message(rest.pop("channel", "iopub"), msg_type, encode_json(content), parent_id=parent, **rest)


def stream(text: str, parent: str = "cell-0", name: str = "stdout") -> Message:
    return kernel_message("stream", {"name": name, "text": text}, parent)


def display(text: str, parent: str = "cell-0", display_id: str | None = None, *, update: bool = False) -> Message:
    transient = {} if display_id is None else {"display_id": display_id}
    content = {"data": {"text/plain": text}, "metadata": {}, "transient": transient}
    return kernel_message("update_display_data" if update else "display_data", content, parent)


def error(name: str, parent: str = "cell-0") -> Message:
    return kernel_message("error", {"ename": name, "evalue": "why", "traceback": ["line 1", "line 2"]}, parent)


def clear_output(parent: str = "cell-0", *, wait: bool = False) -> Message:
    return kernel_message("clear_output", {"wait": wait}, parent)


def comm_open(comm_id: str, state: dict[str, Any], parent: str = "cell-0", **rest: Any) -> Message:
    data = {"state": state, "buffer_paths": rest.pop("buffer_paths", [])}
    content = {"comm_id": comm_id, "target_name": rest.pop("target_name", "jupyter.widget"), "data": data}
    return kernel_message("comm_open", content, parent, metadata={"version": "2.1.0"}, **rest)


def update(comm_id: str, state: dict[str, Any], parent: str = "cell-0", **rest: Any) -> Message:
    data = {"method": rest.pop("method", "update"), "state": state, "buffer_paths": rest.pop("buffer_paths", [])}
    return kernel_message("comm_msg", {"comm_id": comm_id, "data": data}, parent, **rest)


def output_widget(comm_id: str, parent: str = "cell-0", **state: Any) -> Message:
    return comm_open(comm_id, {"_model_name": "OutputModel", "msg_id": "", "outputs": []} | state, parent)


def status(state: str, parent: str = "cell-0") -> Message:
    return kernel_message("status", {"execution_state": state}, parent)


def input_request(prompt: str, parent: str = "cell-0") -> Message:
    content = {"prompt": prompt, "password": False}
    return kernel_message("input_request", content, parent, channel="stdin", msg_id="request-1")


CELLS = ["cell-0", "cell-1", "cell-2"]


def after(*messages: Message, limit: int = 100_000) -> Transcript:
    transcript = Transcript(CELLS, limit=limit)
    for message in messages:
        transcript.apply(message)
    return transcript


def texts(transcript: Transcript, cell_id: str) -> list[str]:
    return [o.get("text") or o["data"]["text/plain"] for o in transcript.outputs_of(cell_id).as_notebook()]


def captured(transcript: Transcript, comm_id: str) -> list[str]:
    return [o.get("text") or o["data"]["text/plain"] for o in transcript.comms[comm_id].state["outputs"]]
