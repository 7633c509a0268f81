"""Which kernels visitors get: the fastest that suit the app, remembered, and told in plain words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from rehearsing import House, say

from stagedoor.apps import App
from stagedoor.jupyter.transcript import Transcript
from stagedoor.kernels.perform import perform
from stagedoor.kernels.protocol import Kernel, KernelError, SessionKernels
from stagedoor.kernels.stock import StockKernel, StockKernels
from stagedoor.kernels.template import canary, tiers
from stagedoor.kernels.template.canary import SLOW, sing
from stagedoor.kernels.template.forked import ForkedKernel
from stagedoor.kernels.template.limits import Limits
from stagedoor.kernels.template.options import ForkOptions
from stagedoor.kernels.template.remembered import Remembered
from stagedoor.kernels.template.tiers import Forks

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRESH = "each visitor gets a kernel of their own, in which the app is run anew"

# Each run leaves a line; what runs or is used in a fork may meet trouble.
APP = """
import colorsys, os, threading
import ipywidgets
home = globals().get("home", os.getpid())
lock = threading.Lock()
with open("runs", "a") as file:
    file.write(f"{home == os.getpid()}\\n")

def trouble():
    if home != os.getpid():
        lock.acquire(), lock.acquire()

button, slider = ipywidgets.Button(), ipywidgets.FloatSlider(value=1, min=0, max=1, step=0.5)
display(button, slider)
"""
HANGS_WHEN_RUN_AGAIN = APP + "trouble()"
AFTER_IMPORTS = "it hung when a fork was tried out: forked after the imports instead"
HANGS_WHEN_CLICKED = APP + "button.on_click(lambda _: trouble())"
HANGS_WHEN_MOVED = APP + "slider.observe(lambda _: trouble(), 'value')"


class Theatre:
    """Rehearses apps as the gateway does."""

    def __init__(self, file: Path) -> None:
        self.options = ForkOptions()
        self.fallback: Callable[[], StockKernels] = StockKernels
        self.file = file
        self.forks = self._forks()
        self.shown = Transcript([])
        self._closed: list[Forks] = []

    def _forks(self) -> Forks:
        return Forks(self.fallback(), lambda name: self.options, Remembered(self.file))

    def restart(self) -> None:
        """Forgets all but what is remembered."""
        self._closed.append(self.forks)
        self.forks = self._forks()

    async def adopt(self, app: App, **options: object) -> SessionKernels:
        self.options = replace(ForkOptions(), **options)  # type: ignore[arg-type]
        kernel: Kernel = await self.forks.rehearse(app)
        self.shown = Transcript([app.cell_id(index) for index in range(len(app.cells))])
        outcome = await perform(kernel, app, self.shown.apply, stop_at_prompt=True)
        await self.forks.settle(app, kernel, self.shown.apply)
        return await self.forks.adopt(app, kernel, self.shown, complete=outcome.ok)

    async def close(self) -> None:
        for forks in (self.forks, *self._closed):
            await forks.close()


@pytest_asyncio.fixture(loop_scope="module")
async def theatre(tmp_path: Path) -> AsyncIterator[Theatre]:
    theatre = Theatre(tmp_path / "cache" / "forks.json")
    yield theatre
    await theatre.close()


def runs(app: App) -> int:
    """How often the app has been run so far."""
    return len((app.folder / "runs").read_text().splitlines())


async def test_an_app_that_suits_is_forked_after_its_run(house: House, theatre: Theatre) -> None:
    app = house.app(APP)
    kernels = await theatre.adopt(app)
    assert kernels.description == "forked after its run for each visitor"
    kernel = await kernels.open()
    assert (kernel.rehearsed, kernel.on_trial) == (True, True)
    assert await say(kernel, "print(home != os.getpid())") == "True\n"
    assert runs(app) == 2  # the canary's is the second
    await kernel.close()


async def test_an_app_that_does_not_survive_a_fork_is_forked_after_its_imports(house: House, theatre: Theatre) -> None:
    app = house.app(APP + "threading.Thread(target=threading.Event().wait, name='worker', daemon=True).start()")
    kernels = await theatre.adopt(app)
    assert kernels.description == "a thread of the app runs (worker): forked after the imports instead"
    kernel = await kernels.open()
    assert kernel.rehearsed is False
    assert await say(kernel, "import sys\nprint('colorsys' in sys.modules, 'home' in dir())") == "True False\n"
    outcome = await perform(kernel, app, lambda _: None)
    assert outcome.ok
    assert await say(kernel, "print(home == os.getpid())") == "True\n"
    await kernel.close()


@pytest.mark.parametrize(
    ("text", "options", "description"),
    [
        (APP, {"snapshot": "imports"}, "as the settings say: forked after the imports instead"),
        (APP, {"snapshot": "never"}, f"as the settings say: {FRESH}"),
        ("name = input('Who? ')", {}, "it waits for its visitor's answer: forked after the imports instead"),
        (HANGS_WHEN_RUN_AGAIN, {}, AFTER_IMPORTS),
        (HANGS_WHEN_RUN_AGAIN, {"canary": "off"}, "forked after its run for each visitor"),
        (HANGS_WHEN_CLICKED, {"canary": "cells"}, "forked after its run for each visitor"),
        (
            HANGS_WHEN_CLICKED,
            {"canary": "widgets"},
            "it hung when a fork was tried out: forked after the imports instead",
        ),
        (
            HANGS_WHEN_MOVED,
            {"canary": "widgets"},
            "it hung when a fork was tried out: forked after the imports instead",
        ),
        (
            APP.replace("threading.Lock()", "threading.Lock()\nif home != os.getpid(): os._exit(9)"),
            {},
            "it died when a fork was tried out (The kernel has ended with exit status 9.): "
            "forked after the imports instead",
        ),
    ],
    ids=["imports", "never", "asks", "hangs", "canary off", "cells", "button", "slider", "dies"],
)
async def test_how_visitors_get_their_kernels_is_told_with_the_reason(
    house: House, theatre: Theatre, text: str, options: dict[str, object], description: str
) -> None:
    assert (await theatre.adopt(house.app(text), **options)).description == description


async def test_an_app_that_goes_on_for_too_long_is_given_up(house: House, theatre: Theatre) -> None:
    app = house.app(APP + "import time\nif home != os.getpid(): time.sleep(600)")
    kernels = await theatre.adopt(app, canary="off")
    kernel = await kernels.open()
    assert await sing(kernel, app, "cells", theatre.shown, 0.5) == SLOW
    assert canary.LIMIT == 8
    await kernel.close()


async def test_what_was_found_out_is_not_tried_again(house: House, theatre: Theatre) -> None:
    app = house.app(HANGS_WHEN_RUN_AGAIN)
    first = await theatre.adopt(app)
    assert runs(app) == 3  # the template, the canary that hung, the canary after the imports
    theatre.restart()
    second = await theatre.adopt(app)
    assert second.description == first.description
    assert runs(app) == 5
    other = house.app(HANGS_WHEN_RUN_AGAIN + "\nx = 1")
    await theatre.adopt(other)
    assert runs(other) == 3


async def test_every_step_down_is_remembered(house: House, theatre: Theatre) -> None:
    app = house.app(HANGS_WHEN_CLICKED)
    kernels = await theatre.adopt(app)
    rehearsed = await kernels.open()
    await kernels.condemn(rehearsed, "It hangs.")
    assert "a fork failed in its first use (It hangs): " in kernels.description
    fresh = await kernels.open(below=rehearsed)
    assert isinstance(fresh, StockKernel)
    await kernels.condemn(rehearsed, "It hangs.")  # of a template that is no more
    assert await say(rehearsed, "print(1)") == "1\n"
    theatre.restart()
    kernels = await theatre.adopt(app)
    assert kernels.description.endswith("(It hangs): forked after the imports instead")
    imported = await kernels.open()
    assert imported.rehearsed is False
    await kernels.condemn(imported, "It crashes.")
    assert kernels.description == f"a fork failed in its first use (It crashes): {FRESH}"
    theatre.restart()
    before = runs(app)
    kernels = await theatre.adopt(app)
    assert kernels.description == f"a fork failed in its first use (It hangs): {FRESH}"
    assert runs(app) == before + 1
    for kernel in (rehearsed, fresh, imported):
        await kernel.close()


async def test_a_memory_that_cannot_be_read_or_written_is_no_hindrance(house: House, theatre: Theatre) -> None:
    theatre.file.parent.write_text("no folder")
    kernels = await theatre.adopt(house.app(HANGS_WHEN_RUN_AGAIN))
    assert kernels.description.endswith("forked after the imports instead")


async def test_what_goes_on_after_the_run_is_recorded_when_it_settles(house: House, theatre: Theatre) -> None:
    app = house.app(
        "import asyncio, ipywidgets\nlabel = ipywidgets.Label('loading')\ndisplay(label)\n"
        "async def load():\n    await asyncio.sleep(0.2)\n    label.value = 'loaded'\n    print('loaded')\n"
        "task = asyncio.create_task(load())\n"
    )
    kernels = await theatre.adopt(app, settle=0.5)
    (label,) = (comm for comm in theatre.shown.comms.values() if comm.model_name == "LabelModel")
    assert label.state["value"] == "loaded"
    assert "loaded\n" in [m.content.get("text") for m in theatre.shown.messages()]
    kernel = await kernels.open()
    assert await say(kernel, "print(task.done(), label.value)") == "True loaded\n"
    await kernel.close()


async def test_each_app_has_its_own_limits(house: House, theatre: Theatre) -> None:
    kernels = await theatre.adopt(house.app("import resource"), limits=Limits(files=77))
    kernel = await kernels.open()
    assert await say(kernel, "print(resource.getrlimit(resource.RLIMIT_NOFILE))") == "(77, 77)\n"
    await kernel.close()


async def test_a_lost_template_is_told_and_sessions_still_get_kernels(house: House, theatre: Theatre) -> None:
    kernels = await theatre.adopt(house.app("x = 1"))
    forked = await kernels.open()
    assert isinstance(forked, ForkedKernel)
    assert not kernels.worn
    forked.template._process.kill()
    kernel = await kernels.open()  # at once, before its end is known
    assert isinstance(kernel, StockKernel)
    assert kernels.worn
    assert await say(forked, "print(x)") == "1\n"
    for one in (kernel, forked):
        await one.close()


async def test_kernels_of_other_languages_are_not_forked(house: House, theatre: Theatre) -> None:
    forks = theatre.forks
    app = replace(house.app("x = 1"), kernel_name="ir", language="R")
    stock = await forks.fallback.open(house.app("x = 1"))
    kernels = await forks.adopt(app, stock, Transcript([]), complete=True)
    assert kernels.description == f"it runs in the kernel 'ir': {FRESH}"


async def test_where_kernels_cannot_be_forked_every_visitor_gets_a_fresh_one(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiers, "unavailable", lambda: "forks are not safe enough on darwin")
    theatre = Theatre(tmp_path / "forks.json")
    app = house.app(APP)
    kernels = await theatre.adopt(app)
    assert kernels.description == f"forks are not safe enough on darwin: {FRESH}"
    kernel = await kernels.open()
    assert isinstance(kernel, StockKernel)
    assert (await perform(kernel, app, lambda _: None)).ok
    assert not theatre.file.exists()
    await theatre.close()


def refused(*_: object) -> int:
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        (lambda patch: patch.setattr(sys, "platform", "darwin"), "forks are not safe enough on darwin"),
        (
            lambda patch: patch.setattr(tiers.os, "pidfd_open", refused),
            "this Linux does not let processes be watched (Operation not permitted)",
        ),
        (lambda patch: None, None),
    ],
    ids=["another system", "old or restricted", "here"],
)
async def test_whether_kernels_can_be_forked_is_found_out(
    monkeypatch: pytest.MonkeyPatch, patch: Callable[[pytest.MonkeyPatch], None], sentence: str | None
) -> None:
    patch(monkeypatch)
    assert tiers.unavailable() == sentence


async def test_the_gateway_needs_nothing_that_other_systems_do_not_have() -> None:
    missing = "fcntl", "resource", "termios", "pwd", "grp"
    code = f"import sys\nfor name in {missing}: sys.modules[name] = None\nimport stagedoor.server, stagedoor.cli"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: ASYNC221


class Elsewhere(StockKernels):
    """Kernels that something else starts, as a provisioner does."""

    def confines(self, app: App) -> bool:
        return False


async def test_where_kernels_cannot_be_confined_as_the_settings_want_it_there_are_none(
    house: House, theatre: Theatre
) -> None:
    theatre.fallback = Elsewhere
    theatre.restart()
    kernels = await theatre.adopt(house.app(APP), snapshot="never", limits=Limits(read_only=True))
    assert kernels.description.endswith("cannot be confined as the settings want it, so visitors get none")
    with pytest.raises(KernelError, match="cannot be confined as the settings want it"):
        await kernels.open()
