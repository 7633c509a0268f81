"""Renderers of MIME types in extensions of JupyterLab: offered, served, and given the app's outputs as they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway import Gateway, running_gateway

sys.path.insert(0, str(Path(__file__).parent.parent / "kernels"))
from test_extensions import labextension

NOTES = "application/vnd.notes"
APP = f"""
import ipywidgets as widgets
from IPython.display import display

def show(_=None):
    data = {{"{NOTES}": {{"list": ["do", None, 0.5]}}, "text/plain": "words"}}
    display(data, raw=True, metadata={{"{NOTES}": {{"key": "C"}}}})

show()
button = widgets.Button()
button.on_click(show)
button
"""
BUNDLE = {NOTES: {"list": ["do", None, 0.5]}, "text/plain": "words"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    data, apps = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("apps")
    static = labextension(data, "notes", shared={}, mimeExtension="./mimeExtension") / "static"
    (static / "1.js").write_text(f"x = {{mimeTypes: ['{NOTES}'], createRenderer: make}}")
    (static / "leak.py").write_text("MARK")
    (apps / "notes.py").write_text(APP)
    (apps / "words.py").write_text("print('no widget, and a prompt'); input()")
    (apps / "still.py").write_text(APP)
    config = tmp_path_factory.mktemp("settings") / "stagedoor.toml"
    config.write_text("[apps.still]\nscripts = false\n")
    with running_gateway([apps], "--config", str(config), env={"JUPYTER_PATH": str(data)}) as running:
        yield running


@pytest.mark.parametrize("app", ["notes", "words"])
def test_a_recording_offers_the_renderers_of_the_environment(gateway: Gateway, app: str) -> None:
    (notes,) = [renderer for renderer in gateway.recording(app).renderers if renderer["name"] == "notes"]
    address = notes.pop("address")
    assert notes == {
        "kind": "federated",
        "name": "notes",
        "version": "1.2.3",
        "modules": ["./mimeExtension", "./style"],
        "types": [NOTES],
    }
    root, _, entry = address.rpartition("/")
    assert entry == "remoteEntry.5f.js"
    for file in (entry, "1.js"):
        answer = gateway.get(f"/{root}/{file}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
    for file in ("leak.py", "../package.json", "%2e%2e/package.json", "static/1.js"):
        assert gateway.get(f"/{root}/{file}").status_code == 404


def test_an_app_whose_scripts_do_not_run_has_none(gateway: Gateway) -> None:
    assert gateway.recording("still").renderers == []


def test_types_that_nobody_knows_reach_the_page_as_they_are(gateway: Gateway) -> None:
    (recorded,) = [
        m for m in gateway.recording("notes").messages if m.content.get("data", {}).get("text/plain") == "words"
    ]
    assert recorded.content["data"] == BUNDLE
    assert recorded.content["metadata"] == {NOTES: {"key": "C"}}
    with gateway.page("notes") as page:
        page.click(page.comm("ButtonModel"))
        shown = page.until(lambda message: message.msg_type == "display_data")
        assert shown.content["data"] == BUNDLE
        assert shown.content["metadata"] == {NOTES: {"key": "C"}}
