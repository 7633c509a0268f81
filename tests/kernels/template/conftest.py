"""Real templates for the stories below, in one event loop for each file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from rehearsing import House

from stagedoor.kernels.warden import Warden


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Where apps are rehearsed."""
    house = House(Warden(), tmp_path_factory)
    yield house
    await house.close()
