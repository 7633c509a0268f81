"""A visitor of an app whose code lives on a Jupyter server, when the way there is cut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gateway import running_gateway
from jupyter_servers import TOKEN, jupyter_server, proxy
from playwright.sync_api import expect
from visiting import Visitor

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "examples" / "thebe_test.py"
CONFIG = """
[kernels]
source = "jupyter"
url = "{url}"
pool = 0
[apps.thebe_test]
entry = "import thebe_test"
"""


def test_the_visitor_is_told_of_a_cut_and_loses_nothing_and_never_sees_the_server(
    visitor: Visitor, tmp_path: Path
) -> None:
    (tmp_path / "thebe_test.py").write_text(EXAMPLE.read_text())
    config = tmp_path / "stagedoor.toml"
    env = {"STAGEDOOR_KERNELS__TOKEN": TOKEN}
    with jupyter_server(tmp_path) as server, proxy(server) as between:
        config.write_text(CONFIG.format(url=between.url))
        with running_gateway([], "--config", str(config), env=env) as gateway:
            visitor.page.goto(f"{gateway.url}/apps/thebe_test")
            door = visitor.door("thebe_test")
            door.wait_for("recorded")
            button = door.locator.get_by_role("button", name="Click me")
            button.click()
            expect(door.locator).to_contain_text("click", timeout=30_000)
            door.wait_for("live")
            between.cut()
            door.wait_for("connecting")
            expect(visitor.page.get_by_text("cannot be reached at the moment")).to_be_visible()
            button.click()
            button.click()
            between.mend()
            door.wait_for("live")
            expect(door.locator.get_by_text(re.compile(r"^\s*click\s+click\s+click\s*$"))).to_be_visible(timeout=30_000)
            received = visitor.received().replace(gateway.url.encode(), b"")
        for secret in (TOKEN, f":{between.port}", f":{server.port}", str(tmp_path), "import thebe_test"):
            assert secret.encode() not in received
    assert visitor.complaints == []
