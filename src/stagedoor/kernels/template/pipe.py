"""Frames over a unix socket, seen from the template and its children: blocking, and safe against interrupts.

On the stream each frame has its length before it (little-endian, 64 bits).
"""

from __future__ import annotations

import array
import os
import signal
import socket
import struct
import threading
from collections import deque
from types import CodeType, FrameType

from ...jupyter.framing import decode, encode
from ...jupyter.message import Message

_LENGTH = struct.Struct("<Q")
_CHUNK = 2**18
_MAX_DESCRIPTORS = 4
_JOINED = 2**16


class Pipe:
    """The end of a unix socket in this process. Any thread may send; one receives."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.descriptors: deque[int] = deque()
        """File descriptors that came with messages, in their order."""
        self._received = bytearray()
        self._sending = threading.Lock()
        self._process = os.getpid()

    def send(self, message: Message) -> None:
        """Sends a message, whole even if it is interrupted. Waits while the other side does not read.

        Processes that the app forks have this end too, but nothing to say: their frames would be mixed with ours.

        Raises:
            OSError: the other side is gone.
        """
        if os.getpid() != self._process:
            return
        frame = encode(message)
        length = _LENGTH.pack(len(frame))
        with uninterrupted, self._sending:
            if len(frame) <= _JOINED:
                self.socket.sendall(length + frame)
            else:
                self.socket.sendall(length)
                self.socket.sendall(frame)

    def receive(self) -> Message | None:
        """The next message that is there already, complete; None when there is none."""
        if len(self._received) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._received)
        if len(self._received) < _LENGTH.size + length:
            return None
        frame = bytes(memoryview(self._received)[_LENGTH.size : _LENGTH.size + length])
        del self._received[: _LENGTH.size + length]
        return decode(frame)

    def read(self) -> bool:
        """Waits for something to come. False when the other side is gone."""
        room = socket.CMSG_SPACE(_MAX_DESCRIPTORS * array.array("i").itemsize)
        try:
            data, ancillary, _, _ = self.socket.recvmsg(_CHUNK, room, socket.MSG_CMSG_CLOEXEC)
        except OSError:
            return False
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers = array.array("i")
                numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
                self.descriptors.extend(numbers)
        self._received += data
        return bool(data)

    def wait(self) -> Message | None:
        """The next message; None when the other side is gone."""
        while True:
            if message := self.receive():
                return message
            if not self.read():
                return None


class _Interrupts:
    """SIGINT interrupts what the app executes, and nothing else; what must not be cut in two is finished first.

    The signal's handler runs between two bytecodes of the main thread, and there only.
    """

    def __init__(self) -> None:
        self.welcome = False
        """Whether an interrupt is for the code that runs now; else there is nothing to be interrupted."""
        self._depth = 0
        self._pending = False
        self._own: set[CodeType] = set()

    def spare(self, code: CodeType) -> None:
        """The function's own steps are not interrupted; what it calls is."""
        self._own.add(code)

    def handle(self, signum: int, frame: FrameType | None) -> None:
        """The handler of SIGINT."""
        if not self.welcome or (frame is not None and frame.f_code in self._own):
            return
        if self._depth:
            self._pending = True
        else:
            raise KeyboardInterrupt

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth -= 1
        if not self._depth and self._pending:
            self._pending = False
            if self.welcome:
                raise KeyboardInterrupt


uninterrupted = _Interrupts()
"""A context in which nothing is interrupted."""


def take_interrupts() -> None:
    """From now on SIGINT interrupts what the app executes."""
    signal.signal(signal.SIGINT, uninterrupted.handle)
