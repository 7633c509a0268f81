"""What tests of several rooms share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--outputs-table", metavar="FILE", help="where the matrix of outputs writes its table to")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts visits in a browser last: while Playwright runs, its event loop lets no other run in the same thread."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
