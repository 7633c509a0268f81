"""An IPython kernel without ZeroMQ, threads or a running loop of its own, so that it can be forked."""

from __future__ import annotations

import asyncio
import builtins
import getpass
import inspect
import logging
import os
import sys
import threading
import uuid
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ipykernel import eventloops
from ipykernel.ipkernel import IPythonKernel
from ipykernel.jsonutil import json_clean
from jupyter_client.session import Session
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait
from traitlets import Instance
from traitlets.config import Config

from ...jupyter.message import Json, Message
from .pipe import Pipe, uninterrupted
from .streams import Stream

_HANDLED = frozenset({"execute_request", "comm_msg", "comm_open", "comm_close", "kernel_info_request"})
_EOF = "\x04"

Answer = Callable[[Callable[[], object]], Message | None]
"""Shows a prompt by calling its argument, and waits for the answer; None when the gateway is gone."""


class PipeSession(Session):
    """Sends messages into a pipe. What ipykernel calls a socket is here the channel's name."""

    pipe = Instance(Pipe)

    def send(  # type: ignore[override]
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> Any:
        """See :meth:`jupyter_client.session.Session.send`; encodes contents as it does."""
        if isinstance(msg_or_type, dict):
            msg: Any = msg_or_type
            buffers = buffers or msg.get("buffers")
        else:
            msg = self.msg(msg_or_type, content=content, parent=parent, header=header, metadata=metadata)
        self.pipe.send(
            Message(
                str(stream),
                msg["header"]["msg_type"],
                self.pack(msg["content"]),
                msg_id=msg["header"]["msg_id"],
                parent_id=(msg.get("parent_header") or {}).get("msg_id", ""),
                metadata=msg.get("metadata"),
                buffers=[_flat(buffer) for buffer in buffers or ()],
            )
        )
        return msg


def _flat(buffer: Any) -> bytes | memoryview:
    view = memoryview(buffer)
    if not view.contiguous:
        raise ValueError(f"the buffer {buffer!r:.80} is not contiguous")
    return view.cast("B") if view.c_contiguous and view.nbytes else view.tobytes("A")


class ForkableKernel(IPythonKernel):  # type: ignore[misc, unused-ignore]
    """ipykernel's own kernel, its messages taken from and put into a pipe."""

    iopub_socket = AnyTrait("iopub")
    stdin_socket = AnyTrait("stdin")
    shell_stream = AnyTrait("shell")
    control_stream = AnyTrait(None, allow_none=True)
    _supports_kernel_subshells = False

    def __init__(self, pipe: Pipe, **options: Any) -> None:
        self.waiting: deque[Message] = deque()
        """Messages that came while the app waited for its visitor's answer."""
        # ipykernel asks it which thread is the main one, when a cell has a top-level `await`.
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
        super().__init__(session=PipeSession(pipe=pipe, key=b""), log=logging.getLogger("ipykernel"), **options)
        self.speak_through(pipe, self._answer_from_pipe)
        self.streams = {
            descriptor: Stream(name, descriptor, self._parent_id, self._print)
            for descriptor, name in ((1, "stdout"), (2, "stderr"))
        }
        sys.stdout, sys.stderr = self.streams[1], self.streams[2]
        # Callbacks may ask the visitor something too, not only cells.
        self._allow_stdin = True
        builtins.input, getpass.getpass = self.raw_input, self.getpass

    def speak_through(self, pipe: Pipe, answer: Answer) -> None:
        """From now on, and from this process on, messages go into this pipe."""
        self.pipe = self.session.pipe = pipe
        self.session.pid = os.getpid()
        self.session.session = uuid.uuid4().hex
        self._answer = answer
        self.waiting.clear()

    async def dispatch(self, message: Message) -> None:
        """Handles a message, as ``Kernel.dispatch_shell`` would if it came from a socket."""
        if message.msg_type not in _HANDLED:
            return
        self.io_loop = IOLoop.current()
        parent = self._as_dict(message)
        self.set_parent([], parent, channel="shell")
        self._publish_status("busy", "shell")
        try:
            uninterrupted.welcome = True
            result = self.shell_handlers[message.msg_type]("shell", [], parent)
            if inspect.isawaitable(result):
                await result
        except KeyboardInterrupt:
            self.log.info("interrupted")
        except Exception:
            self.log.error("Exception in message handler:", exc_info=True)
        finally:
            uninterrupted.welcome = False
            self.flush_streams()
            self._publish_status("idle", "shell")

    def flush_streams(self) -> None:
        """Sends what has been printed."""
        for stream in self.streams.values():
            stream.flush()

    def _as_dict(self, message: Message) -> Json:
        return {
            "header": self.session.msg_header(message.msg_type) | {"msg_id": message.msg_id},
            "msg_id": message.msg_id,
            "msg_type": message.msg_type,
            "parent_header": {},
            "metadata": {},
            "content": dict(message.content),
            "buffers": [memoryview(buffer) for buffer in message.buffers],
        }

    def _parent_id(self) -> str:
        return str((self.get_parent("shell").get("header") or {}).get("msg_id", ""))

    def _print(self, name: str, text: str, parent_id: str) -> None:
        self.pipe.send(Message("iopub", "stream", {"name": name, "text": text}, parent_id=parent_id))

    def _forward_input(self, allow_stdin: bool = False) -> None:
        """See ipykernel."""
        self._allow_stdin = allow_stdin

    def _restore_input(self) -> None:
        """See ipykernel."""
        self._allow_stdin = True

    def _input_request(self, prompt: str, ident: Any, parent: Any, password: bool = False) -> str:
        """See ipykernel. Other messages that come meanwhile wait for their turn."""
        self.flush_streams()
        content = json_clean({"prompt": prompt, "password": password})
        answer = self._answer(lambda: self.session.send(self.stdin_socket, "input_request", content, parent))
        if answer is None:
            os._exit(0)
        value = str(answer.content.get("value", ""))
        if value == _EOF:
            raise EOFError
        return value

    def _answer_from_pipe(self, ask: Callable[[], object]) -> Message | None:
        ask()
        while (message := self.pipe.wait()) and message.msg_type != "input_reply":
            self.waiting.append(message)
        return message

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """See ipykernel: whoever performs the cells stops after one that fails."""


uninterrupted.spare(ForkableKernel.dispatch.__code__)


def make_kernel(pipe: Pipe) -> ForkableKernel:
    """The kernel of this process."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # ipykernel would load a debugger, which starts threads
    kernel = ForkableKernel.instance(pipe=pipe, config=Config({"HistoryManager": {"enabled": False}}))
    del sys.modules["debugpy"]
    kernel.shell.extension_manager.load_extension("storemagic")  # as in every ipykernel
    # What every ipykernel has set before it runs anything; ``%matplotlib inline`` is the default.
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    eventloops.enable_gui.__defaults__ = (kernel,)  # `%matplotlib` asks for that of an application, which is not there
    asyncio.get_event_loop()  # ipykernel and apps ask for it outside of coroutines
    return kernel  # type: ignore[no-any-return]
