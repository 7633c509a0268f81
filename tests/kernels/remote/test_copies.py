"""What a kernel hands over for pages lies where it should, whatever the kernel says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from entries import entry
from jupyter_servers import JupyterServer

from stagedoor.kernels.remote.copies import MOST_BYTES, _checked
from stagedoor.kernels.remote.source import RemoteKernels

GOOD = "labextensions/x/static/a.js"


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [[0, GOOD, 1]],
        [[1, GOOD, 1, 1]],
        [[-1, GOOD, 1, 1]],
        [[0, GOOD, -1, 1]],
        [[0, "../labextensions/x.js", 1, 1]],
        [[0, "labextensions/../../x.js", 1, 1]],
        [[0, "/labextensions/x.js", 1, 1]],
        [[0, "labextensions\\x.js", 1, 1]],
        [[0, "labextensions/x.py", 1, 1]],
        [[0, "kernels/x.js", 1, 1]],
        [[0, "", 1, 1]],
        [[0, ["labextensions/x.js"], 1, 1]],
    ],
)
def test_what_leads_elsewhere_is_passed_over(odd: object) -> None:
    assert _checked(odd, 1) == []
    if isinstance(odd, list):
        assert _checked([*odd, [0, GOOD, 1, 2]], 1) == [(0, GOOD, 1, 2)]


async def test_a_file_is_copied_again_when_it_has_changed_only(
    source: RemoteKernels, jupyter: JupyterServer, tmp_path: Path
) -> None:
    kernel = await source.open(entry("1"))
    original = jupyter.folder / "big.js"
    original.write_bytes(b"x" * 3_000_001)
    copy = await kernel.bring_file(str(original), lambda message: None)
    assert copy is not None
    assert copy.read_bytes() == original.read_bytes()
    copy.write_text("marked")
    assert await kernel.bring_file(str(original), lambda message: None) == copy
    assert copy.read_text() == "marked"
    original.write_text("new")
    await kernel.bring_file(str(original), lambda message: None)
    assert copy.read_text() == "new"
    assert await kernel.bring_file(str(jupyter.folder / "gone.js"), lambda message: None) is None


async def test_too_much_is_not_taken(source: RemoteKernels, jupyter: JupyterServer) -> None:
    kernel = await source.open(entry("1"))
    with (jupyter.folder / "huge.js").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert await kernel.bring_file(str(jupyter.folder / "huge.js"), lambda message: None) is None
