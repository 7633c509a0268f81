"""Marked apps, gateways that serve them, and what the attacks on them have come to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest
import trouble as troublemaker
from gateway import Gateway, running_gateway
from house import LONG, Tally, serve
from marked import Theatre, build

_TALLY = Tally()


@pytest.fixture(scope="session")
def tally() -> Tally:
    return _TALLY


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    return build(tmp_path_factory.mktemp("theatre"))


@pytest.fixture(scope="session")
def forked(theatre: Theatre, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Its kernels are forked from the app after its run."""
    with serve(theatre, tmp_path_factory, "auto") as running:
        yield running


@pytest.fixture(scope="session")
def stock(theatre: Theatre, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Each session has a kernel that starts, and runs the app, anew."""
    with serve(theatre, tmp_path_factory, "never") as running:
        yield running


@pytest.fixture(scope="session")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("apps")
    (folder / "app.py").write_text(troublemaker.APP)
    (folder / "limited.py").write_text(troublemaker.APP)
    settings = folder / "stagedoor.toml"
    settings.write_text(troublemaker.SETTINGS)
    with running_gateway([folder], "--config", str(settings)) as running:
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """For whoever runs the long form."""
    if not LONG or not _TALLY.tried:
        return
    tell = terminalreporter.write_line
    terminalreporter.section("attacks")
    tell(f"tried: {sum(_TALLY.tried.values())}")
    for kind, number in _TALLY.tried.most_common():
        tell(f"  {kind}: {number}")
    refused: Counter[str] = Counter()
    for key, number in _TALLY.refused.items():
        refused[key.partition(",")[0]] += number
    tell(f"refused: {sum(refused.values())}")
    for reason, number in refused.most_common():
        tell(f"  {reason}: {number}")
    tell(f"bytes received and searched: {_TALLY.searched}; marks found: 0 (a mark fails its test)")
    for line in _TALLY.memory:
        tell(f"the gateway's memory, {line}")
    tell(f"duration: {time.monotonic() - _TALLY.began:.0f} s")
