"""However Stagedoor ends, nothing of it is left: no process, no file, and its port is free."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from gateway import Gateway, running_gateway, wait_until

CLICKS = Path(__file__).parent / "web" / "stages" / "clicks.py"
STUBBORN = """
import signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "1000"], start_new_session=True)
"""


@pytest.fixture
def runtime() -> Iterator[Path]:
    """Where the gateway has its files. A socket's path is short, so pytest's own folder will not do."""
    folder = Path(tempfile.mkdtemp(prefix="sd-"))
    yield folder
    shutil.rmtree(folder)


def descendants(gateway: Gateway) -> list[psutil.Process]:
    return psutil.Process(gateway.process.pid).children(recursive=True)


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended
        return []


def assert_nothing_is_left(processes: list[psutil.Process], runtime: Path, url: str) -> None:
    wait_until(lambda: not any(map(is_running, processes)))
    wait_until(lambda: not list(runtime.iterdir()))
    host, port = url.removeprefix("http://").split(":")
    with socket.create_server((host, int(port))):
        pass


def is_running(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("signum", "status"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_nothing_is_left_after_a_signal(runtime: Path, signum: signal.Signals, status: int) -> None:
    with running_gateway([CLICKS], env={"TMPDIR": str(runtime)}) as gateway, gateway.page("clicks") as page:
        page.until_done(page.click(page.comm("ButtonModel")))
        processes = descendants(gateway)
        assert [process for process in processes if "stagedoor.kernels.template.process" in command(process)]
        gateway.process.send_signal(signum)
        if signum != signal.SIGKILL:
            assert page.until_state("ended").content["code"] == "shutdown"
        assert gateway.process.wait(20) == status
        assert_nothing_is_left(processes, runtime, gateway.url)
        assert not gateway.logged("Traceback")


def test_a_second_ctrl_c_ends_it_at_once(runtime: Path, tmp_path: Path) -> None:
    app = tmp_path / "stubborn.py"
    app.write_text(STUBBORN + "input('wait')")
    with running_gateway([app], env={"TMPDIR": str(runtime)}) as gateway:
        page = gateway.page("stubborn")
        page.send("control", "stagedoor_open", {})
        page.until_state("live")
        processes = descendants(gateway)
        assert any("sleep" in command(process) for process in processes)
        gateway.process.send_signal(signal.SIGINT)
        wait_until(lambda: gateway.logged("Ending"))
        gateway.process.send_signal(signal.SIGINT)
        assert gateway.process.wait(20) == 128 + signal.SIGINT
        assert_nothing_is_left(processes, runtime, gateway.url)


def test_ctrl_c_while_apps_get_ready_leaves_nothing_either(runtime: Path, tmp_path: Path) -> None:
    app = tmp_path / "endless.py"
    app.write_text("print('begun')\nwhile True: pass")
    process = subprocess.Popen(
        [sys.executable, "-m", "stagedoor", "serve", app, "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={"TMPDIR": str(runtime), "STAGEDOOR_KERNELS__SNAPSHOT": "never"},
    )
    kernel = wait_until(
        lambda: [child for child in psutil.Process(process.pid).children() if "ipykernel_launcher" in command(child)]
    )
    wait_until(lambda: list(runtime.glob("stagedoor-*/k1/s-*")))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.splitlines()[-1].startswith("Ending")
    wait_until(lambda: not any(map(is_running, kernel)))
    assert not list(runtime.iterdir())
