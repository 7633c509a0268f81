"""A kernel of a Jupyter server does what a local one does."""

from __future__ import annotations

from jupyter_servers import JupyterServer

from stagedoor.apps.app import App
from stagedoor.apps.discover import discover
from stagedoor.jupyter.message import Message
from stagedoor.kernels.asking import run_silently
from stagedoor.kernels.perform import perform
from stagedoor.kernels.remote.source import RemoteKernels


def entry(code: str) -> App:
    (app,) = discover([], {"app": code})
    assert isinstance(app, App)
    return app


async def test_an_app_runs_there_and_shows_what_it_shows(source: RemoteKernels, jupyter: JupyterServer) -> None:
    (jupyter.folder / "hidden.py").write_text("import ipywidgets\nslider = ipywidgets.IntSlider(3)\ndisplay(slider)\n")
    app = entry("import os\nfrom IPython.display import display\nimport builtins; builtins.display = display\n"
                "import hidden\nprint(os.getcwd())")
    heard: list[Message] = []
    kernels = [await source.open(app), await source.open(app)]
    for kernel in kernels:
        assert (await perform(kernel, app, heard.append)).ok
    printed = [message.content["text"] for message in heard if message.msg_type == "stream"]
    assert printed == [f"{jupyter.folder}\n"] * 2, "its working folder is the server's own"
    opened = [message.content["comm_id"] for message in heard if message.msg_type == "comm_open"]
    assert opened
    assert opened[: len(opened) // 2] == opened[len(opened) // 2 :], "comm ids are the same in each run"
    assert kernels[0].language == "python"
