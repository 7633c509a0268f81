"""The template's process: runs the app once, then forks for every visitor.

``python -m stagedoor.kernels.template.process DESCRIPTOR``: the number of a unix socket's end.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import select
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...jupyter.message import Json, Message
from .. import reaper
from .child import live
from .forkable import ForkableKernel, make_kernel
from .hygiene import Hygiene, settle_buffers
from .limits import Limits
from .pipe import Pipe, take_interrupts
from .restrain import settle_in
from .scan import open_descriptors, reasons_against_forking
from .seeds import watch_seeds


class Template:
    """The process's state: a kernel while the app runs, a thing to be forked afterwards.

    The loop runs while a message is being handled, and at no other time: what the app has begun waits for the fork.
    """

    def __init__(self, pipe: Pipe, log: int) -> None:
        self._pipe = pipe
        self._log = log
        # Neither an epoll object nor a thread of the loop may be shared with children.
        self._loop = asyncio.SelectorEventLoop(selectors.PollSelector())
        asyncio.set_event_loop(self._loop)
        self._kernel: ForkableKernel = make_kernel(pipe)
        self._woken, self._waking = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._own = frozenset(open_descriptors())
        self._hygiene: Hygiene | None = None

    def serve(self) -> None:
        """Does what the gateway asks for, until the gateway is gone."""
        while message := self._next():
            if message.channel == "control":
                self._control(message)
                continue
            self._loop.run_until_complete(self._kernel.dispatch(message))
            while self._kernel.waiting:
                self._loop.run_until_complete(self._kernel.dispatch(self._kernel.waiting.popleft()))

    def _next(self) -> Message | None:
        """The gateway's next message; meanwhile children that have ended are waited for."""
        poll = select.poll()
        poll.register(self._pipe.socket, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            if message := self._pipe.receive():
                return message
            for number, _ in poll.poll():
                if number == self._woken:
                    os.read(self._woken, 4096)
                    self._wait_for_children()
                elif not self._pipe.read():
                    return None

    def _control(self, message: Message) -> None:
        match message.msg_type:
            case "stagedoor_settle":
                self._loop.run_until_complete(asyncio.sleep(float(message.content["seconds"])))
                self._kernel.flush_streams()
                self._reply(message, {})
            case "stagedoor_import":
                self._reply(message, {"missing": _import(message.content["modules"])})
            case "stagedoor_modules":
                self._reply(message, {"modules": _imported(Path(message.content["folder"]))})
            case "stagedoor_freeze":
                self._reply(message, {"reasons": self._freeze()})
            case "stagedoor_fork":
                self._fork(message, self._pipe.descriptors.popleft())

    def _freeze(self) -> list[str]:
        settle_buffers()
        reasons = reasons_against_forking(self._own)
        self._hygiene = Hygiene(self._loop, self._own)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waking, warn_on_full_buffer=False)
        self._hygiene.freeze()
        return reasons

    def _fork(self, message: Message, descriptor: int) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptor)
            self._reply(message, {"error": str(error)})
            return
        if pid:
            os.close(descriptor)
            self._reply(message, {"pid": pid})
            return
        try:
            self._become_child(message.content, descriptor)
            os._exit(0)
        except SystemExit as end:
            os._exit(end.code if isinstance(end.code, int) else bool(end.code))
        except BaseException:
            os.write(self._log, traceback.format_exc().encode())
        finally:
            # Whatever happens: what the template has left to be done at its exit is not the child's.
            os._exit(1)

    def _become_child(self, wanted: Mapping[str, Any], descriptor: int) -> None:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._pipe.socket.close()
        os.close(self._woken)
        os.close(self._waking)
        limits = Limits(**wanted["limits"])
        _take_folder(Path(wanted["folder"]), limits)
        assert self._hygiene is not None
        self._hygiene.after_fork()
        live(self._kernel, Pipe(socket.socket(fileno=descriptor)), self._loop, limits)

    def _reply(self, message: Message, content: Json) -> None:
        self._pipe.send(Message("control", f"{message.msg_type}_reply", content, parent_id=message.msg_id))

    def _wait_for_children(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            content = {"pid": pid, "status": os.waitstatus_to_exitcode(status)}
            self._pipe.send(Message("control", "stagedoor_child_ended", content))


def _import(modules: Sequence[str]) -> list[str]:
    missing = []
    for name in modules:
        try:
            __import__(name)
        except BaseException:  # an import may do anything; the app meets it itself later
            missing.append(name)
    return missing


def _imported(folder: Path) -> list[str]:
    """Names of the modules that have been imported from elsewhere than the app's own folder, in their order."""
    names = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and name != "__main__" and folder not in Path(file).parents:
            names.append(name)
    return names


def _take_folder(folder: Path, limits: Limits) -> None:
    """What the child starts is known by its folder (see ``reaper``), and files that it writes are its own."""
    folder.mkdir(mode=0o700)
    os.environ[reaper.MARK] = str(folder)
    settle_in(folder, limits)


def main() -> None:
    """Serves the gateway at the socket whose descriptor is named on the command line."""
    pipe = Pipe(socket.socket(fileno=int(sys.argv[1])))
    os.set_inheritable(pipe.socket.fileno(), False)
    sys.argv[:] = [""]
    gateways_log = os.dup(2)
    faulthandler.enable(gateways_log)
    take_interrupts()
    watch_seeds()
    try:
        Template(pipe, gateways_log).serve()
        os._exit(0)
    except BaseException:
        os.write(gateways_log, traceback.format_exc().encode())
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
