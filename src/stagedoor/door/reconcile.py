"""What a page has to be told when a fresh run of the app is not quite as the recording that the page shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..jupyter.comms import Comm, update_message
from ..jupyter.message import Message, encode_json
from ..jupyter.outputs import display_id_of
from ..jupyter.transcript import Transcript
from .gate import content_of
from .names import Names

_CORE = "@jupyter-widgets/"
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# Ids and addresses that libraries make up on each run say nothing about the picture.
_MADE_UP = re.compile(
    rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|\b[0-9a-f]{32}\b|0x[0-9a-f]{6,16}|\bT_[0-9a-f]{5}"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a live run differs from what a page shows."""

    other_models: bool
    """The widgets are others, or have other ids, or were told other things: nothing of the page can be kept."""
    names: Names = field(default_factory=Names)
    """By which widgets differ that can be kept nevertheless."""
    updates: Sequence[Message] = ()
    """Widget states to be set."""
    cells: Sequence[str] = ()
    """Ids of cells whose outputs are others."""


def compare(shown: Transcript, live: Transcript) -> Difference:
    """How ``live`` differs from ``shown``."""
    if shown.models() != live.models():
        return Difference(other_models=True)
    updates = []
    names = Names()
    for comm_id, comm in live.comms.items():
        before = shown.comms[comm_id].state if comm_id in shown.comms else {}
        if comm_id in shown.comms:
            kept = _kept(shown.comms[comm_id], comm, names)
            if kept is None:
                return Difference(other_models=True)
            names = kept
            if not _is_core(comm):
                continue
        changed = {key: value for key, value in comm.state.items() if key not in before or before[key] != value}
        if changed:
            updates.append(update_message(comm_id, changed))
    cells = [cell for cell in live.cell_ids if _essence(shown, cell) != _essence(live, cell)]
    return Difference(other_models=False, names=names, updates=updates, cells=cells)


def stale(recorded: Transcript, live: Transcript) -> frozenset[str]:
    """Ids of widgets that a fresh run has made otherwise: what a recorded page says to them may mean nothing."""
    return frozenset(
        comm_id
        for comm_id, comm in live.comms.items()
        if _kept(recorded.comms.get(comm_id, comm), comm, Names()) is None
    )


def translate(message: Message, shown: Transcript, live: Transcript, stale: Collection[str]) -> Message:
    """A page's message for a comm of the recording, addressed to its counterpart in the live run.

    The counterpart of the first slider is the first slider, and so on. A message without one is addressed to no comm,
    and so is one to a stale widget.
    """
    content = content_of(message)
    comm_id = str(content.get("comm_id"))
    name = next((name for name, known in shown.models() if known == comm_id), None)
    before, now = ([known for model, known in run.models() if model == name] for run in (shown, live))
    place = before.index(comm_id) if comm_id in before else len(now)
    counterpart = now[place] if place < len(now) and comm_id not in stale else ""
    return message.replace(content={**content, "comm_id": counterpart})


def _kept(shown: Comm, live: Comm, names: Names) -> Names | None:
    """By which names a widget of a page differs from the live run's; None when the page must draw it anew.

    What custom messages have made of it cannot be undone. And only of core widgets is it known that they show whatever
    state they are given: a ``FigureWidget`` holds on to the ids that its traces had when it was made.
    """
    if shown.custom != live.custom:
        return None
    return names if _is_core(live) else names.with_state(shown.state, live.state)


def _is_core(comm: Comm) -> bool:
    return comm.model_module.startswith(_CORE)


def _essence(transcript: Transcript, cell_id: str) -> list[tuple[str, bytes, str | None]]:
    """What a visitor sees of a cell's outputs, and by which ids these are changed later."""
    outputs = transcript.outputs_of(cell_id).as_messages(cell_id)
    return [
        (output.msg_type, _MADE_UP.sub(b"", encode_json(_visible(output.content))), display_id_of(output.content))
        for output in outputs
    ]


def _visible(content: Mapping[str, Any]) -> Any:
    # A page shows the widget itself; the text beside it repeats its state, which is compared with the comms.
    view = content.get("data", {}).get(_WIDGET_VIEW)
    return view or content
