"""An app that does not survive a fork, which shows only when a visitor uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from gateway import running_gateway, wait_until

APP = """
import os, signal, threading
import ipywidgets

home = os.getpid()
lock = threading.Lock()

def clicked(_):
    if os.getpid() != home:
        {trouble}
    print("done")

button = ipywidgets.Button(description="go")
button.on_click(clicked)
display(button)
"""


@pytest.mark.parametrize(
    "trouble", ["lock.acquire(); lock.acquire()", "os.kill(os.getpid(), signal.SIGSEGV)"], ids=["hangs", "crashes"]
)
def test_what_the_visitor_did_is_done_by_a_safer_kernel_and_the_app_is_not_forked_so_again(
    tmp_path: Path, trouble: str
) -> None:
    app = tmp_path / "app.py"
    app.write_text(APP.format(trouble=trouble))
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    with running_gateway([app], env=env) as gateway:
        assert gateway.logged("forked after its run")
        with gateway.page("app") as page:
            page.until_done(page.click(page.comm("ButtonModel")))
            assert page.text == "done\n"
        (line,) = wait_until(lambda: gateway.logged("start otherwise"))
        assert "a fork failed in its first use" in line
        with gateway.page("app") as another:
            another.until_done(another.click(another.comm("ButtonModel")))
            assert another.text == "done\n"
    with running_gateway([app], env=env) as gateway:
        assert gateway.logged("a fork failed in its first use")


def test_an_app_that_breaks_every_kernel_is_not_held_against_the_fork(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(APP.replace("if os.getpid() != home:", "if True:").format(trouble="os._exit(3)"))
    with running_gateway([app]) as gateway, gateway.page("app") as page:
        page.click(page.comm("ButtonModel"))
        assert page.until_state("ended").content["code"] == "kernel_died"
        assert not gateway.logged("start otherwise")


def test_visitors_queue_and_see_their_place(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(APP.format(trouble="pass"))
    with running_gateway([app], env={"STAGEDOOR_SESSIONS__SEATS": "1"}) as gateway:
        first, second = gateway.page("app"), gateway.page("app")
        first.until_done(first.click(first.comm("ButtonModel")))
        second.click(second.comm("ButtonModel"))
        waiting = second.until(lambda m: "queue" in m.content.get("message", ""))
        assert waiting.content["state"] == "starting"
        assert "number 1" in waiting.content["message"]
        first.close()
        second.until(lambda m: m.msg_type == "stream" and m.content["text"] == "done\n")
        second.close()
