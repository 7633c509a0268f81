"""However a kernel or the gateway ends, nothing that they started goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from watching import MakeApp, is_running, printed, until, until_async

from stagedoor.jupyter.message import Message
from stagedoor.kernels.perform import perform
from stagedoor.kernels.protocol import KernelDied
from stagedoor.kernels.stock import StockKernels
from stagedoor.kernels.warden import Warden

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found by /proc")

# A plain child; one in a session of its own; a daemon whose parent has gone; one that ignores all that it can ignore;
# one in its own session with none of its environment.
CHILDREN = """
import subprocess, sys
sleep = "import time, os; print('child', os.getpid(), flush=True); time.sleep(600)"
stubborn = "import signal; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; " + sleep
daemon = "import os; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); " + sleep
for code, options in [(sleep, {}), (sleep, {"start_new_session": True}), (daemon, {}), (stubborn, {}),
                      (sleep, {"start_new_session": True, "env": {}})]:
    process = subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, text=True, **options)
    print(process.stdout.readline(), end="")
"""


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)


def is_there(folder: Path) -> bool:
    return folder.exists()


def children(text: str) -> list[int]:
    return [int(line.split()[1]) for line in text.splitlines() if line.startswith("child")]


async def test_closing_a_kernel_ends_all_that_its_app_started(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app(CHILDREN)
    kernel, other = await source.open(app), await source.open(app)
    messages: list[Message] = []
    assert (await perform(kernel, app, messages.append)).ok
    pids = [kernel.pid or 0, *children(printed(messages))]
    assert len(pids) == 6
    assert all(map(is_running, pids))
    await kernel.close()
    assert not any(map(is_running, pids))
    assert is_running(other.pid or 0)
    await kernel.close()


async def test_a_kernel_that_dies_takes_its_children_along(source: StockKernels, make_app: MakeApp) -> None:
    app = make_app(CHILDREN.replace(', "env": {}', "") + "# %%\nimport os; os._exit(1)\n")
    kernel = await source.open(app)
    messages: list[Message] = []
    with pytest.raises(KernelDied):
        await perform(kernel, app, messages.append)
    pids = children(printed(messages))
    assert len(pids) == 5
    await until_async(lambda: not any(map(is_running, pids)))
    await until_async(lambda: [entry.name for entry in source._warden.folder.iterdir()] == ["lock"])


@pytest.fixture
def gateway(make_app: MakeApp) -> Iterator[tuple[subprocess.Popen[str], dict[str, str], list[int]]]:
    """A gateway process, what it says of itself, and all processes that came from it."""
    script = Path(__file__).with_name("doomed_gateway.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(make_app(CHILDREN).path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    lines = []
    while not lines or lines[-1] not in ("done\n", ""):
        lines.append(process.stdout.readline())
    about = dict(line.split() for line in lines if line.startswith(("folder", "kernel", "warden")))
    pids = [process.pid, int(about["kernel"]), int(about["warden"]), *children("".join(lines))]
    assert len(pids) == 8
    assert all(map(is_running, pids))
    yield process, about, pids
    process.kill()
    process.wait()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_gateway_that_is_killed_leaves_nothing(
    gateway: tuple[subprocess.Popen[str], dict[str, str], list[int]], ending: signal.Signals
) -> None:
    process, about, pids = gateway
    process.send_signal(ending)
    process.wait()
    until(lambda: not any(map(is_running, pids)))
    until(lambda: not Path(about["folder"]).exists())


async def test_the_next_gateway_cleans_up_when_the_warden_was_killed_too(
    gateway: tuple[subprocess.Popen[str], dict[str, str], list[int]],
) -> None:
    process, about, pids = gateway
    os.kill(int(about["warden"]), signal.SIGKILL)
    process.kill()
    process.wait()
    folder = Path(about["folder"])
    assert is_there(folder)
    warden = Warden()
    assert not is_there(folder)
    # The kernel's own watch of its parent may have ended it first, leaving one child without any trace of its origin.
    assert sum(map(is_running, pids)) <= 1
    for pid in filter(is_running, pids):
        os.kill(pid, signal.SIGKILL)
    await warden.close()
    assert not warden.folder.exists()


async def test_a_living_gateways_folder_is_left_alone() -> None:
    first = Warden()
    second = Warden()
    assert first.folder.exists()
    await first.close()
    await second.close()


async def test_a_warden_that_was_killed_is_replaced() -> None:
    warden = Warden()
    child = sleeper()
    warden.watch(child.pid)
    old = warden._process
    assert old
    old.kill()
    old.wait()
    other = sleeper()
    warden.watch(other.pid)
    new = warden._process
    assert new
    assert new.pid != old.pid
    assert new.stdin
    new.stdin.close()
    assert [child.wait(), other.wait()] == [-signal.SIGTERM] * 2
    await warden.close()
