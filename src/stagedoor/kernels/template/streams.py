"""The app's stdout and stderr: what is printed becomes ``stream`` messages, and so does what comes past Python."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import select
import tempfile
import threading
import time
from collections.abc import Callable, Collection

from .restrain import name_thread

Publish = Callable[[str, str, str], None]
"""Sends a ``stream`` message: name, text, id of the parent."""

_FULL = 2**16
_PATIENCE = 0.05


class Stream(io.TextIOBase):
    """One of them. Text is sent when there is much of it, when it is flushed, or after a short while.

    Args:
        descriptor: 1 or 2: what is written there by programs and libraries is printed too.
        parent: tells to which message's doing the text belongs.
    """

    def __init__(self, name: str, descriptor: int, parent: Callable[[], str], publish: Publish) -> None:
        self.name = name
        self._descriptor = descriptor
        self._parent = parent
        self._publish = publish
        self._file: FileCapture | PipeCapture = FileCapture(descriptor)
        self._on_text: Callable[[], None] = lambda: None
        self._start_empty()

    def _start_empty(self) -> None:
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text: list[str] = []
        self._length = 0
        self._of = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """See :class:`io.TextIOBase`."""
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """See :class:`io.TextIOBase`."""
        return "replace"

    def write(self, text: str) -> int:
        """See :class:`io.TextIOBase`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() != self._process:  # a process that the app has forked
            os.write(self._descriptor, text.encode("utf-8", "replace"))
            return len(text)
        with self._lock:
            self._collect()
            self._add(text)
        return len(text)

    def flush(self) -> None:
        """Sends what there is."""
        if os.getpid() != self._process:
            return
        with self._lock:
            self._collect()
            self._send()

    def collect(self) -> None:
        """Takes what has come past Python."""
        with self._lock:
            self._collect()

    def use_pipe(self, on_text: Callable[[], None]) -> int:
        """In a child: from now on programs write into a pipe of its own; nothing of the template's text is left.

        Args:
            on_text: called when text begins to wait for being sent.

        Returns:
            the descriptor that becomes readable when something has come past Python.
        """
        self._start_empty()
        self._on_text = on_text
        self._file.close()
        self._file = PipeCapture(self._descriptor)
        return self._file.reading

    def fileno(self) -> int:
        """The descriptor that programs started by the app write to."""
        return self._descriptor

    def isatty(self) -> bool:
        """See :class:`io.TextIOBase`."""
        return False

    def writable(self) -> bool:
        """See :class:`io.TextIOBase`."""
        return True

    def _collect(self) -> None:
        if data := self._file.read():
            self._add(self._decoder.decode(data))

    def _add(self, text: str) -> None:
        parent = self._parent()
        if parent != self._of:
            self._send()
            self._of = parent
        waiting = bool(self._text)
        self._text.append(text)
        self._length += len(text)
        if self._length > _FULL:
            self._send()
        elif not waiting:
            self._on_text()

    def _send(self) -> None:
        if text := "".join(self._text):
            self._text.clear()
            self._length = 0
            self._publish(self.name, text, self._of)


class FileCapture:
    """Descriptor 1 or 2 in the template, where no thread may be that empties a pipe: a file."""

    def __init__(self, descriptor: int) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as the process is
        self._end = 0
        os.dup2(self._file.fileno(), descriptor)

    def read(self) -> bytes:
        """What has been written since the last time."""
        size = os.fstat(self._file.fileno()).st_size
        if size <= self._end:
            return b""
        data = os.pread(self._file.fileno(), size - self._end, self._end)
        self._end += len(data)
        return data

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class PipeCapture:
    """Descriptor 1 or 2 in a child."""

    def __init__(self, descriptor: int) -> None:
        self.reading, writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.reading, False)
        os.dup2(writing, descriptor)
        os.close(writing)

    def read(self) -> bytes:
        """What has been written since the last time, or a part of it."""
        try:
            return os.read(self.reading, _FULL)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Closes the pipe's reading end."""
        os.close(self.reading)


class Backstage(threading.Thread):
    """A child's thread that takes what comes past Python, and sends text that has waited."""

    def __init__(self, streams: Collection[Stream]) -> None:
        super().__init__(name="stagedoor-streams", daemon=True)
        self._woken, self._waking = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._streams = {stream.use_pipe(self._wake): stream for stream in streams}

    def run(self) -> None:
        """See :class:`threading.Thread`."""
        name_thread()
        poll = select.poll()
        for descriptor in (self._woken, *self._streams):
            poll.register(descriptor, select.POLLIN)
        due: float | None = None
        while True:
            for number, event in poll.poll(None if due is None else max(0.0, due - time.monotonic()) * 1000):
                if number == self._woken:
                    os.read(self._woken, _FULL)
                elif event & select.POLLIN:
                    self._streams[number].collect()
                else:
                    poll.unregister(number)  # the app has closed its descriptor 1 or 2
                due = due or time.monotonic() + _PATIENCE
            if due is not None and time.monotonic() >= due:
                due = None
                with contextlib.suppress(OSError):  # the gateway is gone: the reader ends this process
                    for stream in self._streams.values():
                        stream.flush()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is awake already
            os.write(self._waking, b"x")
