"""Log lines: one form for all, whoever writes them, and nothing in them that a terminal would obey."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import asyncio, gc, logging, sys, threading, warnings
import structlog
from stagedoor.logs import configure_logs

configure_logs(sys.argv[1], "info")
log = structlog.get_logger("stagedoor.test")
log.debug("a debug line")
log.warning("from a kernel", text="a\\x1b]0;title\\x07b", traceback=["\\x1b[31mZeroDivisionError\\x1b[0m", "  line 2"])
logging.getLogger("uvicorn.error").warning("from %s", "uvicorn")
logging.getLogger("uvicorn.error").info("chatter")
warnings.warn("from Python")

def session_fails():
    secret = "s3cr3t"
    raise KeyError("lost")

try:
    session_fails()
except KeyError:
    log.exception("from a session", session="1a2b")

threading.Thread(target=session_fails).start()

async def main():
    async def forgotten():
        session_fails()
    task = asyncio.create_task(forgotten())
    await asyncio.wait([task])

asyncio.run(main())
gc.collect()
session_fails()
"""


def written(form: str) -> str:
    done = subprocess.run([sys.executable, "-c", SCRIPT, form], check=False, capture_output=True, text=True)
    assert done.stdout == ""
    return done.stderr


def test_json_lines() -> None:
    lines = [json.loads(line) for line in written("json").splitlines()]
    by_event = {line["event"].partition("\n")[0].rpartition(": ")[2]: line for line in lines}
    assert list(by_event)[:2] == ["from a kernel", "from uvicorn"]
    assert by_event["from a kernel"]["exception"] == "ZeroDivisionError\n  line 2"
    assert by_event["from uvicorn"]["logger"] == "uvicorn.error"
    assert "from Python" in by_event
    for event, level in {
        "from a session": "error",
        "a thread has crashed": "error",
        "Task exception was never retrieved": "error",
        "Stagedoor has crashed": "critical",
    }.items():
        assert by_event[event]["level"] == level
        assert by_event[event]["exception"].endswith("KeyError: 'lost'")


def test_pretty_lines() -> None:
    text = written("pretty")
    assert "\x1b" not in text
    assert "from a kernel" in text
    assert "ZeroDivisionError\n  line 2" in text
    assert "[error    ] from a session" in text
    assert text.count("KeyError: 'lost'") == 4


def test_no_line_has_the_values_of_variables() -> None:
    # The script is no file, so its source, where the value is written too, cannot be in a traceback.
    assert "s3cr3t" not in written("pretty") + written("json")
