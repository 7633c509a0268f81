"""One gateway for the tests of the web room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway import Gateway, running_gateway

SETTINGS = """
[sessions]
grace = 1.0
[log]
format = "json"
"""


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    config = tmp_path_factory.mktemp("settings") / "stagedoor.toml"
    config.write_text(SETTINGS)
    flags = ["--config", str(config), "--allow-origin", "https://allowed.example"]
    with running_gateway([Path(__file__).parent / "stages"], *flags) as running:
        yield running
