"""What a kernel has shown: its messages, folded into the state that they have led to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import structlog

from .comms import OUTPUT_MODEL, WIDGET_TARGET, Comm
from .message import Json, Message
from .outputs import DEFAULT_LIMIT, OutputList, notice_in_place_of

log = structlog.get_logger("stagedoor.transcript")

_KEPT_ERRORS = 100
_KEPT_SENT = 1024


class Transcript:
    """The widgets and outputs of an app's cells, kept up to date message by message.

    Args:
        cell_ids: the cells' ids, in order; messages of a cell have its id as parent.
        limit: bytes of outputs that each cell and each output widget keeps.
    """

    def __init__(self, cell_ids: Sequence[str], *, limit: int = DEFAULT_LIMIT) -> None:
        self.cell_ids = tuple(cell_ids)
        self.comms: dict[str, Comm] = {}
        """The open comms by id, in the order in which they were opened. Read only."""
        self.prompt: Message | None = None
        """The ``input_request`` that waits for an answer."""
        self.errors: list[Message] = []
        """The first ``error`` messages, as they came."""
        self._limit = limit
        self._cells = {cell_id: OutputList(limit) for cell_id in self.cell_ids}
        # Output widgets that capture, by the message id whose outputs they want: the last one gets them.
        self._captures: dict[str, list[str]] = {}
        self._capturing: dict[str, str] = {}
        self._captured: set[str] = set()
        self._sent: dict[str, str] = {}
        self._pending: dict[str, Message] = {}

    def apply(self, message: Message) -> None:
        """Takes in a message of the kernel, of whatever channel and type; malformed ones are skipped."""
        self.follow(message)

    def follow(self, message: Message) -> Message | None:
        """Takes in a message like :meth:`apply`.

        Returns:
            What to send to a page that shows all that came before: the message itself; a notice in its place where
            an output is the first beyond the limit; None when it is beyond the limit, or malformed.
        """
        handler = _HANDLERS.get(message.msg_type)
        if handler is None:
            return message
        try:
            return handler(self, message)
        except Exception as error:
            # A kernel runs anybody's code: whatever it sends may cost this one message, never the session.
            log.debug("skipped a message of the kernel", msg_type=message.msg_type, problem=repr(error))
            return None

    def note_sent(self, msg_id: str, comm_id: str, message: Message | None = None) -> None:
        """A page's message for a comm has been given to the kernel: its outputs belong where the comm does.

        Args:
            msg_id: of the message.
            comm_id: of the comm.
            message: the message, if what it sets shall be known from when the kernel says that it deals with it. Not
                everything that a page sets comes back: ipywidgets 7 echoes nothing, 8 not what a ``FileUpload`` holds.
        """
        comm = self.comms.get(comm_id)
        self._sent[msg_id] = comm.parent_id if comm else self._last_cell
        if len(self._sent) > _KEPT_SENT:
            oldest = next(iter(self._sent))
            del self._sent[oldest]
            self._pending.pop(oldest, None)
        if message is not None:
            self._pending[msg_id] = message

    def note_answer(self) -> None:
        """The open prompt has been answered."""
        self.prompt = None

    def outputs_of(self, cell_id: str) -> OutputList:
        """The outputs of a cell.

        Raises:
            KeyError: there is no such cell.
        """
        return self._cells[cell_id]

    def models(self) -> list[tuple[str, str]]:
        """Model name and comm id of each widget, in the order in which they were made."""
        return [(comm.model_name, comm.comm_id) for comm in self._widgets()]

    def messages(self, cells: Collection[str] | None = None) -> list[Message]:
        """The messages that make all of this anew, in the order that docs/protocol.md gives.

        Args:
            cells: the cells whose outputs and prompt are wanted, all by default. Every widget comes in any case.
        """
        chosen = [cell_id for cell_id in self.cell_ids if cells is None or cell_id in cells]
        widgets = self._widgets()
        messages = [comm.open_message() for comm in widgets]
        messages += [message.replace(parent_id=comm.parent_id) for comm in widgets for message in comm.custom]
        for cell_id in chosen:
            messages += self._cells[cell_id].as_messages(cell_id)
        if self.prompt is not None and (cell_id := self._cell_of(self.prompt.parent_id)) in chosen:
            messages.append(self.prompt.replace(parent_id=cell_id, metadata={}))
        for index, message in enumerate(messages):
            message.msg_id = f"r-{index}"
        return messages

    def take_captured(self) -> dict[str, list[Json]]:
        """Outputs in notebook format, by comm id, of the output widgets that have captured something since last taken.

        The kernel does not know them: JupyterLab's front end tells it, and so has the gateway to.
        """
        captured, self._captured = self._captured, set()
        lists = {comm_id: self.comms[comm_id].outputs for comm_id in self.comms if comm_id in captured}
        return {comm_id: outputs.as_notebook() for comm_id, outputs in lists.items() if outputs is not None}

    def copy(self) -> Transcript:
        """A transcript that goes its own way; all that is large is shared."""
        twin = Transcript((), limit=self._limit)
        twin.cell_ids, twin.prompt, twin.errors = self.cell_ids, self.prompt, self.errors.copy()
        twin.comms = {comm_id: comm.copy() for comm_id, comm in self.comms.items()}
        twin._cells = {cell_id: outputs.copy() for cell_id, outputs in self._cells.items()}
        twin._captures = {msg_id: stack.copy() for msg_id, stack in self._captures.items()}
        twin._capturing, twin._captured = self._capturing.copy(), self._captured.copy()
        twin._sent, twin._pending = self._sent.copy(), self._pending.copy()
        return twin

    # -- where things go ---------------------------------------------------------------------------------------------

    @property
    def _last_cell(self) -> str:
        return self.cell_ids[-1] if self.cell_ids else ""

    def _widgets(self) -> list[Comm]:
        return [comm for comm in self.comms.values() if comm.target_name == WIDGET_TARGET]

    def _cell_of(self, parent_id: str) -> str:
        return parent_id if parent_id in self._cells else self._sent.get(parent_id, self._last_cell)

    def _target(self, parent_id: str) -> OutputList:
        stack = self._captures.get(parent_id)
        if stack:
            self._captured.add(stack[-1])
            outputs = self.comms[stack[-1]].outputs
            assert outputs is not None
            return outputs
        return self._cells[self._cell_of(parent_id)]

    def _set_capture(self, comm_id: str, msg_id: str) -> None:
        former = self._capturing.pop(comm_id, "")
        if msg_id:
            self._capturing[comm_id] = msg_id
        if former == msg_id:
            return
        if former:
            stack = self._captures[former]
            stack.remove(comm_id)
            if not stack:
                del self._captures[former]
        if msg_id:
            self._captures.setdefault(msg_id, []).append(comm_id)

    # -- one method for each type of message -------------------------------------------------------------------------

    def _output(self, message: Message) -> Message | None:
        return self._target(message.parent_id).add(message)

    def _error(self, message: Message) -> Message | None:
        shown = self._output(message)
        if len(self.errors) < _KEPT_ERRORS:
            self.errors.append(message)
        return shown

    def _clear_output(self, message: Message) -> Message:
        wait = bool(message.content.get("wait"))
        self._target(message.parent_id).clear(wait=wait)
        return message

    def _update_display(self, message: Message) -> Message:
        fits = [outputs.update_display(message) for outputs in self._cells.values()]
        for comm_id, comm in self.comms.items():
            if comm.outputs is not None:
                before = comm.outputs.changes
                fits.append(comm.outputs.update_display(message))
                if comm.outputs.changes != before:
                    self._captured.add(comm_id)
        return message if all(fits) else notice_in_place_of(message, self._limit)

    def _comm_open(self, message: Message) -> Message:
        content = message.content
        comm_id, target_name, data = content.get("comm_id"), content.get("target_name"), content.get("data", {})
        if not isinstance(comm_id, str) or not isinstance(target_name, str) or not isinstance(data, dict):
            raise ValueError("a comm has an id, a target and data")
        cell_id = self._cell_of(message.parent_id)
        comm = Comm(comm_id, target_name, parent_id=cell_id, metadata=message.metadata)
        msg_id = ""
        if target_name == WIDGET_TARGET:
            state, paths, buffers = _update_of(data, message)
            comm.update(state, paths, buffers)
            if comm.model_name == OUTPUT_MODEL:
                msg_id = _msg_id_of(state)
                comm.capture(self._limit)
        self._forget(comm_id)
        self.comms[comm_id] = comm
        self._set_capture(comm_id, msg_id)
        return message if message.parent_id == cell_id else message.replace(parent_id=cell_id)

    def _comm_msg(self, message: Message) -> Message:
        content = message.content
        comm, data = self.comms.get(content["comm_id"]), content.get("data")
        if comm is None or comm.target_name != WIDGET_TARGET or not isinstance(data, dict):
            return message
        method = data.get("method")
        if method == "custom" and message.channel == "iopub":  # not what a page has sent
            comm.custom.add(message)
        if method not in {"update", "echo_update"}:
            return message
        state, paths, buffers = _update_of(data, message)
        if comm.outputs is None:
            comm.update(state, paths, buffers)
        elif method == "update":
            msg_id = _msg_id_of(state) if "msg_id" in state else None
            comm.update(state, paths, buffers)
            if msg_id is not None:
                self._set_capture(comm.comm_id, msg_id)
        else:
            # The echo of captured outputs that the kernel was told of: newer ones may have been captured meanwhile.
            comm.update({key: value for key, value in state.items() if key != "outputs"}, paths, buffers)
        return message

    def _comm_close(self, message: Message) -> Message:
        self._forget(message.content["comm_id"])
        return message

    def _forget(self, comm_id: str) -> None:
        if self.comms.pop(comm_id, None) is not None:
            self._set_capture(comm_id, "")
            self._captured.discard(comm_id)

    def _input_request(self, message: Message) -> Message:
        if not isinstance(message.content.get("prompt", ""), str):
            raise ValueError("a prompt is a text")
        self.prompt = message
        return message

    def _status(self, message: Message) -> Message:
        # An execution that has ended (interrupted, for example) waits for no answer any more.
        sent = self._pending.pop(message.parent_id, None)
        if sent is not None:
            self._comm_msg(sent)
        asked = self.prompt is not None and self.prompt.parent_id == message.parent_id
        if asked and message.content.get("execution_state") == "idle":
            self.prompt = None
        return message


def _update_of(data: Json, message: Message) -> tuple[Json, list[Any], Sequence[Any]]:
    state, paths = data.get("state"), data.get("buffer_paths") or []
    if not isinstance(state, dict) or not isinstance(paths, list):
        raise ValueError("an update has a state, and the paths of its buffers")
    return state, paths, message.buffers


def _msg_id_of(state: Mapping[str, Any]) -> str:
    msg_id = state.get("msg_id", "")
    if not isinstance(msg_id, str):
        raise ValueError("a message's id is a text")
    return msg_id


_HANDLERS: dict[str, Callable[[Transcript, Message], Message | None]] = {
    "stream": Transcript._output,
    "display_data": Transcript._output,
    "execute_result": Transcript._output,
    "error": Transcript._error,
    "clear_output": Transcript._clear_output,
    "update_display_data": Transcript._update_display,
    "comm_open": Transcript._comm_open,
    "comm_msg": Transcript._comm_msg,
    "comm_close": Transcript._comm_close,
    "input_request": Transcript._input_request,
    "status": Transcript._status,
}
