"""The face of every kernel and of every place where kernels come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..apps.app import App
from ..jupyter.message import Message
from ..jupyter.transcript import Transcript


class KernelError(Exception):
    """A kernel could not be had, or is no more. The text is a sentence for the operator's log."""

    passing = False
    """Whether it may go by itself, so that trying again is worth it."""


class KernelDied(KernelError):  # noqa: N818 -- the field says that a kernel has died
    """The kernel has ended by itself, or has been killed."""


class KernelSpent(KernelDied):
    """The kernel has used up what it may, or what there is: another one that did the same would, too."""


class Kernel(Protocol):
    """A running kernel."""

    @property
    def rehearsed(self) -> bool:
        """Whether the app has been run in it already, with the outcome that its recording shows."""

    @property
    def pid(self) -> int | None:
        """The process id on this machine, for logs and measurements."""

    @property
    def on_trial(self) -> bool:
        """Whether it was had in a way that may turn out not to suit the app: it may hang or die on first use."""

    def stuck(self) -> bool:
        """Whether it waits for a lock that nobody will open."""

    async def send(self, message: Message) -> None:
        """Gives the kernel a message of the ``shell``, ``control`` or ``stdin`` channel.

        Raises:
            KernelDied: there is no kernel any more.
        """

    async def receive(self) -> Message:
        """The next message of any channel, in the order in which the kernel sent them.

        Raises:
            KernelDied: there is no kernel any more, and all that it sent has been received.
        """

    async def interrupt(self) -> None:
        """Interrupts what is being executed, as Ctrl-C does."""

    async def close(self) -> None:
        """Ends the kernel with every process that it started; may be called twice."""


@runtime_checkable
class Distant(Protocol):
    """A kernel at the end of a line that may be cut for a while, and come back."""

    def watch_line(self, on_change: Callable[[bool], None]) -> None:
        """``on_change`` is told when the line is cut (False), and when it is there again (True)."""

    async def bring_folders(self, folders: Sequence[str]) -> list[Path]:
        """Copies of Jupyter's data folders of its machine, as far as pages need what is in them."""

    async def bring_file(self, path: str, on_message: Callable[[Message], None]) -> Path | None:
        """A copy of a file of its machine; None when it cannot be had."""


class KernelSource(Protocol):
    """A place where kernels come from."""

    async def open(self, app: App) -> Kernel:
        """A kernel for the app, with the app's folder as working folder, ready for messages.

        Raises:
            KernelError: none can be had.
        """

    def confines(self, app: App) -> bool:
        """Whether kernels for this app are confined as the settings want it.

        Raises:
            KernelError: there is no such kernel.
        """

    def keep_ready(self, app: App) -> None:
        """Kernels for this app will be asked for, by visitors who wait for them."""

    async def close(self) -> None:
        """Ends every kernel and process of this source."""


class SessionKernels(Protocol):
    """What the sessions that start from one recorded run of an app get their kernels from."""

    @property
    def description(self) -> str:
        """How sessions get their kernels and why, in plain words for the author."""

    @property
    def worn(self) -> bool:
        """Whether it has lost what it opened kernels from, so that the app had better be run anew."""

    async def open(self, *, below: Kernel | None = None) -> Kernel:
        """A kernel for a session; with ``below``, one that was had in a safer way than this one.

        Raises:
            KernelError: none can be had.
        """

    async def condemn(self, kernel: Kernel, reason: str) -> None:
        """A kernel like this failed where a safer one did well: no session of this app gets such a one any more."""

    async def close(self) -> None:
        """No session starts from this run any more. Kernels that have been opened go on."""


class AppKernels(Protocol):
    """Where the kernels of apps come from: those of their first runs, and by them those of sessions."""

    async def read(self, app: App) -> App:
        """The app as it is now, where its code lies with its kernels; otherwise the app itself.

        Raises:
            AppFileError: what lies there is no app.
            KernelError: it cannot be reached.
        """

    async def rehearse(self, app: App) -> Kernel:
        """A kernel for the app's first run. Whoever asked for it closes it, or hands it to :meth:`adopt`.

        Raises:
            KernelError: none can be had.
        """

    async def settle(self, app: App, kernel: Kernel, on_message: Callable[[Message], None]) -> None:
        """Lets what the app's first run has begun go on for a while, where sessions start from this very kernel.

        Args:
            on_message: is handed what the kernel says meanwhile for the page.
        """

    async def adopt(self, app: App, kernel: Kernel, shown: Transcript, *, complete: bool) -> SessionKernels:
        """The first run went well in this kernel, which is not the caller's any more.

        Args:
            shown: what the run has shown.
            complete: the run came to its end; it did not stop at a question to the visitor.
        """

    async def close(self) -> None:
        """Ends every kernel and process."""
