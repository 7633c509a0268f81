"""Where sessions cannot have a folder for themselves, why, and what is done then."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway import running_gateway

from stagedoor.kernels.template.folder_trial import why_not

pytestmark = pytest.mark.skipif(
    why_not(Path(__file__).parent, 2**20) is not None, reason="this system does not give private folders"
)

MB = 10**6

APP = """
from pathlib import Path
import ipywidgets

typed = ipywidgets.Text()
typed.observe(lambda change: Path("mine.txt").write_text(change["new"]), "value")
typed
"""


@pytest.fixture
def app_among_temporary_files() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="private-") as name:
        (Path(name) / "notes.py").write_text(APP)
        yield Path(name)


def test_where_it_cannot_be_private_the_folder_is_shared_and_the_reason_told(app_among_temporary_files: Path) -> None:
    folder = app_among_temporary_files
    with running_gateway([folder], env={"TMPDIR": str(folder)}) as gateway:
        (line,) = gateway.logged("how visitors' kernels are confined")
        assert "has the temporary files in it: set TMPDIR to a folder elsewhere" in line
        with gateway.page("notes") as page:
            page.until_done(page.update(page.comm("TextModel"), value="ada"))
        assert (folder / "mine.txt").read_text() == "ada"


def test_where_it_must_be_private_and_cannot_nothing_is_served(app_among_temporary_files: Path) -> None:
    folder = str(app_among_temporary_files)
    env = os.environ | {"TMPDIR": folder, "STAGEDOOR_KERNELS__FOLDER": "private"}
    serve = [sys.executable, "-m", "stagedoor", "serve", folder, "--port", "0"]
    done = subprocess.run(serve, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "The folder of notes cannot be private, as the setting folder wants it" in done.stderr


@pytest.mark.parametrize("size", [0, MB])
def test_it_may_lie_beside_the_temporary_files_and_have_any_name(size: int) -> None:
    with tempfile.TemporaryDirectory(prefix="private, with: a = name") as folder:
        assert why_not(Path(folder), size) is None


@pytest.mark.parametrize(
    ("folder", "reason"),
    [("/sys", "another file system is mounted in /sys, at "), ("/proc/sys", "/proc/sys gets no overlay (")],
)
def test_the_reason_why_a_folder_cannot_be_private_is_plain(folder: str, reason: str) -> None:
    assert (why_not(Path(folder), MB) or "").startswith(reason)
