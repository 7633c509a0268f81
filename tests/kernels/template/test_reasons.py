"""What does not survive a fork is found, and told in plain words."""

from __future__ import annotations

import ctypes

import pytest
import pytest_asyncio
from rehearsing import House, RehearsedApp

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _has_openmp() -> bool:
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


HARMLESS = """
import os, select, signal, socket, sqlite3, subprocess, tempfile, threading
from concurrent.futures import ThreadPoolExecutor
import numpy

numpy.ones((500, 500)) @ numpy.ones((500, 500))  # threads of OpenBLAS
executor = ThreadPoolExecutor(2)
executor.submit(str, 1).result()
threading.Thread(target=str).start()
in_memory = sqlite3.connect(":memory:")
ended = sqlite3.connect("ended.db")
ended.close()
subprocess.run(["true"])
socket.socket().close()
signal.setitimer(signal.ITIMER_REAL, 100)
signal.setitimer(signal.ITIMER_REAL, 0)
with tempfile.TemporaryDirectory(), tempfile.TemporaryFile() as file:
    file.write(b"text")
numbers = open("numbers", "w")
numbers.write("1")
"""

HARMFUL = """
import _thread, ctypes, mmap, os, select, signal, socket, sqlite3, subprocess, tempfile, threading
from concurrent.futures import ThreadPoolExecutor

never = threading.Event()
threading.Thread(target=never.wait, name="worker", daemon=True).start()
executor = ThreadPoolExecutor(1, thread_name_prefix="busy")
executor.submit(never.wait)
program = subprocess.Popen(["sleep", "600"])
signal.setitimer(signal.ITIMER_REAL, 600)
database = sqlite3.connect("some.db")
connection = socket.socket()
pipe = os.pipe()
epoll = select.epoll()
shared = mmap.mmap(-1, 4096)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def harmless(house: House) -> RehearsedApp:
    return await house.rehearse(HARMLESS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def harmful(house: House) -> RehearsedApp:
    return await house.rehearse(HARMFUL)


async def test_what_does_no_harm_is_no_reason(harmless: RehearsedApp) -> None:
    assert harmless.template.reasons == []
    assert await harmless.answers("print(in_memory.execute('select 1').fetchall())") == ["[(1,)]\n"] * 2


@pytest.mark.parametrize(
    "reason",
    [
        "a thread of the app runs (worker)",
        "a thread of the app is at work in an executor (busy_0)",
        "a program that the app has started still runs",
        "a timer of the operating system is set",
        "a SQLite database is open",
        "a network connection or socket is open",
        "a pipe is open",
        "the app, or a library, has an event loop of its own",
        "memory is shared with other processes",
    ],
)
async def test_what_does_harm_is_told(harmful: RehearsedApp, reason: str) -> None:
    assert reason in harmful.template.reasons


THREAD_OF_A_LIBRARY = """
import ctypes
libc, thread = ctypes.CDLL(None), ctypes.c_ulong()
name = open("/proc/self/comm").read().strip()
libc.prctl(15, b"polars-0", 0, 0, 0)
libc.pthread_create(ctypes.byref(thread), None, ctypes.cast(libc.sleep, ctypes.c_void_p), ctypes.c_void_p(600))
libc.prctl(15, name.encode(), 0, 0, 0)
"""

OPENMP = """
import ctypes
openmp = ctypes.CDLL("libgomp.so.1")
openmp.GOMP_parallel(ctypes.cast(ctypes.CDLL(None).abs, ctypes.c_void_p), None, 2, 0)
"""


async def test_polars_that_was_only_imported_does_no_harm(house: House) -> None:
    stage = await house.rehearse(THREAD_OF_A_LIBRARY.replace("polars-0", "polars-ooc-clea"))
    assert stage.template.reasons == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import _thread, time\n_thread.start_new_thread(time.sleep, (600,))", "a thread of the app runs"),
        ("import multiprocessing\nlock = multiprocessing.Lock()", "a lock of multiprocessing is in use"),
        (THREAD_OF_A_LIBRARY, "polars has been used before the fork"),
        pytest.param(
            OPENMP,
            "OpenMP, which scikit-learn and others compute with, has been used before the fork",
            marks=pytest.mark.skipif(not _has_openmp(), reason="no OpenMP on this machine"),
        ),
        *(
            (
                f"import tempfile\nkept = tempfile.{kind}()",
                "a temporary file or folder is kept, which visitors would share",
            )
            for kind in ("TemporaryDirectory", "TemporaryFile", "NamedTemporaryFile")
        ),
    ],
    ids=["thread", "lock", "polars", "openmp", "folder", "nameless", "named"],
)
async def test_what_does_harm_is_told_by_itself(house: House, text: str, reason: str) -> None:
    stage = await house.rehearse(text)
    assert stage.template.reasons == [reason]
