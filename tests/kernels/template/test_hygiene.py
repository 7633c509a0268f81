"""What two visitors must not share. Each story is told with the measure, and fails without it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import pytest_asyncio
from rehearsing import House, RehearsedApp, request, say

from stagedoor.kernels.protocol import KernelDied

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Before each fork a test says which measures are left out of it.
SKIPPABLE = """
import os
from stagedoor.kernels.template import hygiene, seeds, streams

def look():
    global left_out
    with open("skipped") as file:
        left_out = file.read().split()
os.register_at_fork(before=look)

def skippable(owner, name):
    measure = getattr(owner, name)
    def perhaps(*args, **options):
        if name not in left_out:
            return measure(*args, **options)
    setattr(owner, name, perhaps)

skippable(hygiene.Hygiene, "_renew_loop")
skippable(hygiene.Hygiene, "_renew_executors")
skippable(hygiene.Hygiene, "_leave_to_template")
skippable(seeds.Seeds, "renew")

reopen = hygiene._reopen
def perhaps_reopen(file):
    if "identity" in left_out:
        os.close(os.open(f"/proc/self/fd/{file.number}", os.O_RDONLY))  # is it there?
    if "reopen" not in left_out:
        reopen(file)
hygiene._reopen = perhaps_reopen

start_empty = streams.Stream._start_empty
def perhaps_start_empty(self):
    text = getattr(self, "_text", [])
    start_empty(self)
    if "start_empty" in left_out:
        self._text = text
streams.Stream._start_empty = perhaps_start_empty
"""

APP = (
    SKIPPABLE
    + """
import asyncio, atexit, gc, random, secrets, sys, tempfile, uuid
from concurrent.futures import ThreadPoolExecutor
import numpy

own = random.Random()
generator = numpy.random.default_rng()
old = numpy.random.RandomState()
sequence = numpy.random.SeedSequence()
numpy.random.normal(), old.normal()  # the second of each pair is kept
chosen, chosen_generator, chosen_old = random.Random(7), numpy.random.default_rng(7), numpy.random.RandomState(7)
random.seed(7)
chosen.random(), random.random(), chosen_generator.random(), chosen_old.rand()

executor = ThreadPoolExecutor(2)
executor.submit(str, 1).result()
await asyncio.to_thread(str, 1)

with open("letters", "w") as file:
    file.write("abcdefgh")
letters = open("letters", "rb", buffering=0)
letters.read(1)
library = open("letters", "rb")
os.register_at_fork(after_in_child=library.close)

