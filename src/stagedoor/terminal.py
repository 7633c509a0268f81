"""What the operator sees while the apps get ready: in a terminal, as plain lines, or in the log."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Protocol, Self

import structlog
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from . import __version__
from .apps.app import App, BrokenApp
from .door.stage import Failure, Stage

log = structlog.get_logger("stagedoor")

console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def complain(sentence: str) -> None:
    """One line that says why nothing is done."""
    console.print(Text(f"stagedoor: {sentence}", style="bold red"))


class Report(Protocol):
    """Tells the operator how far the apps are; a context that lasts as long as anything runs."""

    def __init__(self, names: Sequence[str], address: str = "", site: str = "") -> None:
        """
        Args:
            names: of the apps.
            address: where they are served, ``http://host:port/path``; "" when they are not.
            site: the address of a page that embeds them.
        """

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def prepared(self, stage: Stage) -> None:
        """The first run of an app has ended, well or not."""

    def ending(self) -> None:
        """Stagedoor has been told to end."""


class TerminalReport:
    """For people: progress while it lasts, when this is a terminal; lines otherwise."""

    def __init__(self, names: Sequence[str], address: str = "", site: str = "") -> None:
        self._address = address
        self._site = site
        self._total = len(names)
        self._failed = 0
        self._pending = {name: Spinner("dots", text=Text(f"{name} is getting ready …", style="dim")) for name in names}
        self._in_terminal = console.is_interactive and sys.stderr.isatty()
        self._live = Live(console=console, transient=True, get_renderable=self._progress, refresh_per_second=10)
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self._address:
            console.print(
                Text.assemble(
                    (f"Stagedoor {__version__}", "bold"), " at ", _link(self._address), _dim(" (Ctrl-C ends it)")
                )
            )
        if self._site:
            console.print(Text.assemble("The page that embeds the apps: ", _link(f"{self._site}/")))
        if self._in_terminal:
            self._live.start()
        else:
            console.print(f"{_counted(self._total)} getting ready: {', '.join(self._pending)}")
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def prepared(self, stage: Stage) -> None:
        """See the protocol."""
        first = self._pending.pop(stage.name, None) is not None
        if stage.failure is None:
            line = Text.assemble(("✓", "green"), f" {stage.name} {'is ready' if first else 'has been run anew'}")
            if self._address:
                line.append_text(Text.assemble(" at ", _link(f"{self._address}/apps/{stage.name}")))
            console.print(line.append(f" ({stage.seconds:.1f} s)", style="dim"))
            console.print(_dim_line(f"  {stage.recorded.kernels.description}" if stage.recorded else ""))
        else:
            self._failed += first
            console.print(self._block(stage, stage.failure))
        if first and not self._pending:
            self._live.stop()
            self._conclude()

    def ending(self) -> None:
        """See the protocol."""
        self._live.stop()
        console.print(Text("Ending … (Ctrl-C again: at once)", "dim"))

    def _progress(self) -> RenderableType:
        return Group(*self._pending.values())

    def _block(self, stage: Stage, failure: Failure) -> RenderableType:
        title = f"✗ {stage.name} {_trouble(stage)} (id {failure.id})"
        body = Text(failure.reason)
        if failure.traceback:
            body.append("\n\n").append_text(Text.from_ansi("\n".join(failure.traceback)))
        if self._in_terminal:
            return Panel(body, title=Text(title), title_align="left", border_style="red")
        return Group(Text(title), *(Text(f"  {line}".rstrip()) for line in body.plain.splitlines()))

    def _conclude(self) -> None:
        seconds = _dim(f" ({time.monotonic() - self._began:.1f} s)")
        if not self._failed:
            console.print(Text.assemble((f"{_counted(self._total)} ready.", "bold green"), seconds))
        else:
            ready = f"{self._total - self._failed} of {self._total} apps ready, {self._failed} cannot be shown."
            console.print(Text.assemble((ready, "bold red"), seconds))
        if self._site:
            console.print(Text.assemble("Open ", _link(f"{self._site}/")))


class LogReport:
    """For machines: every line is a line of the log."""

    def __init__(self, names: Sequence[str], address: str = "", site: str = "") -> None:
        self._address = address
        self._site = site
        self._pending = set(names)
        self._failed = 0
        self._total = len(names)

    def __enter__(self) -> Self:
        log.info(f"Stagedoor {__version__} at {self._address} is getting ready", apps=self._total, site=self._site)
        return self

    def __exit__(self, *_: object) -> None:
        log.info("Stagedoor has ended")

    def prepared(self, stage: Stage) -> None:
        """See the protocol."""
        first = stage.name in self._pending
        self._pending.discard(stage.name)
        if failure := stage.failure:
            self._failed += first
            log.error(
                f"{stage.name} {_trouble(stage)}", id=failure.id, reason=failure.reason, traceback=failure.traceback
            )
        else:
            address = f"{self._address}/apps/{stage.name}"
            sessions = stage.recorded.kernels.description if stage.recorded else ""
            log.info(f"{stage.name} is ready", seconds=round(stage.seconds, 3), address=address, sessions=sessions)
        if first and not self._pending:
            log.info("every app has been run", ready=self._total - self._failed, failed=self._failed)

    def ending(self) -> None:
        """See the protocol."""
        log.info("Stagedoor is ending")


def show_table(apps: Sequence[App | BrokenApp], stages: Mapping[str, Stage]) -> None:
    """Writes to stdout how the apps' runs have come out."""
    table = Table("app", *("cells", "seconds", "recording"), "outcome", box=None, pad_edge=False)
    for name in ("cells", "seconds", "recording"):
        next(column for column in table.columns if column.header == name).justify = "right"
    for app in apps:
        stage = stages[app.name]
        cells = str(len(stage.app.cells)) if isinstance(stage.app, App) else ""
        size = f"{len(stage.recorded.body.brotli) / 1000:.1f} kB" if stage.recorded else ""
        outcome = Text("ready", "green") if stage.recorded else Text("cannot be shown", "bold red")
        table.add_row(Text(app.name), cells, f"{stage.seconds:.1f}", size, outcome)
    Console().print(table)


def _trouble(stage: Stage) -> str:
    return "cannot be run any more: its last good run is served" if stage.recorded else "cannot be shown"


def _counted(number: int) -> str:
    return "1 app is" if number == 1 else f"{number} apps are"


def _link(address: str) -> tuple[str, str]:
    return address, f"bold link {address}"


def _dim_line(text: str) -> Text:
    return Text(text, style="dim")


def _dim(text: str) -> tuple[str, str]:
    return text, "dim"
