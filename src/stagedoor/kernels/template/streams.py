"""The app's stdout and stderr: what is printed becomes ``stream`` messages, and so does what comes past Python."""

from __future__ import annotations

import contextlib
import io
import os
import select
import tempfile
import threading
import time
from collections.abc import Callable

from ...jupyter.message import Message

Publish = Callable[[str, str, str], None]
"""Sends a ``stream`` message: name, text, id of the parent."""

_FULL = 2**16
_PATIENCE = 0.05


class Stream(io.TextIOBase):
    """One of them. Text is sent when there is much of it, when it is flushed, or after a short while."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, descriptor: int, parent: Callable[[], str], publish: Publish) -> None:
        self.name = name
        self._descriptor = descriptor
        self._parent = parent
        self._publish = publish
        self._lock = threading.RLock()
        self._text: list[str] = []
        self._length = 0
        self._of = ""
        self.on_text: Callable[[], None] = lambda: None
        """Called when there is text that waits to be sent."""

    def write(self, text: str) -> int:
        """See :class:`io.TextIOBase`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        parent = self._parent()
        with self._lock:
            if parent != self._of:
                self.flush()
                self._of = parent
            waiting = bool(self._text)
            self._text.append(text)
            self._length += len(text)
            if self._length > _FULL:
                self.flush()
                waiting = True
        if not waiting:
            self.on_text()
        return len(text)

    def flush(self) -> None:
        """Sends what there is."""
        with self._lock:
            if not self._text:
                return
            text = "".join(self._text)
            self._text.clear()
            self._length = 0
            self._publish(self.name, text, self._of)

    def fileno(self) -> int:
        """The descriptor that programs started by the app write to."""
        return self._descriptor

    def isatty(self) -> bool:
        """See :class:`io.TextIOBase`."""
        return False

    def writable(self) -> bool:
        """See :class:`io.TextIOBase`."""
        return True

    def after_fork(self) -> None:
        """The parent's text is not ours."""
        self._lock = threading.RLock()
        self._text.clear()
        self._length = 0


class FileCapture:
    """Descriptor 1 or 2 in the template, where no thread may be: a file, read when a cell has run."""

    def __init__(self, stream: Stream, descriptor: int) -> None:
        self._stream = stream
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as the process is
        os.dup2(self._file.fileno(), descriptor)
        self._read = 0

    @property
    def inode(self) -> int:
        """The file's, by which a scan knows it."""
        return os.fstat(self._file.fileno()).st_ino

    def collect(self) -> None:
        """Prints what has been written since the last time."""
        size = os.fstat(self._file.fileno()).st_size
        if size > self._read:
            data = os.pread(self._file.fileno(), size - self._read, self._read)
            self._read = size
            self._stream.write(data.decode(errors="replace"))


class Backstage(threading.Thread):
    """The child's only thread of ours: reads descriptors 1 and 2, and sends text that has waited."""

    def __init__(self, streams: dict[int, Stream]) -> None:
        super().__init__(name="stagedoor-backstage", daemon=True)
        self._streams = streams
        self._sources: dict[int, Stream] = {}
        self._wake_reading, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for descriptor, stream in streams.items():
            reading, writing = os.pipe2(os.O_CLOEXEC)
            os.dup2(writing, descriptor)
            os.close(writing)
            self._sources[reading] = stream
            stream.on_text = self._nudge

    def _nudge(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is awake already
            os.write(self._wake, b"x")

    def run(self) -> None:
        """See :class:`threading.Thread`."""
        poll = select.poll()
        for descriptor in (self._wake_reading, *self._sources):
            poll.register(descriptor, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                data = os.read(descriptor, _FULL)
                if stream := self._sources.get(descriptor):
                    if not data:
                        poll.unregister(descriptor)
                    stream.write(data.decode(errors="replace"))
            time.sleep(_PATIENCE)
            try:
                for stream in self._streams.values():
                    stream.flush()
            except OSError:
                return


def stream_message(name: str, text: str, parent_id: str) -> Message:
    """The message that says that the text has been printed."""
    return Message("iopub", "stream", {"name": name, "text": text}, parent_id=parent_id)
