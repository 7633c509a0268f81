"""A visitor's forked kernel does all that a kernel does, within its limits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from rehearsing import House, RehearsedApp, click, heard, idle, request, say, set_state, use
from watching import is_running, is_there, printed, until_async

from stagedoor.jupyter.message import Message
from stagedoor.kernels.asking import answer, execute_request
from stagedoor.kernels.protocol import KernelDied
from stagedoor.kernels.template.forked import ForkedKernel
from stagedoor.kernels.template.limits import Limits

pytestmark = pytest.mark.asyncio(loop_scope="module")

MB = 2**20

APP = """
import asyncio, ctypes, getpass, os, resource, subprocess, sys, threading, time
import ipywidgets

button, label = ipywidgets.Button(), ipywidgets.Label()
image = ipywidgets.Image(value=b"\\x00first", format="png")
image.observe(lambda change: print(len(change["new"]), bytes(change["new"][:4])), "value")

@button.on_click
def clicked(_):
    act()

display(button, label, image)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(house: House) -> RehearsedApp:
    return await house.rehearse(APP)


@pytest_asyncio.fixture(loop_scope="module")
async def kernel(stage: RehearsedApp) -> AsyncIterator[ForkedKernel]:
    kernel = await stage.fork()
    yield kernel
    await kernel.close()


async def test_what_goes_on_is_interrupted_and_the_kernel_goes_on(stage: RehearsedApp, kernel: ForkedKernel) -> None:
    await kernel.interrupt()  # nothing is going on
    await kernel.send(execute_request("print('begun', flush=True)\nwhile True: pass", "endless"))
    await heard(kernel, lambda m: m.msg_type == "stream")
    await kernel.interrupt()
    assert (await answer(kernel, "endless", lambda _: None)).content["ename"] == "KeyboardInterrupt"
    await say(kernel, "def act():\n    print('begun', flush=True)\n    time.sleep(600)")
    clicked = await click(kernel, stage.comm("ButtonModel"))
    await heard(kernel, lambda m: m.msg_type == "stream")
    await kernel.interrupt()
    await heard(kernel, idle(clicked))
    assert await say(kernel, "print(6 * 7)") == "42\n"


@pytest.mark.parametrize(("asks", "hidden"), [("input", False), ("getpass.getpass", True)])
async def test_the_visitor_is_asked(stage: RehearsedApp, kernel: ForkedKernel, asks: str, hidden: bool) -> None:
    await say(kernel, f"def act(): print('Hello,', {asks}('Who? '))")
    clicked = await click(kernel, stage.comm("ButtonModel"))
    meanwhile = await click(kernel, stage.comm("ButtonModel"))
    for name in ("Ada", "Grace"):
        asked = (await heard(kernel, lambda m: m.msg_type == "input_request"))[-1]
        assert (asked.channel, asked.content) == ("stdin", {"prompt": "Who? ", "password": hidden})
        await kernel.send(Message("stdin", "input_reply", {"value": name}, msg_id="a"))
        said = await heard(kernel, idle(clicked if name == "Ada" else meanwhile))
        assert printed(said) == f"Hello, {name}\n"


async def test_a_question_is_interrupted_and_an_answer_that_comes_late_is_nobodys(kernel: ForkedKernel) -> None:
    await kernel.send(execute_request("input('first? ')", "asks"))
    await heard(kernel, lambda m: m.msg_type == "input_request")
    await kernel.interrupt()
    assert (await answer(kernel, "asks", lambda _: None)).content["status"] == "error"
    await kernel.send(Message("stdin", "input_reply", {"value": "late"}, msg_id="a"))
    await kernel.send(execute_request("print(input('second? '))", "asks again"))
    await heard(kernel, lambda m: m.msg_type == "input_request")
    await kernel.send(Message("stdin", "input_reply", {"value": "in time"}, msg_id="b"))
    assert printed(await heard(kernel, idle("asks again"))) == "in time\n"


