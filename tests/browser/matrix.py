"""The rows of the matrix, the browsers that visit them, and the table of what came of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import pytest

HERE = Path(__file__).parent
ROWS = HERE / "rows"
ENGINES = {"chromium": ("chromium", "chromium-browser"), "firefox": ("firefox-esr", "firefox")}
"""The browsers, and the names of their commands; Debian's packages are called like the first."""
TIERS = {"forked": "auto", "stock": "never"}
"""How visitors get their kernels, and the setting that says so."""

Place = Literal["own", "other origin"]


@dataclass(frozen=True)
class Row:
    """One kind of output: the app ``rows/NAME.py``, and what its visitor sees, ``rows/NAME.mjs``."""

    name: str
    title: str
    packages: tuple[str, ...]
    core: bool
    """Whether it is visited on each change."""
    heavy: bool
    embedded: bool
    """Whether a page of another origin shows it too."""
    live: bool
    """Whether it shows nothing before it has a kernel, and gets itself one."""

    @property
    def app(self) -> Path:
        return ROWS / f"{self.name}.py"

    @property
    def missing(self) -> list[str]:
        """Packages that it needs and that this environment has not."""
        return [package for package in self.packages if _version(package) is None]

    @property
    def versions(self) -> str:
        return ", ".join(f"{package} {_version(package)}" for package in self.packages) or "-"


def rows() -> list[Row]:
    """All rows; none when there is no node to read them."""
    if shutil.which("node") is None:
        return []
    listed = subprocess.run(["node", HERE / "drive" / "list.mjs"], capture_output=True, text=True, check=True).stdout
    return [Row(**(row | {"packages": tuple(row["packages"])})) for row in json.loads(listed)]


def _version(package: str) -> str | None:
    try:
        return version(re.split(r"[\[<>=!~]", package)[0])
    except PackageNotFoundError:
        return None


class Driver:
    """A browser, and the program that drives it over WebDriver BiDi or its own protocol."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version = str(self._read()["version"])

    def visit(self, row: Row, gateway: str, page: str) -> dict[str, Any]:
        """What a visitor of the page has seen (``drive/visit.mjs``)."""
        request = {"row": row.name, "url": page, "gateway": gateway}
        if folder := os.environ.get("STAGEDOOR_TEST_SHOTS"):
            name = os.environ["PYTEST_CURRENT_TEST"].rpartition("[")[2].partition("]")[0]
            request["shot"] = str(Path(folder).resolve() / f"{name}.png")
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the browser's driver has ended"
        return json.loads(line)


@contextmanager
def driver(engine: str) -> Iterator[Driver]:
    """A running browser. Fails the test, saying what to install, when there is none."""
    path = next(filter(None, map(shutil.which, ENGINES[engine])), None)
    if path is None:
        pytest.fail(f"The browser tests need {engine}: install Debian's package `{ENGINES[engine][0]}`.", pytrace=False)
    command = ["node", HERE / "drive" / "main.mjs", engine, path]
    with display() if engine == "firefox" else nullcontext() as shown:
        env = os.environ | ({"STAGEDOOR_TEST_DISPLAY": shown} if shown else {})
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        try:
            yield Driver(process)
        finally:
            process.communicate(timeout=20)


@contextmanager
def display() -> Iterator[str | None]:
    """A screen that nobody sees, if there can be one: Firefox has no WebGL without any."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1400x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


@dataclass
class Table:
    """What was seen, for ``docs/outputs.md``."""

    versions: dict[str, str] = field(default_factory=dict)
    seen: dict[Row, dict[tuple[str, str], dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, row: Row, engine: str, tier: str, seen: dict[str, Any]) -> None:
        self.seen[row][engine, tier] = seen

    def unseen(self, rows: Sequence[Row]) -> list[str]:
        """The rows that have not been visited by every browser on every tier: half a table would not be true."""
        visits = {(engine, tier) for engine in ENGINES for tier in TIERS}
        return [row.name for row in rows if self.seen.get(row, {}).keys() != visits]

    def write(self, file: Path) -> None:
        """Writes the table."""
        browsers = [f"{engine.capitalize()} {self.versions[engine].split('.')[0]}" for engine in self.versions]
        heads = ["output", "versions", *(f"{name}: {what}" for name in browsers for what in ("recorded", "live")), "kB"]
        lines = [_line(heads), _line(["---"] * len(heads))]
        for row, visits in sorted(self.seen.items(), key=lambda item: item[0].title.lower()):
            shown = ("recorded", "live")
            ticks = [self._tick(row, visits, engine, what) for engine in self.versions for what in shown]
            kilobytes = max(visit["kilobytes"] for visit in visits.values())
            lines.append(_line([row.title, row.versions, *ticks, str(kilobytes)]))
        file.write_text(_INTRODUCTION + "\n".join(lines) + "\n")

    def _tick(self, row: Row, visits: dict[tuple[str, str], dict[str, Any]], engine: str, what: str) -> str:
        good = [tier for tier in TIERS if visits.get((engine, tier), {}).get(what)]
        sign = "live at once" if row.live and what == "recorded" else "✓"
        return sign if len(good) == len(TIERS) else f"{', '.join(good)} only" if good else "✗"


_INTRODUCTION = """# What shows

Written by `make test-all`, which visits one small app a row, `tests/browser/rows/`, in both browsers.

- *recorded*: with no kernel, the page shows the app's recording as it should, and has asked no other host for anything.
- *live*: an interaction changes what is seen, on a forked kernel and on a stock one. What cannot be interacted with
  shows in the live page.
- *live at once*: there is nothing to see without a kernel, so the page gets itself one.
- *kB*: all that the row's own page has loaded until then, compressed: page, element, recording, and the code that
  shows this kind of output. What comes over the connection with a kernel is not counted.

"""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
