"""A gateway for the small apps beside this file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from gateway import Gateway, running_gateway

SETTINGS = """
[sessions]
grace = 1.0
[log]
format = "json"
"""


def serve(
    tmp_path_factory: pytest.TempPathFactory, snapshot: str, apps: Sequence[str] = ()
) -> AbstractContextManager[Gateway]:
    """A gateway whose sessions get their kernels in this way."""
    config = tmp_path_factory.mktemp("settings") / "stagedoor.toml"
    config.write_text(SETTINGS + f'[kernels]\nsnapshot = "{snapshot}"\n')
    flags = ["--config", str(config), "--allow-origin", "https://allowed.example"]
    stages = Path(__file__).parent / "stages"
    return running_gateway([stages / f"{app}.py" for app in apps] or [stages], *flags)
