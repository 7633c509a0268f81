"""What leaves for a page: only what it needs to show, and no word of the script.

Errors leave as their name and a sentence with an id; the whole of them is in the log under this id.
"""

from __future__ import annotations

import builtins
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from ..jupyter.comms import Comm
from ..jupyter.message import Json, Message

Note = Callable[[str, str, Json], None]
"""Writes to the log: kind (``error``, ``stderr``), id, what was withheld."""

_NAMES = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
"""Python's own exceptions. The name of another is a word of the script."""
_TRACEBACK = ("Traceback", "most recent call last")
# Rich's, as it prints them: in a frame, with colours between its words.
_COLOURS = r"(?:\x1b\[[\d;]*m|\s)*"
_PRINTED_TRACEBACK = re.compile(rf"^[^\n]*[─-]{_COLOURS}Traceback{_COLOURS}\(most recent call last\)", re.MULTILINE)
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_WIDGET_METADATA = {"version": "2.1.0"}
_DISPLAYS = frozenset({"display_data", "update_display_data", "execute_result"})


def new_id() -> str:
    """An id that a visitor can read out to the operator, who finds it in the log."""
    return secrets.token_hex(4)


class Redaction:
    """Turns a kernel's messages into a page's.

    Args:
        note: where withheld things are written to.
        reveal: show tracebacks and stderr, as an author wants it while writing (``--dev``).
    """

    def __init__(self, note: Note, *, reveal: bool = False) -> None:
        self._note = note
        self._reveal = reveal

    def outward(self, message: Message, comms: Mapping[str, Comm]) -> Message | None:
        """The message as the page gets it; None when it is not for the page."""
        content = message.content
        match message.msg_type:
            case "stream":
                cleaned = self._stream(content)
            case kind if kind in _DISPLAYS:
                cleaned = self._display(content)
            case "error":
                cleaned = self._error(content)
            case "clear_output":
                cleaned = {"wait": bool(content.get("wait"))}
            case "comm_open":
                cleaned = self._comm_open(content)
            case "comm_msg":
                cleaned = self._comm_message(content, comms)
            case "comm_close":
                cleaned = {"comm_id": content.get("comm_id"), "data": {}}
            case "status":
                state = content.get("execution_state")
                cleaned = {"execution_state": state} if state in {"busy", "idle"} else None
            case "input_request":
                cleaned = {"prompt": str(content.get("prompt", "")), "password": bool(content.get("password"))}
            case _:
                cleaned = None
        if cleaned is None:
            return None
        metadata = _WIDGET_METADATA if message.msg_type == "comm_open" else {}
        if cleaned == content:  # what the kernel wrote is not written anew
            return message.replace(metadata=metadata)
        return message.replace(content=cleaned, metadata=metadata)

    def _stream(self, content: Mapping[str, Any]) -> Json | None:
        name, text = content.get("name"), content.get("text")
        if name == "stderr" and not self._reveal:
            self._note("stderr", new_id(), {"text": text})
            return None
        if isinstance(text, str) and not self._reveal and "Traceback" in text:
            text = self._without_traceback(text)
        return {"name": name, "text": text}

    def _without_traceback(self, text: str) -> str:
        """The text up to a traceback of rich: a cell shows it as HTML, but a callback prints the very same."""
        found = _PRINTED_TRACEBACK.search(text)
        if found is None:
            return text
        problem = new_id()
        # Nothing tells where the exception's own text ends, so what comes after it in one go is withheld too.
        self._note("error", problem, {"text": text[found.start() :]})
        return f"{text[: found.start()]}{_sentence('Error', problem)}\n"

    def _error(self, content: Mapping[str, Any]) -> Json:
        problem = new_id()
        name = content.get("ename")
        name = name if isinstance(name, str) and name in _NAMES else "Error"
        self._note("error", problem, dict(content))
        sentence = _sentence(name, problem)
        if self._reveal:
            return {"ename": name, "evalue": content.get("evalue"), "traceback": content.get("traceback")}
        return {"ename": name, "evalue": sentence, "traceback": [sentence]}

    def _comm_open(self, content: Mapping[str, Any]) -> Json | None:
        data = content.get("data")
        if content.get("target_name") != "jupyter.widget" or not isinstance(data, dict):
            return None
        state = data.get("state")
        if isinstance(state, dict) and state.get("_model_name") == "OutputModel":
            data = data | {"state": self._captured(state)}
        return {"comm_id": content.get("comm_id"), "target_name": "jupyter.widget", "data": data}

    def _comm_message(self, content: Mapping[str, Any], comms: Mapping[str, Comm]) -> Json | None:
        comm, data = comms.get(str(content.get("comm_id"))), content.get("data")
        if comm is None or comm.target_name != "jupyter.widget" or not isinstance(data, dict):
            return None
        state = data.get("state")
        if comm.model_name == "OutputModel" and isinstance(state, dict) and "outputs" in state:
            data = data | {"state": self._captured(state)}
        return {"comm_id": content.get("comm_id"), "data": data}

    def _captured(self, state: Json) -> Json:
        outputs = state.get("outputs")
        if not isinstance(outputs, (list, tuple)):
            return state
        return state | {"outputs": [cleaned for output in outputs if (cleaned := self._output(output)) is not None]}

    def _output(self, output: Any) -> Json | None:
        """An output in notebook format, as an output widget holds it."""
        if not isinstance(output, dict):
            return None
        match output.get("output_type"):
            case "stream":
                cleaned = self._stream(output)
            case "error":
                cleaned = self._error(output)
            case "display_data" | "execute_result":
                cleaned = self._display(output)
            case _:
                cleaned = None
        return None if cleaned is None else {"output_type": output["output_type"], **cleaned}

    def _display(self, content: Mapping[str, Any]) -> Json:
        data = content.get("data", {})
        if not self._reveal and _shows_traceback(data):
            problem = new_id()
            self._note("error", problem, {"data": data})
            return _display({**content, "data": {"text/plain": _sentence("Error", problem)}, "metadata": {}})
        return _display(content)


def _display(content: Mapping[str, Any]) -> Json:
    data = content.get("data", {})
    if isinstance(data, dict) and _WIDGET_VIEW in data and "text/plain" in data:
        # Its text is the Python object's: a menu's has the values behind the words that are shown.
        data = data | {"text/plain": "A widget"}
    cleaned: Json = {"data": data, "metadata": content.get("metadata", {})}
    transient = content.get("transient")
    if isinstance(transient, dict):
        cleaned["transient"] = {key: value for key, value in transient.items() if key == "display_id"}
    return cleaned


def _shows_traceback(data: Any) -> bool:
    """Whether a display is a traceback: libraries that make them pretty (rich) display them as HTML in a notebook."""
    if not isinstance(data, dict):
        return False
    texts = (data.get(mime) for mime in ("text/plain", "text/html"))
    return any(isinstance(text, str) and all(words in text for words in _TRACEBACK) for text in texts)


def _sentence(name: str, problem: str) -> str:
    return f"The app has met an error ({name}). Its operator finds it under the id {problem}."
