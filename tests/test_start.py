"""What an operator sees while the apps get ready."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from gateway import running_gateway, wait_until

STAGES = Path(__file__).parent / "web" / "stages"


@pytest.fixture
def apps(tmp_path: Path) -> Path:
    """A folder with one good app, and others each broken in a way of its own."""
    folder = tmp_path / "apps"
    folder.mkdir()
    (folder / "good.py").write_text("print('fine')")
    (folder / "syntax.py").write_text("x = (1,\n")
    (folder / "raises.py").write_text("def deep():\n    return 1 / 0\n\ndeep()")
    (folder / "imports.py").write_text("import no_such_module")
    (folder / "latin.py").write_bytes(b"name = '\xe9'")
    (folder / "gone.py").symlink_to("nowhere.py")
    (folder / "text.ipynb").write_text("this is not JSON")
    (folder / "other.ipynb").write_text('{"a": 1}')
    (folder / "endless.py").write_text("while True:\n    pass")
    return folder


def test_each_broken_app_is_a_block_and_the_others_are_served(apps: Path) -> None:
    with running_gateway([apps], env={"STAGEDOOR_KERNELS__RUN_LIMIT": "4"}) as gateway:
        wait_until(lambda: gateway.logged("1 of 9 apps ready, 8 cannot be shown."))
        said = "".join(gateway.log)
        assert "\x1b" not in said, "no colours where no terminal is"
        for name, reason in {
            "syntax": "SyntaxError",
            "raises": "Its cell '0' has ended with ZeroDivisionError: division by zero",
            "imports": "ModuleNotFoundError: No module named 'no_such_module'",
            "latin": "latin.py cannot be decoded",
            "gone": "gone.py cannot be read: No such file or directory.",
            "text": "text.ipynb is not a notebook: it is not JSON",
            "other": "other.ipynb is not a notebook that Jupyter can read",
            "endless": "Its first run was still in cell '0' after 4 s: it may never end.",
        }.items():
            block = re.search(rf"✗ {name} cannot be shown \(id [0-9a-f]{{8}}\)\n((  .*)?\n)+", said)
            assert block, name
            assert reason in block[0]
        assert "      1 def deep():\n  ----> 2     return 1 / 0" in said, "the author's traceback"
        (ready,) = gateway.logged("✓ good is ready at ")
        page = re.search(r"http://\S+", ready)
        assert page
        assert httpx.get(page[0]).status_code == 200
        assert gateway.get("/apps/text/recording").json()["code"] == "app_failed"
        assert gateway.get("/healthz").json()["apps"] == {"ready": 1, "failed": 8, "preparing": 0}


def test_in_a_terminal_there_are_colours_and_links(tmp_path: Path) -> None:
    words = ["serve", STAGES / "clicks.py", STAGES / "broken.py", "--port", "0"]
    terminal, side = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": "100"}
    process = subprocess.Popen([sys.executable, "-m", "stagedoor", *words], stderr=side, cwd=tmp_path, env=environment)
    os.close(side)
    said = read_until(terminal, "1 of 2 apps ready, 1 cannot be shown.")
    process.send_signal(signal.SIGINT)
    said += read_until(terminal, "Ending")
    assert process.wait(20) == 0
    os.close(terminal)
    assert re.search(r"\x1b]8;[^;]*;http://127\.0\.0\.1:\d+/apps/clicks\x1b\\", said), "an address to click on"
    assert "clicks is getting ready" in said
    assert re.search(r"\x1b\[[0-9;]*mZeroDivisionError", said), "the traceback has its colours"
    assert said.rindex("\x1b[?25h") > said.rindex("\x1b[?25l"), "the cursor is back"


def read_until(terminal: int, text: str, limit: float = 60.0) -> str:
    said = ""
    deadline = time.monotonic() + limit
    while text not in said:
        ready, _, _ = select.select([terminal], [], [], max(deadline - time.monotonic(), 0))
        assert ready, f"it has not said {text!r} in time, but: {said}"
        said += os.read(terminal, 2**16).decode()
    return said


def test_for_machines_every_line_is_json(tmp_path: Path) -> None:
    config = tmp_path / "stagedoor.toml"
    config.write_text('[log]\nformat = "json"\n')
    with running_gateway([STAGES / "asks.py", STAGES / "broken.py"], "--config", str(config)) as gateway:
        wait_until(lambda: gateway.logged("every app has been run"))
        problem = gateway.get("/apps/nothing").json()["id"]
        wait_until(lambda: gateway.logged(problem))
        gateway.process.send_signal(signal.SIGINT)
        gateway.process.wait(20)
        wait_until(lambda: gateway.logged("Stagedoor has ended"))
        lines = [json.loads(line) for line in gateway.log]
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)
    (broken,) = [line for line in lines if line["event"] == "broken cannot be shown"]
    assert broken["level"] == "error"
    assert broken["exception"].endswith("ZeroDivisionError: division by zero")
    assert "\x1b" not in broken["exception"]
    (run,) = [line for line in lines if line["event"] == "every app has been run"]
    assert (run["ready"], run["failed"]) == (1, 1)
    (answered,) = [line for line in lines if line.get("id") == problem]
    assert (answered["status"], answered["path"]) == (404, "/apps/nothing")
