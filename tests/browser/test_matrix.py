"""Every kind of output, in Chromium and Firefox: from the recording, and live on a forked and on a stock kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from gateway import Gateway, running_gateway
from matrix import ENGINES, TIERS, Driver, Place, Row, Table, driver, rows

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

ROWS = rows()
HOST_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{app}</title>
<link rel="icon" href="data:,">
<script type="module" src="{gateway}/stagedoor.js"></script>
<stage-door app="{app}">loading…</stage-door>
"""


def cases() -> Iterator[object]:
    """Row, tier and browser; visits to one gateway in one browser follow each other."""
    for tier in TIERS:
        for engine in ENGINES:
            for row in ROWS:
                places: list[Place] = ["own", "other origin"] if row.embedded and tier == "forked" else ["own"]
                for place in places:
                    marks = [] if row.core and tier == "forked" else [pytest.mark.matrix]
                    name = "-".join([row.name, tier, engine, *(["embedded"] if place != "own" else [])])
                    yield pytest.param(row, tier, engine, place, marks=marks, id=name)


class Gateways:
    """A gateway a tier, with the apps of all rows that are to be visited."""

    def __init__(self, apps: list[Path], host: str, stack: ExitStack) -> None:
        self._apps = apps
        self._host = host
        self._stack = stack
        self._running: dict[str, Gateway] = {}

    def __getitem__(self, tier: str) -> Gateway:
        if tier not in self._running:
            env = {"STAGEDOOR_KERNELS__SNAPSHOT": TIERS[tier], "STAGEDOOR_SESSIONS__GRACE": "1"}
            flags = ["--allow-origin", self._host]
            running = running_gateway(self._apps, *flags, env=env, limit=600)
            self._running[tier] = self._stack.enter_context(running)
        return self._running[tier]


@pytest.fixture(scope="module")
def gateways(request: pytest.FixtureRequest, site: tuple[Path, str]) -> Iterator[Gateways]:
    visited = {item.callspec.params["row"] for item in request.session.items if "row" in _parameters(item)}
    with ExitStack() as stack:
        yield Gateways([row.app for row in ROWS if row in visited and not row.missing], site[1], stack)


def _parameters(item: pytest.Item) -> dict[str, object]:
    return item.callspec.params if hasattr(item, "callspec") else {}


@pytest.fixture(scope="module")
def drivers() -> Iterator[dict[str, Driver]]:
    with ExitStack() as stack:

        class Drivers(dict[str, Driver]):
            def __missing__(self, engine: str) -> Driver:
                self[engine] = stack.enter_context(driver(engine))
                return self[engine]

        yield Drivers()


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """What was seen; written to the file that ``--outputs-table`` names."""
    collected = Table()
    yield collected
    if file := request.config.getoption("--outputs-table"):
        if unseen := collected.unseen(ROWS):
            pytest.fail(f"{file} stays as it was: not all was visited of {', '.join(unseen)}", pytrace=False)
        collected.write(Path(file))


@pytest.mark.parametrize(("row", "tier", "engine", "place"), list(cases()))
def test_what_a_visitor_sees(
    row: Row,
    tier: str,
    engine: str,
    place: Place,
    gateways: Gateways,
    drivers: dict[str, Driver],
    site: tuple[Path, str],
    table: Table,
) -> None:
    if row.missing:
        pytest.skip(f"needs {', '.join(row.missing)}")
    gateway, driving = gateways[tier].url, drivers[engine]
    page = f"{gateway}/apps/{row.name}"
    if place != "own":
        folder, origin = site
        (folder / f"{row.name}.html").write_text(HOST_PAGE.format(app=row.name, gateway=gateway))
        page = f"{origin}/{row.name}.html"
    seen = driving.visit(row, gateway, page)
    if place == "own":
        table.versions[engine] = driving.version
        table.note(row, engine, tier, seen)
    assert not seen["problem"], seen["problem"]
    assert seen["elsewhere"] == [], "other hosts were asked"
