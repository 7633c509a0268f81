"""A widget whose library makes up a name on each run, on a fresh kernel: the page goes on with the recording's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateway import Gateway, Page, running_gateway

APP = """
import uuid

import ipywidgets
import traitlets

class Plot(ipywidgets.DOMWidget):
    _model_module = traitlets.Unicode("plots").tag(sync=True)
    _model_name = traitlets.Unicode("PlotModel").tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)

def said(plot, content, buffers):
    print("known" if content["uid"] == plot.uid else "unknown")
    plot.send({"uid": plot.uid})

plot = Plot(uid=str(uuid.uuid4()))
plot.on_msg(said)
plot
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    app = tmp_path_factory.mktemp("apps") / "plots.py"
    app.write_text(APP)
    with running_gateway([app], env={"STAGEDOOR_KERNELS__SNAPSHOT": "never"}) as running:
        yield running


def ask(page: Page, uid: str) -> str:
    """Sends the name to the plot; returns that in its answer."""
    content = {"comm_id": page.comm("PlotModel"), "data": {"method": "custom", "content": {"uid": uid}}}
    answers = page.until_done(page.send("shell", "comm_msg", content))
    return next(str(m.content["data"]["content"]["uid"]) for m in answers if m.msg_type == "comm_msg")


def uid_of(messages: object) -> str:
    opened = [m.content["data"]["state"] for m in messages if m.msg_type == "comm_open"]  # type: ignore[attr-defined]
    return next(str(state["uid"]) for state in opened if state["_model_name"] == "PlotModel")


def test_what_is_said_to_it_and_by_it_is_in_the_names_that_the_page_has(gateway: Gateway) -> None:
    with gateway.page("plots") as page:
        shown = uid_of(page.recording.messages)
        assert ask(page, shown) == shown
        assert page.text == "known\n"
        assert not [m for m in page.received if m.msg_type == "stagedoor_render"]


def test_a_page_that_is_drawn_anew_gets_the_kernels_names(gateway: Gateway) -> None:
    with gateway.page("plots") as former, gateway.page("plots") as page:
        shown = uid_of(former.recording.messages)
        ask(former, shown)
        page.send("control", "stagedoor_resume", {"session": former.session, "received": 10_000})
        page.until(lambda m: m.msg_type == "stream")
        kernels = uid_of(page.received)
        assert kernels != shown
        assert ask(page, kernels) == kernels
        assert ask(page, shown) == kernels  # what was on its way when the page was drawn
        assert page.text == "known\nknown\nknown\n"
