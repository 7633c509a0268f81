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
from types import FrameType
from typing import NoReturn

from ...jupyter.framing import decode, encode
from ...jupyter.message import Message

_LENGTH = struct.Struct("<Q")
_CHUNK = 2**18
_MAX_DESCRIPTORS = 4


class Pipe:
    """The end of a unix socket in this process. Threads may send; one receives."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.descriptors: deque[int] = deque()
        """File descriptors that came with messages, in their order."""
        self._received = bytearray()
        self._sending = threading.RLock()

    def send(self, message: Message) -> None:
        """Sends a message, whole even if it is interrupted. Waits while the other side does not read.

        Raises:
            OSError: the other side is gone.
        """
        frame = encode(message)
        with self._sending, uninterrupted:
            self.socket.sendall(_LENGTH.pack(len(frame)))
            self.socket.sendall(frame)

    def receive(self) -> Message | None:
        """The next message that is there already, complete; None when there is none."""
        if len(self._received) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._received)
        if len(self._received) < _LENGTH.size + length:
            return None
        frame = bytes(self._received[_LENGTH.size : _LENGTH.size + length])
        del self._received[: _LENGTH.size + length]
        return decode(frame)

    def read(self) -> bool:
        """Waits for something to come. False when the other side is gone."""
        room = socket.CMSG_SPACE(_MAX_DESCRIPTORS * array.array("i").itemsize)
        try:
            data, ancillary, _, _ = self.socket.recvmsg(_CHUNK, room)
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


class _Uninterrupted:
    """Puts an interrupt off until what must not be cut in two is done.

    The signal's handler runs between two bytecodes of the main thread, and there only.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._pending = False
        self.interruptible = False
        """Whether an interrupt is for the code that runs now; else there is nothing to be interrupted."""

    def handle(self, signum: int, frame: FrameType | None) -> None:
        """The handler of SIGINT."""
        if not self.interruptible:
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
            raise KeyboardInterrupt


uninterrupted = _Uninterrupted()


def take_interrupts() -> None:
    """From now on SIGINT interrupts what is being executed, and nothing else."""
    signal.signal(signal.SIGINT, uninterrupted.handle)


def die(status: int = 0) -> NoReturn:
    """Ends this process without running what the template has left to be run at its exit."""
    os._exit(status)