async def test_a_cell_may_await_and_a_task_that_a_callback_has_begun_goes_on(
    stage: RehearsedApp, kernel: ForkedKernel
) -> None:
    assert await say(kernel, "await asyncio.sleep(0.01)\nprint('awaited')") == "awaited\n"
    await say(kernel, "go = asyncio.Event()\nasync def later():\n    await go.wait()\n    label.value = 'later'")
    await say(kernel, "def act():\n    global task\n    task = asyncio.create_task(later())")
    clicked = await click(kernel, stage.comm("ButtonModel"))
    await heard(kernel, idle(clicked))
    await kernel.send(execute_request("asyncio.get_running_loop().call_later(0.05, go.set)", "go"))
    said = await heard(kernel, lambda m: m.msg_type == "comm_msg")
    assert said[-1].content["comm_id"] == stage.comm("LabelModel")
    assert said[-1].content["data"]["state"] == {"value": "later"}


async def test_what_the_run_has_begun_goes_on_in_every_child(house: House) -> None:
    stage = await house.rehearse(
        "import asyncio\nasync def tick():\n    for n in range(10**6):\n        await asyncio.sleep(0.01)\n"
        "        print('tick', n, flush=True)\ntask = asyncio.create_task(tick())\n"
    )
    kernels = [await stage.fork(), await stage.fork()]
    for kernel in kernels:
        said = printed(await heard(kernel, lambda m: m.msg_type == "stream" and m.content["text"].startswith("tick 3")))
        assert [line for line in said.splitlines() if line] == [f"tick {n}" for n in range(4)][
            -len(said.splitlines()) :
        ]


async def test_output_of_threads_programs_and_libraries_is_the_visitors(
    stage: RehearsedApp, kernel: ForkedKernel
) -> None:
    await say(
        kernel,
        "def act():\n"
        "    thread = threading.Thread(target=print, args=('a thread',))\n    thread.start(), thread.join()\n"
        "    sys.stdout.flush()\n"
        "    subprocess.run(['sh', '-c', 'echo a program; echo its trouble >&2'])\n"
        "    os.write(1, b'a library\\n'), os.write(2, b'its trouble\\n')\n"
        "    pid = os.fork()\n"
        "    if not pid:\n        print('a fork'), os._exit(0)\n"
        "    os.waitpid(pid, 0)",
    )
    clicked = await click(kernel, stage.comm("ButtonModel"))
    said = await heard(kernel, idle(clicked))
    streams = [m for m in said if m.msg_type == "stream"]
    out, err = (
        "".join(m.content["text"] for m in streams if m.content["name"] == name) for name in ("stdout", "stderr")
    )
    assert out == "a thread\na program\na library\na fork\n"
    assert err == "its trouble\nits trouble\n"
    assert {m.parent_id for m in streams} == {clicked}


async def test_what_a_program_says_later_comes_by_itself(kernel: ForkedKernel) -> None:
    await kernel.send(execute_request("p = subprocess.Popen(['sh', '-c', 'sleep 0.2; echo later'])", "starts"))
    await answer(kernel, "starts", lambda _: None)
    assert printed(await heard(kernel, lambda m: m.msg_type == "stream")) == "later\n"


async def test_much_is_said_whole_and_in_order(kernel: ForkedKernel) -> None:
    said = await say(kernel, "for n in range(20_000): print(n, 'x' * 100)")
    assert said == "".join(f"{n} {'x' * 100}\n" for n in range(20_000))
    assert len(await say(kernel, r"os.system(r'head -c 3000000 /dev/zero | tr \\0 y')")) == 3_000_000


async def test_binary_data_goes_both_ways(stage: RehearsedApp, kernel: ForkedKernel) -> None:
    picture = bytes(range(256)) * 4000
    sent = await set_state(kernel, stage.comm("ImageModel"), value=picture)
    assert printed(await heard(kernel, idle(sent))) == f"{len(picture)} {picture[:4]!r}\n"
    await kernel.send(execute_request("image.value = bytes(image.value)[::-1]", "turns"))
    said = await heard(kernel, lambda m: m.msg_type == "comm_msg")
    assert said[-1].content["data"]["buffer_paths"] == [["value"]]
    assert bytes(said[-1].buffers[0]) == picture[::-1]


