"""Real kernels for the stories below."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from watching import MakeApp

from stagedoor.apps import App
from stagedoor.apps.script import read_script
from stagedoor.kernels.stock import StockKernels


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """Makes an app of a Python file's text."""

    def make(text: str) -> App:
        path = tmp_path / "app.py"
        path.write_text(text)
        return read_script(path)

    return make


@pytest.fixture
async def source() -> AsyncIterator[StockKernels]:
    source = StockKernels()
    yield source
    await source.close()
