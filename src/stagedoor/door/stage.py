"""A published app: its first run, and the recording of it that pages show."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from ..apps.app import App, AppFileError, BrokenApp
from ..jupyter.message import Json, Message
from ..jupyter.recording import encode_recording
from ..jupyter.transcript import Transcript
from ..kernels.asking import until_idle
from ..kernels.environment import environment_of
from ..kernels.perform import Outcome, perform, plotly_script
from ..kernels.protocol import AppKernels, Kernel, KernelError, SessionKernels
from .captures import returned_captures
from .encoded import Encoded
from .offers import PLOTLY, Offers, Publisher
from .redaction import Redaction, new_id
from .renderers import offer_renderers
from .terms import Terms

log = structlog.get_logger("stagedoor.stage")


_PASSING = (2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds until an app is run again that could not be for a reason which may pass."""

_UNSEEN = (5.0, 15.0, 60.0, 300.0)
"""Seconds until an app is run again that is broken, where nobody sees when its author has mended it."""

_HANDOVER = 10.0
"""Seconds for which a run is kept whose recording is the same as its successor's: for sessions that begin just now."""


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """The first run of an app, as pages show it and as sessions start from it."""

    app: App
    generation: str
    transcript: Transcript
    cells: list[Json]
    """Name and id of each cell, as pages are told."""
    body: Encoded
    kernels: SessionKernels
    """What sessions that start from it get their kernels from."""
    run_limit: float
    """Seconds that a run of the app may take."""
    offers: Offers
    """What pages may load for the app's widgets."""
    terms: Terms = field(default_factory=Terms)

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
    """One published app. While ``recorded`` and ``failure`` are both None, its first run goes on.

    Args:
        limit: seconds that a run may take.
        max_age: seconds after which the app is to be run anew in any case; None for never.
        keep: seconds for which pages that show a former recording still get sessions that start from it.
        publisher: makes files of the app's environment available to pages.
        terms: what the author has decided about visitors.
    """

    def __init__(
        self,
        app: App | BrokenApp,
        kernels: AppKernels,
        *,
        limit: float,
        max_age: float | None = None,
        reveal: bool,
        publisher: Publisher,
        keep: float = 600.0,
        terms: Terms | None = None,
    ) -> None:
        self.name = app.name
        self.app = app
        self.recorded: Recorded | None = None
        self.failure: Failure | None = None
        self.max_age = max_age
        self.seconds = 0.0
        """How long the last run took."""
        self.prepared_at = 0.0
        """When the last run began, by the monotonic clock."""
        self.again_at: float | None = None
        """When it is to be run again, because what has failed may well go by itself."""
        self._failures = 0
        self._kernels = kernels
        self._limit = limit
        self._redaction = Redaction(self._note, reveal=reveal)
        self._publisher = publisher
        self.terms = terms or Terms()
        self._keep = keep
        self._former: dict[str, Recorded] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def title(self) -> str:
        """What a page of the app is called."""
        return self.name if isinstance(self.app, BrokenApp) else self.app.title

    def shown_as(self, generation: str | None) -> Recorded | None:
        """What a page with the recording of this generation shows: it, while it is kept, else the latest."""
        return self._former.get(generation or "") or self.recorded

    async def prepare(self) -> None:
        """Runs the app and records it. A broken app leaves a failure, and the recording that there was before."""
        began = self.prepared_at = time.monotonic()
        self.failure = self.again_at = None
        if isinstance(self.app, BrokenApp):
            self.failure = Failure(new_id(), self.app.problem)
            return
        try:
            self.app = await self._kernels.read(self.app)
            self._replace(await self._run(self.app))
            self._failures = 0
        except _Broken as broken:
            self.failure = broken.failure
        except (AppFileError, KernelError) as error:
            self.failure = Failure(new_id(), str(error))
            if isinstance(error, KernelError) and error.passing:
                self._again_after(_PASSING)
        if self.failure is not None and self.again_at is None and self.app.path is None:
            self._again_after(_UNSEEN)
        self.seconds = time.monotonic() - began

    async def close(self) -> None:
        """No session starts from any of its runs any more."""
        for recorded in (*self._former.values(), self.recorded):
            if recorded is not None:
                await recorded.kernels.close()

    def _again_after(self, pauses: Sequence[float]) -> None:
        self.again_at = time.monotonic() + pauses[min(self._failures, len(pauses) - 1)]
        self._failures += 1

    def _replace(self, recorded: Recorded) -> None:
        former, self.recorded = self.recorded, recorded
        if former is None:
            return
        keep = _HANDOVER
        if former.generation != recorded.generation:
            self._former[former.generation] = former
            keep = self._keep
        asyncio.get_running_loop().call_later(keep, self._retire, former)

    def _retire(self, former: Recorded) -> None:
        if self._former.get(former.generation) is former:
            del self._former[former.generation]
        retiring = asyncio.create_task(former.kernels.close())
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def _run(self, app: App) -> Recorded:
        kernel = await self._kernels.rehearse(app)
        try:
            return await self._record(app, kernel)
        except BaseException:
            await kernel.close()
            raise

    async def _record(self, app: App, kernel: Kernel) -> Recorded:
        cells = [{"name": cell.name, "id": app.cell_id(index)} for index, cell in enumerate(app.cells)]
        transcript = Transcript([cell["id"] for cell in cells])
        environment = await environment_of(kernel, app)
        outcome = await perform(kernel, app, transcript.apply, limit=self._limit, stop_at_prompt=True)
        if outcome.kind in {"error", "timeout"}:
            raise _Broken(Failure(new_id(), self._reason(outcome), outcome.traceback))
        assets: dict[str, str] = {}
        if outcome.ok:
            assets = await self._assets(app, kernel, transcript)
            await self._kernels.settle(app, kernel, transcript.apply)
            await self._give_back_captures(kernel, transcript)
        offers = Offers(app, environment, self._publisher, assets)
        extensions = await offers.record(kernel, transcript, complete=outcome.ok)
        renderers = []
        if environment is not None and self.terms.scripts:
            renderers = await offer_renderers(environment, self._publisher)
        messages = self._cleaned(transcript)
        generation = _generation(app, messages)
        record = encode_recording(
            app=app.name,
            title=app.title,
            generation=generation,
            cells=cells,
            assets=assets,
            extensions=extensions,
            renderers=renderers,
            messages=messages,
            scripts=self.terms.scripts,
        )
        body = await asyncio.to_thread(Encoded.of, record)
        kernels = await self._kernels.adopt(app, kernel, transcript, complete=outcome.ok)
        return Recorded(app, generation, transcript, cells, body, kernels, self._limit, offers, self.terms)

    async def _give_back_captures(self, kernel: Kernel, transcript: Transcript) -> None:
        with contextlib.suppress(
            TimeoutError
        ):  # the app watches its own output; what becomes of that is its own affair
            async with asyncio.timeout(self._limit):
                for capture in returned_captures(transcript):
                    await kernel.send(capture)
                    await until_idle(kernel, capture.msg_id, transcript.apply)

    async def _assets(self, app: App, kernel: Kernel, transcript: Transcript) -> dict[str, str]:
        path = await plotly_script(kernel, app, transcript.apply)
        return {PLOTLY: await asyncio.to_thread(self._publisher.publish, PLOTLY, path)} if path else {}

    def _reason(self, outcome: Outcome) -> str:
        if outcome.kind == "timeout":
            return f"Its first run was still in cell {outcome.cell!r} after {self._limit:g} s: it may never end."
        return f"Its cell {outcome.cell!r} has ended with {outcome.ename}: {outcome.evalue}"

    def _cleaned(self, transcript: Transcript) -> list[Message]:
        outward = (self._redaction.outward(message, transcript.comms) for message in transcript.messages())
        return [message for message in outward if message is not None]

    def _note(self, kind: str, problem: str, detail: Json) -> None:
        log.warning(f"withheld from the recording: {kind}", app=self.name, id=problem, **detail)


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
