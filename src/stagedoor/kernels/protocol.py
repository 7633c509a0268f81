"""The face of every kernel and of every place where kernels come from."""

from __future__ import annotations

from typing import Protocol

from ..apps.app import App
from ..jupyter.message import Message


class KernelError(Exception):
    """A kernel could not be had, or is no more. The text is a sentence for the operator's log."""


class KernelDied(KernelError):  # noqa: N818 -- the field says that a kernel has died
    """The kernel has ended by itself, or has been killed."""


class Kernel(Protocol):
    """A running kernel."""

    @property
    def rehearsed(self) -> bool:
        """Whether the app has been run in it already, with the outcome that its recording shows."""

    @property
    def pid(self) -> int | None:
        """The process id on this machine, for logs and measurements."""

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


class KernelSource(Protocol):
    """A place where kernels come from."""

    async def open(self, app: App) -> Kernel:
        """A kernel for the app, with the app's folder as working folder, ready for messages.

        Raises:
            KernelError: none can be had.
        """

    async def close(self) -> None:
        """Ends every kernel and process of this source."""
