"""What output widgets have captured, told to the kernel.

A kernel only says that an output widget captures; the front end collects the outputs and sets ``Output.outputs``
(ipywidgets, "Output widgets"). Here the gateway is that front end: no visitor writes what the app reads as its output.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..jupyter.comms import update_message
from ..jupyter.message import Message
from ..jupyter.transcript import Transcript
from ..kernels.asking import private_id


def returned_captures(transcript: Transcript) -> Iterator[Message]:
    """The messages for the kernel about all that has been captured since the last time."""
    for comm_id, outputs in transcript.take_captured().items():
        yield update_message(comm_id, {"outputs": outputs}).replace(channel="shell", msg_id=private_id())
