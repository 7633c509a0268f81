"""What a visitor's kernel may not do, where this Linux can see to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from gateway import Gateway, running_gateway

from stagedoor.kernels.template.confinement import report
from stagedoor.kernels.template.landlock import version
from stagedoor.kernels.template.limits import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux" or version() < 6, reason="this system has no such Landlock")

APP = """
import os, signal, socket, subprocess, tempfile
import ipywidgets as widgets

gateway = os.getppid()


def attempt(what):
    try:
        return what()
    except OSError as error:
        return error.strerror
    except MemoryError:
        return "too much"


def write(path, size):
    with open(path, "wb") as file:
        file.write(b"x" * size)
    return "written"


def tried(_):
    print("beside", attempt(lambda: write("beside.txt", 1)))
    print("data", attempt(lambda: write("data.txt", 1)), open("data.txt").read())
    print("own", attempt(lambda: write(os.path.join(tempfile.mkdtemp(), "own.txt"), 1)))
    print("large", attempt(lambda: write(os.path.join(tempfile.gettempdir(), "large"), 3_000_000)))
    print("network", attempt(lambda: socket.create_connection(("127.0.0.1", 9))))
    print("signal", attempt(lambda: os.kill(gateway, 0)))
    print("memory", attempt(lambda: len(bytearray(500_000_000))))
    print("program", subprocess.run(["cat", "data.txt"], capture_output=True, text=True).stdout)


button = widgets.Button()
button.on_click(tried)
button
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("apps")
    (folder / "confined.py").write_text(APP)
    (folder / "stock.py").write_text(APP)
    (folder / "data.txt").write_text("data")
    config = tmp_path_factory.mktemp("settings") / "stagedoor.toml"
    config.write_text(
        '[kernels]\nread_only = true\nnetwork = false\nfile_size_limit = "1MB"\nmemory_limit = "200MB"\n'
        '[apps.stock]\nsnapshot = "never"\n'
    )
    with running_gateway([folder], "--config", str(config)) as running:
        yield running


@pytest.mark.parametrize("app", ["confined", "stock"])
def test_a_visitors_kernel_is_confined(gateway: Gateway, app: str) -> None:
    with gateway.page(app) as page:
        page.until_done(page.click(page.comm("ButtonModel")))
        said = dict(line.split(" ", 1) for line in page.text.splitlines())
    assert said["beside"] == "Permission denied"
    assert said["data"] == "Permission denied data"
    assert said["own"] == "written"
    assert said["large"] == "File too large"
    assert said["network"] == "Permission denied"
    assert said["signal"] == "Operation not permitted"
    assert said["memory"] == "too much"
    assert said["program"] == "data"


def test_what_is_on_and_off_is_told_at_the_start(gateway: Gateway) -> None:
    (line,) = gateway.logged("how visitors' kernels are confined")
    assert "read_only_files" in line


def test_the_report_says_why_something_is_off() -> None:
    told = report(Limits(memory=1), {"one": None, "other": "as the settings say"})
    assert told["limits"].startswith("on: memory, files; off")
    assert "kernels.read_only" in told["read_only_files"]
    assert told["private_folder"] == "on; off: for other: as the settings say"
    assert told["signals_and_tracing"] == "on"
    assert all(state == "on" or state.startswith(("on: ", "on; off: ", "off: ")) for state in told.values())
