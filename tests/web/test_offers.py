"""The files of extensions: served under addresses that have their hash, and only those that were found beforehand."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway import Gateway, Page, running_gateway, wait_until

from stagedoor.jupyter.message import Message

sys.path.insert(0, str(Path(__file__).parent.parent / "kernels"))
from test_extensions import labextension, nbextension

APP = """
import ipywidgets
import traitlets

class Plot(ipywidgets.DOMWidget):
    _model_module = traitlets.Unicode("{module}").tag(sync=True)
    _model_name = traitlets.Unicode("PlotModel").tag(sync=True)
    _view_module = traitlets.Unicode("{module}").tag(sync=True)
    _view_name = traitlets.Unicode("PlotView").tag(sync=True)

class Later(Plot):
    _model_module = traitlets.Unicode("later").tag(sync=True)

Plot()
"""


TIERS = ["late_forked", "late_fresh"]
LATE = """
import importlib

import ipywidgets
from IPython.display import display

out = ipywidgets.Output()

def show(button):
    plot = importlib.import_module(f"late_{button.description}").Plot
    with out:
        display(plot())

for name in ("plots", "nowhere"):
    button = ipywidgets.Button(description=name)
    button.on_click(show)
    display(button)
def draw(_):
    with out:
        display({"application/vnd.plotly.v1+json": {"data": []}}, raw=True)  # as an import of Plotly would, later

button = ipywidgets.Button(description="figure")
button.on_click(draw)
display(button, out)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    static = labextension(data, "plots") / "static"
    (static / "chunk.js").write_text("self.webpackChunkplots = [];")
    (static / "leak.py").write_text("MARK")
    nbextension(data, "later")
    labextension(data, "not-used")
    labextension(data, "late-plots")
    return data


@pytest.fixture(scope="module")
def gateway(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    apps = tmp_path_factory.mktemp("apps")
    for app, module in {"plots": "plots", "absent": "no-such-plots"}.items():
        (apps / f"{app}.py").write_text(APP.replace("{module}", module))
    (apps / "words.py").write_text("print('no widget')")
    packages = apps / "packages"
    packages.mkdir()
    for module in ("late-plots", "late-nowhere"):
        (packages / f"{module.replace('-', '_')}.py").write_text(APP.replace("{module}", module))
    for app in TIERS:
        (apps / f"{app}.py").write_text(f"import sys; sys.path.append({str(packages)!r})\n{LATE}")
    config = apps / "stagedoor.toml"
    config.write_text('[log]\nformat = "json"\n[apps.late_fresh]\nsnapshot = "never"\n')
    with running_gateway([apps], "--dev", "--config", str(config), env={"JUPYTER_PATH": str(data)}) as running:
        yield running


def test_a_recording_offers_what_the_app_may_need(gateway: Gateway) -> None:
    offered = gateway.recording("plots").extensions
    assert set(offered) == {"plots", "later"}
    plots = offered["plots"]
    assert {key: plots[key] for key in ("kind", "name", "version", "modules")} == {
        "kind": "federated",
        "name": "plots",
        "version": "1.2.3",
        "modules": ["./extension", "./style"],
    }
    assert offered["later"]["kind"] == "amd"
    assert gateway.recording("words").extensions == {}


def test_its_files_are_there_for_ever_and_for_every_origin(gateway: Gateway) -> None:
    address = gateway.recording("plots").extensions["plots"]["address"]
    root, _, name = address.rpartition("/")
    assert name == "remoteEntry.5f.js"
    for file, text in {"remoteEntry.5f.js": "var _JUPYTERLAB;", "chunk.js": "self.webpackChunkplots = [];"}.items():
        answer = gateway.get(f"/{root}/{file}", headers={"Origin": "https://anywhere.example"})
        assert answer.text == text
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["leak.py", "", ".", "..", "../package.json", "%2e%2e/package.json", "..%2fpackage.json", "static/chunk.js", "%00"],
)
def test_nothing_else_is(gateway: Gateway, path: str) -> None:
    root, _, _ = gateway.recording("plots").extensions["plots"]["address"].rpartition("/")
    assert gateway.get(f"/{root}/{path}").status_code == 404


def test_a_file_that_has_changed_is_not_served_under_the_old_address(gateway: Gateway, data: Path) -> None:
    root, _, _ = gateway.recording("plots").extensions["later"]["address"].rpartition("/")
    (data / "nbextensions" / "later" / "extension.js").write_text("changed")
    assert gateway.get(f"/{root}/extension.js").status_code == 404
    assert wait_until(lambda: gateway.logged("has changed since the app was run"))


def test_the_operator_is_told_what_is_missing(gateway: Gateway) -> None:
    assert gateway.recording("absent").extensions.keys() == {"later"}
    (line,) = wait_until(lambda: gateway.logged("its browser part was not found"))
    assert "no-such-plots" in line
    assert sys.prefix in line
    assert "pip install" in line


@pytest.mark.parametrize("app", TIERS)
def test_what_is_first_imported_in_a_callback_is_offered_before_it_is_shown(gateway: Gateway, app: str) -> None:
    assert gateway.recording(app).extensions == {}
    with gateway.page(app) as page:
        opened = press(page, "plots")
        (offer,) = offers(page)
        assert page.received.index(offer) < page.received.index(opened)
    plots = offer.content["extensions"]["late-plots"]
    assert (plots["kind"], plots["name"]) == ("federated", "late-plots")
    assert offer.content["extensions"].keys() == {"late-plots"}
    assert gateway.get(f"/{plots['address']}").text == "var _JUPYTERLAB;"


@pytest.mark.parametrize("app", TIERS)
def test_so_is_plotly_js(gateway: Gateway, app: str) -> None:
    assert gateway.recording(app).assets == {}
    with gateway.page(app) as page:
        page.until_done(page.click(page.comm("ButtonModel", description="figure")))
        (offer,) = offers(page)
        figure = next(m for m in page.received if m.msg_type == "display_data")
        assert page.received.index(offer) < page.received.index(figure)
    assert "plotly.js v" in gateway.get(f"/{offer.content['assets']['plotly']}").text[:1000]


def test_a_page_that_is_drawn_anew_is_told_again(gateway: Gateway) -> None:
    with gateway.page("plots", generation="another") as page:
        page.send("control", "stagedoor_open", {})
        page.until(lambda message: message.msg_type == "stagedoor_offers")
        rendered = next(m for m in page.received if m.msg_type == "stagedoor_render")
        assert page.received.index(rendered) < page.received.index(page.received[-1])
        assert page.received[-1].content == {"assets": {}, "extensions": page.recording.extensions}


def test_what_a_callback_misses_is_told_to_the_operator_once(gateway: Gateway) -> None:
    with gateway.page("late_forked") as page:
        press(page, "nowhere")
        press(page, "nowhere")
        assert offers(page) == []
    assert len(wait_until(lambda: gateway.logged("late-nowhere is used by the app late_forked"))) == 1


def press(page: Page, description: str) -> Message:
    """Clicks a button; returns the message by which a plot is opened."""
    page.until_done(page.click(page.comm("ButtonModel", description=description)))
    opened = [message for message in page.received if message.msg_type == "comm_open"]
    return next(m for m in opened if m.content["data"]["state"]["_model_name"] == "PlotModel")


def offers(page: Page) -> list[Message]:
    return [message for message in page.received if message.msg_type == "stagedoor_offers"]
