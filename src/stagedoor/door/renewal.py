"""Apps are run anew when their files change, when their recording has become old, and when their template is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from ..apps.changes import fingerprint
from ..apps.discover import read_app
from .stage import Stage

_LOOK_EVERY = 1.0
_PAUSE = 60.0


async def keep_renewed(stages: Sequence[Stage], prepare: Callable[[Stage], Awaitable[None]]) -> None:
    """Goes on until it is cancelled.

    Args:
        prepare: runs a stage's app; called with one stage at a time, whose ``app`` is what its file says now.
    """
    others = frozenset(stage.app.path for stage in stages if stage.app.path is not None)
    known = {stage.name: await _fingerprint(stage, others) for stage in stages}
    changing: dict[str, int] = {}
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        for stage in stages:
            now = await _fingerprint(stage, others)
            # Files are often written in several goes: a change counts when it has lasted for one look.
            if now != known[stage.name] and changing.get(stage.name) != now:
                changing[stage.name] = now
            elif now != known[stage.name] or _is_due(stage):
                known[stage.name] = now
                if stage.app.path is not None:
                    stage.app = await asyncio.to_thread(read_app, stage.app.path)
                await prepare(stage)


async def _fingerprint(stage: Stage, others: frozenset[Path]) -> int:
    return await asyncio.to_thread(fingerprint, stage.app, others - {stage.app.path})


def _is_due(stage: Stage) -> bool:
    if stage.again_at is not None:
        return time.monotonic() > stage.again_at
    if stage.recorded is None:
        return False
    age = time.monotonic() - stage.prepared_at
    if stage.max_age is not None and age > stage.max_age:
        return True
    # An app that cannot be run any more is not run again and again.
    return stage.recorded.kernels.worn and (stage.failure is None or age > _PAUSE)
