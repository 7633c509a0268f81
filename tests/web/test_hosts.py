"""A gateway that knows its names answers under no other."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway import Gateway, running_gateway
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

CLICKS = Path(__file__).parent / "stages" / "clicks.py"
PROTOCOL = "v1.kernel.websocket.jupyter.org"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with running_gateway([CLICKS], env={"STAGEDOOR_SERVER__HOSTS": "live.example.org, 127.0.0.1"}) as running:
        yield running


@pytest.mark.parametrize("host", ["live.example.org", "LIVE.example.org:8443"])
def test_it_answers_under_its_names(gateway: Gateway, host: str) -> None:
    assert gateway.get("/apps/clicks", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8900", "live.example.org.evil.example", "[::1]"])
@pytest.mark.parametrize("path", ["/apps/clicks", "/apps/clicks/recording", "/stagedoor.js", "/metrics", "/nothing"])
def test_it_answers_under_no_other(gateway: Gateway, host: str, path: str) -> None:
    answer = gateway.get(path, headers={"Host": host, "Origin": f"http://{host}"})
    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")


def test_no_page_that_leads_here_by_a_name_of_its_own_comes_in(gateway: Gateway) -> None:
    address, port = gateway.url.removeprefix("http://").split(":")
    line = socket.create_connection((address, int(port)))
    with pytest.raises(InvalidStatus) as refused:
        connect(
            f"ws://evil.example:{port}/apps/clicks/live",
            sock=line,
            origin=f"http://evil.example:{port}",  # type: ignore[arg-type]
            subprotocols=[PROTOCOL],  # type: ignore[list-item]
        )
    assert refused.value.response.status_code == 421
