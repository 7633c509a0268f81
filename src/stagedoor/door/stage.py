"""A published app: its first run, and the recording of it that pages show."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from ..apps.app import App
from ..jupyter.message import Json, Message
from ..jupyter.recording import encode_recording
from ..jupyter.transcript import Transcript
from ..kernels.perform import Outcome, evaluate, perform
from ..kernels.protocol import Kernel, KernelError, KernelSource
from .encoded import Encoded
from .redaction import Redaction, new_id

log = structlog.get_logger("stagedoor.stage")

PublishAsset = Callable[[str, Path], str]
"""Makes a file of the app's environment available to pages under a name; gives its path from the gateway's root."""

_PLOTLY = (
    "__import__('os').path.join(__import__('plotly').__path__[0], 'package_data', 'plotly.min.js')"
    " if 'plotly' in __import__('sys').modules else ''"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The first run of an app, as pages show it and as sessions start from it."""

    app: App
    generation: str
    transcript: Transcript
    cells: list[Json]
    """Name and id of each cell, as pages are told."""
    body: Encoded

    def blank(self) -> Transcript:
        """A transcript of the app before its run."""
        return Transcript([cell["id"] for cell in self.cells])


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an app is not shown: for its author and the operator, never for a visitor."""

    id: str
    reason: str
    traceback: Sequence[str] = ()


class Stage:
    """One published app. While ``recorded`` and ``failure`` are both None, its first run goes on."""

    def __init__(self, app: App, source: KernelSource, *, limit: float, reveal: bool, publish: PublishAsset) -> None:
        self.app = app
        self.source = source
        self.recorded: Recorded | None = None
        self.failure: Failure | None = None
        self.seconds = 0.0
        """How long the first run took."""
        self._limit = limit
        self._redaction = Redaction(self._note, reveal=reveal)
        self._publish = publish

    async def prepare(self) -> None:
        """Runs the app once and records it; a broken app leaves a failure."""
        began = time.monotonic()
        try:
            kernel = await self.source.open(self.app)
            try:
                self.recorded = await self._record(kernel)
            finally:
                await kernel.close()
        except _Broken as broken:
            self.failure = broken.failure
        except KernelError as error:
            self.failure = Failure(new_id(), str(error))
        self.seconds = time.monotonic() - began

    async def _record(self, kernel: Kernel) -> Recorded:
        app = self.app
        cells = [{"name": cell.name, "id": app.cell_id(index)} for index, cell in enumerate(app.cells)]
        transcript = Transcript([cell["id"] for cell in cells])
        outcome = await perform(kernel, app, transcript.apply, limit=self._limit)
        if outcome.problem:
            raise _Broken(Failure(new_id(), outcome.problem, outcome.traceback))
        assets = await self._assets(kernel, outcome)
        messages = self._cleaned(transcript)
        generation = _generation(app, messages)
        record = encode_recording(
            app=app.name, title=app.title, generation=generation, cells=cells, assets=assets, messages=messages
        )
        return Recorded(app, generation, transcript, cells, await asyncio.to_thread(Encoded.of, record))

    async def _assets(self, kernel: Kernel, outcome: Outcome) -> dict[str, str]:
        if self.app.language != "python" or outcome.waiting:
            return {}
        path = await evaluate(kernel, _PLOTLY)
        return {"plotly": await asyncio.to_thread(self._publish, "plotly", Path(path))} if path else {}

    def _cleaned(self, transcript: Transcript) -> list[Message]:
        outward = (self._redaction.outward(message, transcript.comms) for message in transcript.messages())
        return [message for message in outward if message is not None]

    def _note(self, kind: str, problem: str, detail: Json) -> None:
        log.warning(f"withheld from the recording: {kind}", app=self.app.name, id=problem, **detail)


class _Broken(Exception):  # noqa: N818
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def _generation(app: App, messages: Sequence[Message]) -> str:
    digest = hashlib.sha256(app.version.encode())
    for message in messages:
        digest.update(message.content_json)
        for buffer in message.buffers:
            digest.update(buffer)
    return digest.hexdigest()[:16]
