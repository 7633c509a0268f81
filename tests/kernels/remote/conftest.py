"""A Jupyter server for the stories of each file, and kernels of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from jupyter_servers import JupyterServer, Proxy, jupyter_server, proxy

from stagedoor.kernels.remote.access import Access
from stagedoor.kernels.remote.ledger import Ledger
from stagedoor.kernels.remote.server import JupyterServer as Client
from stagedoor.kernels.remote.source import RemoteKernels


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture
def between(jupyter: JupyterServer) -> Iterator[Proxy]:
    with proxy(jupyter) as running:
        yield running


@pytest.fixture
async def client(jupyter: JupyterServer, between: Proxy) -> AsyncIterator[Client]:
    client = Client(Access(between.url, jupyter.token))
    yield client
    await client.close()


@pytest.fixture
async def source(between: Proxy, jupyter: JupyterServer, tmp_path: Path) -> AsyncIterator[RemoteKernels]:
    client = Client(Access(between.url, jupyter.token))
    source = RemoteKernels(client, Ledger(between.url, tmp_path / "ledgers"))
    yield source
    between.pass_on()
    between.mend()
    await source.close()
    assert jupyter.kernels() == []
