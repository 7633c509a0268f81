"""Apps that live on a Jupyter server, and what visitors and the operator see when it is not as it should be."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from gateway import Gateway, Page, running_gateway, wait_until
from jupyter_servers import TOKEN, JupyterServer, Proxy, jupyter_server, proxy

sys.path.insert(0, str(Path(__file__).parent.parent / "kernels"))
from test_extensions import labextension

HIDDEN = """
import ipywidgets
from IPython.display import display

button, slider = ipywidgets.Button(), ipywidgets.IntSlider(3)
count = 0

def click(_):
    global count
    count += 1
    print("click", count)

button.on_click(click)
display(button, slider)
"""

CONFIG = """
[kernels]
source = "jupyter"
url = "{url}"
pool = 0
{more}
[apps.hidden]
entry = "import thebe_hidden"
[log]
format = "json"
"""


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    folder = tmp_path_factory.mktemp("jupyter")
    (folder / "thebe_hidden.py").write_text(HIDDEN)
    with jupyter_server(folder) as running:
        yield running


@pytest.fixture
def between(jupyter: JupyterServer) -> Iterator[Proxy]:
    with proxy(jupyter) as running:
        yield running


def serve(
    folder: Path, url: str, *, paths: Sequence[Path] = (), more: str = "", token: str | None = TOKEN
) -> AbstractContextManager[Gateway]:
    config = folder / "stagedoor.toml"
    config.write_text(CONFIG.format(url=url, more=more))
    env = {"STAGEDOOR_KERNELS__TOKEN": token} if token else {}
    return running_gateway(paths, "--config", str(config), env=env)


def click(page: Page) -> str:
    return page.click(page.comm("ButtonModel"))


def served(gateway: Gateway) -> bool:
    return gateway.get("/apps/hidden/recording").status_code == 200


def test_a_visitors_day_in_which_nothing_tells_of_the_server(
    tmp_path: Path, jupyter: JupyterServer, between: Proxy
) -> None:
    local = tmp_path / "sent.py"
    local.write_text(
        "import os\nprint(os.getcwd())\nraise_ = lambda _: 1 / 0\nimport ipywidgets\n"
        "b = ipywidgets.Button(description='x')\nb.on_click(raise_)\nb"
    )
    with serve(tmp_path, between.url, paths=[local]) as gateway:
        seen = [
            gateway.get(path).content for path in ("/apps/hidden/recording", "/apps/hidden", "/apps/sent", "/healthz")
        ]
        assert str(jupyter.folder) in str(gateway.recording("sent").messages)
        with gateway.page("hidden") as one, gateway.page("hidden") as other, gateway.page("sent") as broken:
            one.until_done(click(one))
            one.until_done(click(one))
            other.until_done(click(other))
            assert (one.text, other.text) == ("click 1\nclick 2\n", "click 1\n"), "each has a kernel of their own"
            broken.until_done(click(broken))
            assert any(message.msg_type == "error" for message in broken.received)
            seen += [repr(page.received).encode() for page in (one, other, broken)]
            assert len(jupyter.kernels()) == 3
        wait_until(lambda: not jupyter.kernels())
        port = re.search(r"\d+$", between.url)
        assert port is not None
        for secret in (TOKEN, f":{port[0]}", f":{jupyter.port}"):
            assert not any(secret.encode() in text for text in seen)
        assert not gateway.logged(TOKEN)
        wait_until(
            lambda: gateway.logged("its kernels are a Jupyter server's: each visitor gets a kernel of their own")
        )
    assert jupyter.kernels() == []


def test_a_server_that_is_down_at_the_start_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "thebe_hidden.py").write_text(HIDDEN)
    server = JupyterServer(tmp_path)
    try:
        with serve(tmp_path, server.url) as gateway:
            told = gateway.get("/apps/hidden/recording")
            assert (told.status_code, told.json()["code"]) == (503, "app_failed")
            wait_until(lambda: gateway.logged(f"The Jupyter server at {server.url} cannot be reached"))
            server.start()
            wait_until(lambda: served(gateway), 60)
            assert len(gateway.logged("hidden cannot be shown")) == 1, "it is told once"
            wait_until(lambda: gateway.logged("hidden is ready"))
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("302 Found", "sends us elsewhere (302 to '/hub/login')"),
        ("403 Forbidden", "does not take the token (403)"),
        ("404 Not Found", "There is no Jupyter server at"),
        ("503 Service Unavailable", "is not available (503)"),
        ("200 OK", "is no Jupyter server: it sends a page, 'Welcome'"),
    ],
)
def test_each_wrong_answer_at_the_start_is_told_and_recovered_from(
    tmp_path: Path, between: Proxy, status: str, said: str
) -> None:
    between.answer(status, "text/html", "<title>Welcome</title>", Location="/hub/login")
    with serve(tmp_path, between.url) as gateway:
        assert gateway.get("/apps/hidden/recording").json()["code"] == "app_failed"
        wait_until(lambda: gateway.logged(said))
        between.pass_on()
        wait_until(lambda: served(gateway), 60)


def test_wrong_answers_later_end_no_session_that_has_a_kernel_and_let_none_begin(
    tmp_path: Path, between: Proxy
) -> None:
    statuses = ["302 Found", "403 Forbidden", "404 Not Found", "503 Service Unavailable", "200 OK"]
    with serve(tmp_path, between.url) as gateway, gateway.page("hidden") as page:
        page.until_done(click(page))
        for number, status in enumerate(statuses, 2):
            between.answer(status, "text/html", "<title>Welcome</title>")
            page.until_state("starting")
            with gateway.page("hidden") as late:
                click(late)
                ended = late.until_state("failed").content
                assert (ended["code"], ended["message"]) == (
                    "no_kernel",
                    "The program behind this page could not be started.",
                )
            waiting = click(page)
            between.pass_on()
            page.until_state("live")
            page.until_done(waiting)
            assert page.text.endswith(f"click {number}\n")
            told = "no use can be made of the Jupyter server at the moment"
            wait_until(lambda number=number, told=told: len(gateway.logged(told)) == number - 1)
        assert page.text == "".join(f"click {number}\n" for number in range(1, 7))
        assert served(gateway), "the recording has been shown all the time"
        with gateway.page("hidden") as next_one:
            next_one.until_done(click(next_one))


def test_a_module_that_is_mended_on_the_server_is_found(tmp_path: Path, jupyter: JupyterServer) -> None:
    module = jupyter.folder / "thebe_hidden.py"
    module.rename(tmp_path / "away.py")
    try:
        with serve(tmp_path, jupyter.url) as gateway:
            wait_until(lambda: gateway.logged("ModuleNotFoundError: No module named 'thebe_hidden'"))
            (tmp_path / "away.py").rename(module)
            wait_until(lambda: served(gateway), 40)
    finally:
        if not module.exists():
            (tmp_path / "away.py").rename(module)


def test_a_server_that_says_nothing_does_not_keep_stagedoor_from_ending(tmp_path: Path, between: Proxy) -> None:
    with serve(tmp_path, between.url) as gateway, gateway.page("hidden") as page, gateway.page("hidden") as late:
        page.until_done(click(page))
        between.hold()
        click(late)
        late.until_state("starting")
        began = time.monotonic()
        gateway.process.send_signal(signal.SIGINT)
        page.until_state("ended")
        assert gateway.process.wait(30) == 0
        assert time.monotonic() - began < 20
        between.mend()


def test_a_wrong_token_is_told_and_the_right_one_is_taken_when_it_is_there(
    tmp_path: Path, jupyter: JupyterServer
) -> None:
    file = tmp_path / "token"
    file.write_text("wrong")
    with serve(tmp_path, jupyter.url, more=f'token_file = "{file}"', token=None) as gateway:
        wait_until(
            lambda: gateway.logged("does not take the token (403): correct kernels.token, or kernels.token_file.")
        )
        file.write_text(TOKEN)
        wait_until(lambda: served(gateway), 60)
        file.write_text("revoked")
        with gateway.page("hidden") as page:
            click(page)
            assert page.until_state("failed").content["code"] == "no_kernel"
        file.write_text(TOKEN)
        with gateway.page("hidden") as page:
            page.until_done(click(page))


def test_a_socket_that_is_cut_for_ten_seconds(tmp_path: Path, between: Proxy) -> None:
    with serve(tmp_path, between.url) as gateway, gateway.page("hidden") as page:
        page.until_done(click(page))
        between.cut()
        told = page.until_state("starting").content
        assert told["message"] == (
            "The program behind this page cannot be reached at the moment. What you do is done when it can be again."
        )
        began = time.monotonic()
        clicks = [click(page), click(page)]
        wait_until(lambda: time.monotonic() - began > 10)  # as long as it is to be cut
        between.mend()
        page.until_state("live")
        for msg_id in clicks:
            page.until_done(msg_id)
        assert page.text == "click 1\nclick 2\nclick 3\n"


def test_a_server_that_is_started_anew_ends_the_sessions_and_serves_the_next_ones(tmp_path: Path) -> None:
    (tmp_path / "thebe_hidden.py").write_text(HIDDEN)
    with jupyter_server(tmp_path) as server, serve(tmp_path, server.url) as gateway:
        with gateway.page("hidden") as page:
            page.until_done(click(page))
            server.stop()
            page.until_state("starting")
            server.start()
            ended = page.until_state("ended").content
            assert (ended["code"], ended["message"]) == (
                "kernel_died",
                "The program behind this page has stopped unexpectedly.",
            )
        wait_until(lambda: gateway.logged("The Jupyter server has ended the kernel"))
        with gateway.page("hidden") as page:
            page.until_done(click(page))


def test_a_kernel_that_the_server_culls_ends_its_session_only(tmp_path: Path) -> None:
    (tmp_path / "thebe_hidden.py").write_text(HIDDEN)
    culling = [
        f"--MappingKernelManager.{flag}" for flag in ("cull_idle_timeout=3", "cull_interval=1", "cull_connected=1")
    ]
    with jupyter_server(tmp_path, *culling) as server, serve(tmp_path, server.url) as gateway:
        with gateway.page("hidden") as page:
            page.until_done(click(page))
            assert page.until_state("ended").content["code"] == "kernel_died"
        wait_until(lambda: gateway.logged("The Jupyter server has ended the kernel: it was idle for too long there"))
        with gateway.page("hidden") as page:
            page.until_done(click(page))


PLOTS = """
import ipywidgets, traitlets, plotly.graph_objects as go
class Plot(ipywidgets.DOMWidget):
    _model_module = traitlets.Unicode("plots").tag(sync=True)
    _view_module = traitlets.Unicode("plots").tag(sync=True)
display(Plot())
"""


def test_what_pages_load_comes_from_the_servers_environment(tmp_path: Path) -> None:
    static = labextension(tmp_path / "data", "plots") / "static"
    (static / "chunk.js").write_text("/* from there */" * 100_000)
    (static / "leak.js").symlink_to(tmp_path / "data" / "labextensions" / "plots" / "package.json")
    (tmp_path / "plots.py").write_text(PLOTS)
    with (
        jupyter_server(tmp_path, environment={"JUPYTER_PATH": str(tmp_path / "data")}) as server,
        serve(tmp_path, server.url, paths=[tmp_path / "plots.py"]) as gateway,
    ):
        recording = gateway.recording("plots")
        address = recording.extensions["plots"]["address"]
        assert gateway.get(f"/{address}").text == "var _JUPYTERLAB;"
        assert gateway.get(f"/{address.rpartition('/')[0]}/chunk.js").text == "/* from there */" * 100_000
        assert "Plotly" in gateway.get(f"/{recording.assets['plotly']}").text
