"""A gateway whose kernels are forked, over many sessions and some deaths."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from gateway import Gateway, Page, running_gateway, wait_until

SESSIONS = 150
MB = 2**20

APP = """
import os
import ipywidgets
captured = ipywidgets.Output()
with captured:
    print("captured in the run")
button = ipywidgets.Button()
kept = []

@button.on_click
def clicked(_):
    print(os.getppid(), len(captured.outputs), captured.outputs[0]["text"])

display(button, captured)
"""

HEAVY = """
import ipywidgets
button, much, html = ipywidgets.Button(), ipywidgets.Button(description="much"), ipywidgets.HTML()
kept = []

@button.on_click
def clicked(_):
    kept.append(b"x" * 60_000_000)
    print("kept")

@much.on_click
def changed(_):
    for number in range(1000):
        html.value = f"{number} " + "x" * 100_000
    open("finished", "w").close()

display(button, much, html)
"""

SETTINGS = """
[sessions]
memory = "100MB"
yield_after = 2.0
[log]
format = "json"
[apps.tiny]
snapshot = "auto"
[apps.imported]
snapshot = "imports"
[apps.heavy]
folder = "shared"
[apps.tinny]
snapshot = "never"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("apps")
    for name, text in {"tiny": APP, "imported": APP, "heavy": HEAVY}.items():
        (folder / f"{name}.py").write_text(text)
    return folder


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[Gateway]:
    settings = folder / "stagedoor.toml"
    settings.write_text(SETTINGS)
    with running_gateway([folder], "--config", str(settings)) as running:
        yield running


def click(page: Page) -> str:
    """Clicks the page's first button; returns what that printed."""
    return "".join(
        m.content["text"] for m in page.until_done(page.click(page.comm("ButtonModel"))) if m.msg_type == "stream"
    )


def visit(gateway: Gateway, app: str = "tiny") -> int:
    """One session; returns its template's process id."""
    with gateway.page(app) as page:
        template, captures, text = click(page).split(maxsplit=2)
        assert (captures, text) == ("1", "captured in the run\n\n")
        return int(template)


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def private(pid: int) -> int:
    return int(psutil.Process(pid).memory_full_info().uss)


def processes(gateway: Gateway) -> set[int]:
    return {child.pid for child in psutil.Process(gateway.process.pid).children(recursive=True)}


def test_apps_are_forked_as_the_settings_say(gateway: Gateway) -> None:
    ready = {name: gateway.logged(f"{name} is ready")[0] for name in ("tiny", "imported")}
    assert "forked after its run for each visitor" in ready["tiny"]
    assert "as the settings say: forked after the imports instead" in ready["imported"]
    (warning,) = gateway.logged("no app of this name is served")
    assert "[apps.tinny]" in warning
    with gateway.page("imported") as page:
        assert "captured in the run" in click(page)


def test_many_sessions_leave_nothing(gateway: Gateway) -> None:
    template = visit(gateway)
    for _ in range(30):
        assert visit(gateway) == template
    observed = (gateway.process.pid, template)
    wait_until(lambda: gateway.get("/metrics").text.count("stagedoor_sessions 0.0"))
    running = processes(gateway)
    before = [(descriptors(pid), private(pid)) for pid in observed]
    for _ in range(SESSIONS):
        assert visit(gateway) == template
    wait_until(lambda: processes(gateway) <= running)
    wait_until(lambda: all(descriptors(pid) <= files for pid, (files, _) in zip(observed, before, strict=True)))
    grown = [private(pid) - size for pid, (_, size) in zip(observed, before, strict=True)]
    assert max(grown) < 3 * MB, grown
    assert not any(p.status() == psutil.STATUS_ZOMBIE for p in psutil.Process(gateway.process.pid).children(True))
    folder = Path(psutil.Process(template).environ()["STAGEDOOR_FOLDER"])
    assert not list(folder.glob("c*"))


def test_a_template_that_is_killed_is_replaced_and_its_visitors_stay(gateway: Gateway) -> None:
    with gateway.page("tiny") as page:
        template = int(click(page).split()[0])
        runs = len(gateway.logged("tiny is ready"))
        os.kill(template, signal.SIGKILL)
        wait_until(lambda: not psutil.pid_exists(template))
        assert int(click(page).split()[0]) == gateway.process.pid  # its new parent
        wait_until(lambda: len(gateway.logged("tiny is ready")) > runs, 30)
        renewed = visit(gateway)
        assert renewed not in (template, gateway.process.pid)
        assert "captured in the run" in click(page)


def test_a_reader_that_is_too_slow_does_not_fill_the_gateways_memory(gateway: Gateway, folder: Path) -> None:
    with gateway.page("heavy") as page:
        before = private(gateway.process.pid)
        page.click(page.comm("ButtonModel", description="much"))
        wait_until((folder / "finished").exists, 60)
        assert private(gateway.process.pid) - before < 60 * MB
        # It is shown the state as it is when it has caught up.
        page.until(lambda m: m.content.get("data", {}).get("state", {}).get("value", "").startswith("999 "))
        assert len(page.received) < 800


def test_visitors_wait_for_memory_and_those_who_do_nothing_go_first(gateway: Gateway) -> None:
    def waits(message: object) -> bool:
        return "number 1 in the queue" in message.content.get("message", "")  # type: ignore[attr-defined]

    idle, busy, waiting = (gateway.page("heavy") for _ in range(3))
    assert click(idle) == "kept\n"
    assert click(busy) == "kept\n"
    used = "stagedoor_sessions_memory_bytes"
    wait_until(lambda: float(gateway.get("/metrics").text.partition(f"\n{used} ")[2].split()[0]) > 100e6)
    waiting.click(waiting.comm("ButtonModel"))
    waiting.until(waits)
    click(busy)
    assert idle.until_state("ended").content["code"] == "made_room"
    for page in (idle, busy, waiting):
        page.close()
