"""One gateway for the tests of the web room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateway import Gateway
from serving import serve


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with serve(tmp_path_factory, "auto") as running:
        yield running
