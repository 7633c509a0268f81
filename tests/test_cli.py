"""The command line: one clear line and exit status 2 for what is wrong."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stagedoor import __version__
from stagedoor.cli import run

STAGES = Path(__file__).parent / "web" / "stages"


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said to a wrong command line."""
    monkeypatch.setattr(sys, "argv", ["stagedoor", *words])
    assert run() == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("stagedoor: ")
    assert err.count("\n") == 1, "it is one line"
    return err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Say what to do: serve, check, demo"),
        ("sreve", "No such command 'sreve'. Did you mean 'serve'? (see `stagedoor --help`)."),
        ("--nope", "No such option: --nope (see `stagedoor --help`)."),
        ("serve", "There is nothing to serve: name .py files, .ipynb files, or folders of them."),
        ("serve x --nope", "No such option: --nope (see `stagedoor serve --help`)."),
        ("serve x --port eleven", "Invalid value for '--port'"),
        ("serve x --port", "Option '--port' requires an argument"),
        ("serve x --port 70000", "The setting server.port is wrong (from the command line)"),
        ("serve x --root-path live", "'live' is not a path such as '/live'"),
        ("serve x --allow-origin example.org", "'example.org' is not an origin"),
        ("serve x --config gone.toml", "The settings file gone.toml does not exist."),
        ("serve gone", "gone does not exist."),
        ("serve [bold]gone", "[bold]gone does not exist."),
        ("check gone", "gone does not exist."),
        ("demo extra", "Got unexpected extra argument(s) (extra) (see `stagedoor demo --help`)."),
        ("demo --port 65535", "Invalid value for '--port'"),
        (f"serve {STAGES}/clicks.py --host 192.0.2.1", "192.0.2.1 is not an address to listen at"),
        (f"serve {STAGES}/clicks.py --host nowhere.invalid", "choose another with --host."),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    words: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in refused(*words.split(), monkeypatch=monkeypatch, capsys=capsys)


def test_a_file_that_can_be_no_app_is_refused(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (somewhere / "notes.txt").write_text("hello")
    (somewhere / "empty").mkdir()
    assert "notes.txt is no app" in refused("serve", "notes.txt", monkeypatch=monkeypatch, capsys=capsys)
    assert "empty has no apps in it" in refused("serve", "empty", monkeypatch=monkeypatch, capsys=capsys)


def test_two_apps_of_one_name_are_refused(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (somewhere / "plot.py").write_text("1")
    (somewhere / "plot.ipynb").write_text("{}")
    assert "Two apps have the name 'plot'" in refused("serve", ".", monkeypatch=monkeypatch, capsys=capsys)


def test_a_port_in_use_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = f"Port {port} on 127.0.0.1 is in use: choose another with --port."
        words = ("serve", str(STAGES / "clicks.py"), "--port", port)
        assert said in refused(*words, monkeypatch=monkeypatch, capsys=capsys)
        assert said in refused("demo", "--port", port, monkeypatch=monkeypatch, capsys=capsys)


@pytest.mark.parametrize("command", [[sys.executable, "-m", "stagedoor"], [Path(sys.executable).parent / "stagedoor"]])
def test_the_module_is_the_command(command: list[str | Path]) -> None:
    done = subprocess.run([*command, "--version"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


def test_help_names_every_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["stagedoor", "--help"])
    assert run() == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("serve", "demo", "check", "--version"))


def test_apps_are_checked_and_a_broken_one_is_told_by_the_exit_status() -> None:
    words = [sys.executable, "-m", "stagedoor", "check", STAGES / "clicks.py", STAGES / "broken.py"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    header, clicks, broken = (line.split() for line in done.stdout.splitlines())
    assert header == ["app", "cells", "seconds", "recording", "outcome"]
    assert (clicks[:2], clicks[-2:]) == (["clicks", "3"], ["kB", "ready"])
    assert (broken[0], broken[-3:]) == ("broken", ["cannot", "be", "shown"])
    assert "✗ broken cannot be shown (id " in done.stderr
    assert "----> 2 1 / 0" in done.stderr


def test_when_all_is_well_so_is_the_exit_status() -> None:
    words = [sys.executable, "-m", "stagedoor", "check", STAGES / "clicks.py"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("ready")) == (0, 1)