async def test_a_message_that_is_none_of_a_pages_is_passed_over(stage: RehearsedApp, kernel: ForkedKernel) -> None:
    await kernel.send(Message("shell", "shutdown_request", {"restart": False}, msg_id="x"))
    await kernel.send(Message("control", "stagedoor_fork", {}, msg_id="y"))
    unknown = await use(kernel, "no-such-comm", {"method": "custom", "content": {}})
    await heard(kernel, idle(unknown))
    assert await say(kernel, "print(1)") == "1\n"


async def test_a_closed_kernel_leaves_nothing(stage: RehearsedApp) -> None:
    kernel = await stage.fork()
    code = "print(*(subprocess.Popen(['sleep', '600'], start_new_session=new).pid for new in (False, True)))"
    pids = list(map(int, (await say(kernel, code)).split()))
    daemon = "sh -c '(trap \"\" TERM HUP; setsid sleep 600 >/dev/null & echo $!)'"
    pids.append(int(await say(kernel, f"print(subprocess.check_output({daemon!r}, shell=True, text=True))")))
    pids.append(int(await say(kernel, "print(os.getpid())")))
    assert all(map(is_running, pids))
    await kernel.close()
    await kernel.close()
    assert not any(map(is_running, pids))
    assert not is_there(pids[-1])
    with pytest.raises(KernelDied, match="has been closed"):
        await kernel.receive()


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("exit()", "has ended with exit status 0"),
        ("os._exit(3)", "has ended with exit status 3"),
        ("ctypes.string_at(0)", "was killed by SIGSEGV"),
    ],
)
async def test_how_a_kernel_has_ended_is_told_and_no_zombie_is_left(stage: RehearsedApp, code: str, how: str) -> None:
    kernel = await stage.fork()
    pid = int(await say(kernel, "print(os.getpid())"))
    await kernel.send(execute_request(f"print('farewell', flush=True)\n{code}", "ends"))
    said: list[Message] = []
    with pytest.raises(KernelDied, match=how):
        while True:
            said.append(await kernel.receive())
    assert printed(said) == "farewell\n"
    await until_async(lambda: not is_there(pid))
    await kernel.close()


async def test_memory_is_limited_beyond_what_the_run_has_left(stage: RehearsedApp) -> None:
    kernel = await stage.fork(limits=Limits(memory=64 * MB))
    assert (await request(kernel, f"kept = bytearray({128 * MB})")).content["ename"] == "MemoryError"
    assert await say(kernel, f"kept = bytearray({8 * MB})\nprint(len(kept))") == f"{8 * MB}\n"
    await kernel.close()


async def test_processor_time_is_limited(stage: RehearsedApp) -> None:
    kernel = await stage.fork(limits=Limits(cpu=1))
    await kernel.send(execute_request("while True: pass", "endless"))
    with pytest.raises(KernelDied, match="it has used up its processor time"):
        await answer(kernel, "endless", lambda _: None)
    await kernel.close()


async def test_files_and_processes_are_limited(stage: RehearsedApp) -> None:
    kernel = await stage.fork(limits=Limits(files=64, processes=1000))
    reply = await request(kernel, "kept = []\nwhile True: kept.append(open('/dev/null'))")
    assert reply.content["ename"] == "OSError"
    told = await say(kernel, "del kept\nprint(resource.getrlimit(resource.RLIMIT_NPROC))")
    assert told == "(1000, 1000)\n"
    if os.getuid():
        kernel = await stage.fork(limits=Limits(processes=1))
        assert (await request(kernel, "os.fork()")).content["ename"] == "BlockingIOError"
    await kernel.close()


async def test_many_begin_at_once(stage: RehearsedApp) -> None:
    kernels = await asyncio.gather(*(stage.fork() for _ in range(40)))
    pids = await asyncio.gather(*(say(kernel, "print(os.getpid())") for kernel in kernels))
    assert len(set(pids)) == 40
    await asyncio.gather(*(kernel.close() for kernel in kernels))
    assert not any(is_running(int(pid)) for pid in pids)
