"""What leaves for a page: nothing of the script, and of an error only its name."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from stagedoor.door.redaction import Redaction
from stagedoor.jupyter.comms import Comm
from stagedoor.jupyter.message import Json, Message

SECRET = "/home/ada/secret.py"
ERROR = {"ename": "ValueError", "evalue": f"bad {SECRET}", "traceback": [f"File {SECRET}, line 3", "x = 1/0"]}
OUTPUT = Comm("o1", "jupyter.widget", state={"_model_name": "OutputModel"})
COMMS = {"o1": OUTPUT, "x1": Comm("x1", "some.target", state={})}


class Noted(list[tuple[str, str, Json]]):
    def __call__(self, kind: str, problem: str, detail: Json) -> None:
        self.append((kind, problem, detail))


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def redaction(noted: Noted) -> Redaction:
    return Redaction(noted)


def text_of(message: Message | None) -> str:
    assert message is not None
    return json.dumps([dict(message.content), dict(message.metadata)])


def test_an_error_leaves_as_its_name_and_a_sentence_with_an_id(redaction: Redaction, noted: Noted) -> None:
    out = redaction.outward(Message("iopub", "error", ERROR, parent_id="cell-0"), COMMS)
    assert out is not None
    assert out.content["ename"] == "ValueError"
    assert SECRET not in text_of(out)
    ((kind, problem, detail),) = noted
    assert kind == "error"
    assert problem in out.content["evalue"]
    assert detail["traceback"] == ERROR["traceback"]


@pytest.mark.parametrize("ename", [SECRET, "a b", "SecretTrouble", "print", None, 3, ["ValueError"]])
def test_only_the_names_of_pythons_own_exceptions_leave(redaction: Redaction, ename: Any) -> None:
    out = redaction.outward(Message("iopub", "error", ERROR | {"ename": ename}), COMMS)
    assert out is not None
    assert out.content["ename"] == "Error"


@pytest.mark.parametrize("method", ["update", "echo_update"])
def test_errors_that_an_output_widget_has_captured(redaction: Redaction, method: str) -> None:
    outputs = [
        {"output_type": "error", **ERROR},
        {"output_type": "stream", "name": "stderr", "text": SECRET},
        {"output_type": "stream", "name": "stdout", "text": "fine"},
        {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}, "secret": SECRET},
        {"output_type": "unheard of", "x": SECRET},
        SECRET,
    ]
    state = {"_model_name": "OutputModel", "outputs": outputs}
    data = {"method": method, "state": state, "buffer_paths": []}
    opened = {"comm_id": "o1", "target_name": "jupyter.widget", "data": {"state": state, "buffer_paths": []}}
    messages = [Message("iopub", "comm_msg", {"comm_id": "o1", "data": data}), Message("iopub", "comm_open", opened)]
    for out in (redaction.outward(message, COMMS) for message in messages):
        assert SECRET not in text_of(out)
        assert out is not None
        kinds = [output["output_type"] for output in out.content["data"]["state"]["outputs"]]
        assert kinds == ["error", "stream", "display_data"]


@pytest.mark.parametrize("mime", ["text/plain", "text/html"])
def test_a_display_of_a_traceback_is_an_error(redaction: Redaction, noted: Noted, mime: str) -> None:
    shown = {"data": {mime: f"<b>── Traceback </b>(most recent call last) ── {SECRET}"}, "metadata": {}}
    out = redaction.outward(Message("iopub", "display_data", shown), COMMS)
    assert SECRET not in text_of(out)
    assert out is not None
    assert noted[0][1] in out.content["data"]["text/plain"]


def test_a_widgets_text_stays_for_it_has_more_than_the_widget_shows(redaction: Redaction) -> None:
    view = {
        "application/vnd.jupyter.widget-view+json": {"model_id": "m"},
        "text/plain": f"Dropdown(options=({SECRET},))",
    }
    out = redaction.outward(Message("iopub", "display_data", {"data": view, "metadata": {}}), COMMS)
    assert SECRET not in text_of(out)
    assert out is not None
    assert out.content["data"]["application/vnd.jupyter.widget-view+json"] == {"model_id": "m"}


def test_stderr_goes_to_the_log(redaction: Redaction, noted: Noted) -> None:
    assert redaction.outward(Message("iopub", "stream", {"name": "stderr", "text": SECRET}), COMMS) is None
    assert noted[0][0] == "stderr"
    assert noted[0][2] == {"text": SECRET}


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_that_rich_has_printed_is_an_error(redaction: Redaction, noted: Noted, terminal: bool) -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, force_jupyter=False)
    console.print("before")
    try:
        raise KeyError(SECRET)
    except KeyError:
        console.print_exception(show_locals=True)
    out = redaction.outward(Message("iopub", "stream", {"name": "stdout", "text": written.getvalue()}), COMMS)
    assert out is not None
    assert out.content["text"].startswith("before\nThe app has met an error")
    assert SECRET not in out.content["text"]
    assert SECRET in noted[0][2]["text"]


def test_words_about_tracebacks_are_printed(redaction: Redaction) -> None:
    text = "A Traceback (most recent call last) is what Python prints - the last call comes last.\n"
    out = redaction.outward(Message("iopub", "stream", {"name": "stdout", "text": text}), COMMS)
    assert out is not None
    assert out.content["text"] == text


def test_the_author_sees_everything_while_writing(noted: Noted) -> None:
    reveal = Redaction(noted, reveal=True)
    assert SECRET in text_of(reveal.outward(Message("iopub", "error", ERROR), COMMS))
    assert SECRET in text_of(reveal.outward(Message("iopub", "stream", {"name": "stderr", "text": SECRET}), COMMS))


@pytest.mark.parametrize(
    "msg_type",
    [
        "execute_input",
        "execute_reply",
        "kernel_info_reply",
        "inspect_reply",
        "debug_event",
        "iopub_welcome",
        "shutdown_reply",
        "comm_info_reply",
        "history_reply",
        "anything",
    ],
)
def test_what_a_page_does_not_need_stays(redaction: Redaction, msg_type: str) -> None:
    assert redaction.outward(Message("iopub", msg_type, {"code": SECRET}), COMMS) is None


def test_only_widgets_comms_leave(redaction: Redaction) -> None:
    opened = {"comm_id": "x1", "target_name": "some.target", "data": {"secret": SECRET}}
    assert redaction.outward(Message("iopub", "comm_open", opened), COMMS) is None
    assert redaction.outward(Message("iopub", "comm_msg", {"comm_id": "x1", "data": {}}), COMMS) is None
    assert redaction.outward(Message("iopub", "comm_msg", {"comm_id": "unknown", "data": {}}), COMMS) is None


def test_metadata_of_messages_stays(redaction: Redaction) -> None:
    content = {
        "data": {"text/plain": "1"},
        "metadata": {"needs_background": "light"},
        "execution_count": 7,
        "transient": {"display_id": "d", "cmd": SECRET},
    }
    out = redaction.outward(Message("iopub", "execute_result", content, metadata={"path": SECRET}), COMMS)
    assert SECRET not in text_of(out)
    assert out is not None
    assert out.content == {
        "data": {"text/plain": "1"},
        "metadata": {"needs_background": "light"},
        "transient": {"display_id": "d"},
    }


def test_what_may_pass_whole_is_relayed_as_the_kernel_wrote_it(redaction: Redaction) -> None:
    written = b'{"data": {"text/plain": "1"},  "metadata": {}, "transient": {"display_id": "d"}}'
    out = redaction.outward(Message("iopub", "display_data", written), COMMS)
    assert out is not None
    assert out.content_json == written


def test_what_may_not_pass_whole_is_written_anew(redaction: Redaction) -> None:
    written = b'{"data": {"text/plain": "1"}, "metadata": {}, "transient": {"path": "/home/ada"}}'
    out = redaction.outward(Message("iopub", "display_data", written), COMMS)
    assert out is not None
    assert out.content == {"data": {"text/plain": "1"}, "metadata": {}, "transient": {}}
