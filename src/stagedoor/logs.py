"""Logs: pretty for people in a terminal, JSON lines for machines."""

from __future__ import annotations

import io
import logging
import re
import sys
import threading
from typing import Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

log = structlog.get_logger("stagedoor")

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """A text without colours, and with nothing else in it that a terminal would obey."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], _COLOUR.sub("", text))


def configure_logs(form: Literal["auto", "pretty", "json"], level: str) -> None:
    """Sends every log line, the libraries' and Python's own too, to stderr in one form."""
    pretty = form == "pretty" or (form == "auto" and sys.stderr.isatty())
    stderr = cast(TextIO, _CurrentStderr())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if pretty else "iso", utc=not pretty),
    ]
    # No formatter that shows local variables: sessions' secrets are among them.
    last: list[Processor] = [_show_traceback] + (
        [
            _make_plain,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
        if pretty
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.ERROR if level == "error" else logging.WARNING, force=True)
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: log.critical("Stagedoor has crashed", exc_info=(kind, error, trace))
    threading.excepthook = lambda args: log.error("a thread has crashed", exc_info=args.exc_value)


class _CurrentStderr(io.TextIOBase):
    """Whatever ``sys.stderr`` is when a line is written: a progress display takes its place for a while."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _show_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A kernel's traceback (lines with colours) is shown as one of this process would be."""
    if lines := event.pop("traceback", None):
        event["exception"] = plain("\n".join(map(str, lines)))
    return event


def _make_plain(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: plain(value) if isinstance(value, str) else value for key, value in event.items()}
