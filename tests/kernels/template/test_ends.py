"""Whoever dies, the template, a child or the gateway: nothing is left, and the others go on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from rehearsing import House, say
from watching import is_running, is_there, own_processes, until, until_async

from stagedoor.kernels.protocol import KernelDied, KernelError
from stagedoor.kernels.template import watched
from stagedoor.kernels.template.watched import Orphans

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def orphans() -> AsyncIterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(watched, "_LOOK_EVERY", 0.2)
    orphans = Orphans()
    yield
    await orphans.close()
    patch.undo()


async def test_a_child_that_is_killed_is_reported(house: House) -> None:
    stage = await house.rehearse("x = 1")
    kernel, other = await stage.fork(), await stage.fork()
    assert kernel.pid
    pid = kernel.pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(KernelDied, match="was killed by SIGKILL"):
        await kernel.receive()
    assert not is_there(pid)
    with pytest.raises(KernelDied, match="was killed by SIGKILL"):
        await kernel.receive()
    assert await say(other, "print(x)") == "1\n"
    await kernel.close()


async def test_children_go_on_when_their_template_is_killed(house: House) -> None:
    stage = await house.rehearse("x = 1")
    kernel, doomed = await stage.fork(), await stage.fork()
    template, folder = stage.template.kernel.pid, stage.template._folder
    assert template
    assert kernel.pid
    assert doomed.pid
    os.kill(template, signal.SIGKILL)
    await until_async(lambda: not stage.template.alive)
    with pytest.raises(KernelError, match="was killed by SIGKILL"):
        await stage.fork()
    assert await say(kernel, "x += 1\nprint(x)") == "2\n"
    pids = [kernel.pid, doomed.pid]
    os.kill(doomed.pid, signal.SIGTERM)
    with pytest.raises(KernelDied, match="was killed by SIGTERM"):
        await doomed.receive()
    await stage.template.close()
    assert not is_there(template)
    assert await say(kernel, "print(x)") == "2\n"
    await kernel.close()
    await doomed.close()
    await until_async(lambda: not any(map(is_there, pids)))
    assert not folder.exists()


async def test_an_orphan_of_a_child_is_no_zombie(house: House) -> None:
    stage = await house.rehearse("import os, subprocess")
    kernel = await stage.fork()
    pid = int(await say(kernel, "print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid)"))
    assert kernel.pid
    os.kill(kernel.pid, signal.SIGKILL)
    await until_async(lambda: is_running(pid))
    await kernel.close()
    await until_async(lambda: not is_there(pid))


async def test_a_template_that_is_closed_leaves_its_children_alone_and_goes_with_the_last(house: House) -> None:
    stage = await house.rehearse("x = 1")
    kernel = await stage.fork()
    folder = stage.template._folder
    await stage.template.close()
    assert await say(kernel, "print(x)") == "1\n"
    assert folder.exists()
    await kernel.close()
    assert not folder.exists()


async def test_nothing_is_left_open(house: House) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before, running = descriptors(), own_processes()
    stage = await house.rehearse("x = 1")
    for _ in range(5):
        await stage.answers("print(x)", children=3)
    ended = await stage.fork()
    assert ended.pid
    os.kill(ended.pid, signal.SIGKILL)
    await stage.close()
    await until_async(lambda: descriptors() <= before)
    await until_async(lambda: own_processes() <= running)
    assert not stage.template._exits
    assert not stage.template._children


async def test_a_fork_that_is_given_up_leaves_no_child(house: House) -> None:
    stage = await house.rehearse("x = 1")
    before = own_processes()
    for _ in range(5):
        forking = asyncio.create_task(stage.fork())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        forking.cancel()
        await asyncio.wait([forking])
    assert await stage.answers("print(x)") == ["1\n", "1\n"]
    await until_async(lambda: own_processes() <= before)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
async def test_all_end_with_the_gateway_those_too_that_hear_nothing(house: House, ending: signal.Signals) -> None:
    command = [sys.executable, str(Path(__file__).with_name("doomed_forks.py")), str(house.app("x = 1").path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as gateway:  # noqa: ASYNC220
        assert gateway.stdout
        *numbers, folder = gateway.stdout.readline().split()
        pids = list(map(int, numbers))
        assert len(pids) == 4
        assert all(map(is_running, pids))
        gateway.send_signal(ending)
        gateway.wait()
        until(lambda: not any(map(is_running, pids)))
        until(lambda: not Path(folder).exists())