atexit.register(lambda: open("left", "w").close())
folder = tempfile.TemporaryDirectory()
named = tempfile.NamedTemporaryFile()
os.register_at_fork(before=lambda: print("said between the run and the fork"))
kernel = get_ipython().kernel
"""
)


def is_there(path: str | Path) -> bool:
    return Path(path).exists()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(house: House) -> RehearsedApp:
    return await house.rehearse(APP)


@pytest.mark.parametrize(
    "draw",
    [
        "own.random()",
        "own.gauss(0, 1)",
        "numpy.random.rand()",
        "numpy.random.normal()",
        "generator.random()",
        "old.rand()",
        "old.normal()",
        "sequence.generate_state(1)[0]",
        "numpy.random.Generator(numpy.random.PCG64(sequence)).random()",
    ],
)
async def test_what_has_seeded_itself_gives_each_visitor_other_numbers(stage: RehearsedApp, draw: str) -> None:
    first, second = await stage.answers(f"print({draw})")
    assert first != second
    first, second = await stage.answers(f"print({draw})", "renew")
    assert first == second


async def test_what_the_app_has_seeded_goes_on_as_in_any_kernel(stage: RehearsedApp) -> None:
    code = "print(chosen.random(), random.random(), chosen_generator.random(), chosen_old.rand())"
    first, second = await stage.answers(code)
    assert first == second
    expected = random.Random(7)
    expected.random()
    assert first.split()[:2] == [str(expected.random())] * 2
    # CPython seeds the module's own generator anew in every child.
    first, second = await stage.answers(code, "renew")
    assert first.split()[1] != second.split()[1]


async def test_numpys_own_generator_goes_on_when_the_app_has_seeded_it(house: House) -> None:
    stage = await house.rehearse("import numpy\nnumpy.random.seed(7)\nnumpy.random.normal()\n")
    first, second = await stage.answers("print(numpy.random.normal(), numpy.random.rand())")
    alike = await house.rehearse(
        "import numpy\nfrom stagedoor.kernels.template import seeds\n"
        "numpy.random.seed(7)\nnumpy.random.normal()\nseeds._legacy['chosen'] = False\n"
    )
    assert first == second
    first, second = await alike.answers("print(numpy.random.normal(), numpy.random.rand())")
    assert first != second


@pytest.mark.parametrize(
    "drawn",
    [
        "random.SystemRandom().random()",
        "uuid.uuid4()",
        "uuid.uuid1()",
        "secrets.token_hex()",
        "next(tempfile._get_candidate_names())",
        "os.path.basename(tempfile.mkdtemp())",
    ],
)
async def test_names_and_secrets_are_never_the_same(stage: RehearsedApp, drawn: str) -> None:
    first, second = await stage.answers(f"print({drawn})", "renew")
    assert first != second


async def test_an_idle_executor_works_on(stage: RehearsedApp) -> None:
    code = "try: print(executor.submit(str, 2).result(timeout=0.3))\nexcept TimeoutError: print('hangs')"
    assert await stage.answers(code) == ["2\n", "2\n"]
    assert await stage.answers(code, "_renew_executors", children=1) == ["hangs\n"]


async def test_the_loops_own_executor_works_on(stage: RehearsedApp) -> None:
    code = "try: print(await asyncio.wait_for(asyncio.to_thread(str, 3), 0.3))\nexcept TimeoutError: print('hangs')"
    assert await stage.answers(code) == ["3\n", "3\n"]
    assert await stage.answers(code, "_renew_executors", "_renew_loop", children=1) == ["hangs\n"]


async def test_nobody_wakes_anothers_loop(stage: RehearsedApp) -> None:
    code = "print(os.fstat(asyncio.get_event_loop()._ssock.fileno()).st_ino)"
    first, second = await stage.answers(code)
    assert first != second
    # One after the other: together one would hang, when the other has taken what should wake it.
    (first,) = await stage.answers(code, "_renew_loop", children=1)
    (second,) = await stage.answers(code, "_renew_loop", children=1)
    assert first == second


async def test_every_visitor_reads_an_open_file_from_where_the_run_has_left_it(stage: RehearsedApp) -> None:
    assert await stage.answers("print(letters.read(2))") == ["b'bc'\n", "b'bc'\n"]
    assert await stage.answers("print(letters.read(2))", "reopen") == ["b'bc'\n", "b'de'\n"]


async def test_a_file_that_a_library_closes_at_the_fork_by_itself_does_no_harm(stage: RehearsedApp) -> None:
    assert await stage.answers("print(library.closed)", children=1) == ["True\n"]
    kernel = await stage.fork("identity")
    with pytest.raises(KernelDied, match="No such file"):
        await say(kernel, "1")


@pytest.mark.parametrize("thing", ["folder", "named"])
async def test_a_temporary_thing_stays_when_a_child_is_done_with_it(stage: RehearsedApp, thing: str) -> None:
    code = f"name = {thing}.name\nif {thing} is named: named.close()\ndel {thing}\nprint(os.path.exists(name))"
    assert await stage.answers(code) == ["True\n", "True\n"]
    assert await stage.answers(code, "_leave_to_template", children=1) == ["False\n"]


async def test_what_the_template_does_at_its_exit_is_not_the_childs(stage: RehearsedApp) -> None:
    left = stage.app.folder / "left"
    await stage.answers("atexit._run_exitfuncs()")
    assert not is_there(left)
    await request(await stage.fork("_leave_to_template"), "atexit._run_exitfuncs()")
    assert is_there(left)


async def test_every_child_speaks_in_a_session_of_its_own(stage: RehearsedApp) -> None:
    first, second = await stage.answers("print(kernel.session.session, kernel.session.pid == os.getpid())")
    assert first.endswith(" True\n")
    assert second.endswith(" True\n")
    assert first != second


async def test_text_that_waited_at_the_fork_is_nobodys(stage: RehearsedApp) -> None:
    assert await stage.answers("print('mine')") == ["mine\n", "mine\n"]
    assert "said between" in (await stage.answers("print('mine')", "start_empty", children=1))[0]


async def test_a_child_leads_its_own_session_and_gains_no_rights(stage: RehearsedApp) -> None:
    code = (
        "print([os.getsid(0), os.getpgid(0)] == [os.getpid()] * 2, gc.get_freeze_count() > 10_000,"
        "[line.split()[1] for line in open('/proc/self/status') if line.startswith('NoNewPrivs')])"
    )
    assert await stage.answers(code, children=1) == ["True True ['1']\n"]


async def test_temporary_files_are_the_childs_own_and_end_with_it(stage: RehearsedApp) -> None:
    kernel = await stage.fork()
    folder = (await say(kernel, "print(tempfile.mkdtemp())")).strip()
    assert is_there(folder)
    await kernel.close()
    assert not is_there(folder)


BUFFERED = """
import ctypes, logging, logging.handlers
file = open("file", "a")
file.write("once ")
handler = logging.StreamHandler(open("handler", "a"))
memory = logging.handlers.MemoryHandler(1000, flushLevel=100, target=handler)
logging.getLogger("app").addHandler(memory)
logging.getLogger("app").error("once")
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fopen(b"stream", b"a"))
libc.fputs(b"once ", stream)
"""


async def test_what_waited_to_be_written_is_written_once(house: House) -> None:
    settled = await house.rehearse(BUFFERED)
    unsettled = await house.rehearse(
        BUFFERED + "from stagedoor.kernels.template import hygiene\n"
        "hygiene.objects, hygiene.flush_libc = lambda *_: [], lambda: None\n"
    )
    for stage, times in ((settled, 1), (unsettled, 2)):
        await stage.answers("file.flush(), memory.flush(), libc.fflush(None)")
        for name in ("file", "handler", "stream"):
            assert (stage.app.folder / name).read_text().split() == ["once"] * times, name


async def test_progress_bars_leave_no_thread_and_no_lock(house: House) -> None:
    bar = "from tqdm import tqdm\nfor _ in tqdm(range(3)): pass\n"
    stage = await house.rehearse(bar)
    assert stage.template.reasons == []
    assert "3/3" in (await stage.answers(bar, children=1))[0]
    left = "from stagedoor.kernels.template import hygiene\nhygiene._stop_progress_bars = lambda: None\n"
    assert (await house.rehearse(left + bar)).template.reasons
