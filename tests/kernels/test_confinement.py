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

template = os.getpid()


def attempt(what):
    try:
        return what()
    except OSError as error:
        return error.strerror


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
    print("signal", attempt(lambda: os.kill(template, 0)))
    print("program", subprocess.run(["cat", "data.txt"], capture_output=True, text=True).stdout)


button = widgets.Button()
button.on_click(tried)
button
"""


UNFORKABLE = """
import ipywidgets

ipywidgets.Button()
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("apps")
    (folder / "confined.py").write_text(APP)
    (folder / "unforkable.py").write_text(UNFORKABLE)
    (folder / "data.txt").write_text("data")
    config = tmp_path_factory.mktemp("settings") / "stagedoor.toml"
    config.write_text(
        '[kernels]\nread_only = true\nnetwork = false\nfile_size_limit = "1MB"\n[apps.unforkable]\nsnapshot = "never"\n'
    )
    with running_gateway([folder], "--config", str(config)) as running:
        yield running


def test_a_visitors_kernel_is_confined(gateway: Gateway) -> None:
    with gateway.page("confined") as page:
        page.until_done(page.click(page.comm("ButtonModel")))
        said = dict(line.split(" ", 1) for line in page.text.splitlines())
    assert said["beside"] == "Permission denied"
    assert said["data"] == "Permission denied data"
    assert said["own"] == "written"
    assert said["large"] == "File too large"
    assert said["network"] == "Permission denied"
    assert said["signal"] == "Operation not permitted"
    assert said["program"] == "data"


def test_an_app_whose_kernels_cannot_be_confined_gets_none(gateway: Gateway) -> None:
    with gateway.page("unforkable") as page:
        page.click(page.comm("ButtonModel"))
        assert page.until_state("failed").content["code"] == "no_kernel"
    assert gateway.logged("cannot be confined as the settings want it")


def test_what_is_on_and_off_is_told_at_the_start(gateway: Gateway) -> None:
    (line,) = gateway.logged("how visitors' kernels are confined")
    assert "read_only_files" in line


def test_the_report_says_why_something_is_off() -> None:
    told = report(Limits(memory=1), {"one": None, "other": "as the settings say"})
    assert told["limits"].startswith("on: memory, files; off")
    assert "kernels.read_only" in told["read_only_files"]
    assert told["private_folder"] == "on; off for other: as the settings say"
    assert told["signals_and_tracing"] == "on"
    assert all(state == "on" or state.startswith(("on: ", "off: ")) for state in told.values())
