"""An app of whose visitors one takes all that there is, and what the tests do with it."""

from __future__ import annotations

import json
from contextlib import suppress

import psutil
from gateway import Gateway, Page, wait_until

from stagedoor.jupyter.message import Message

MB = 2**20
SLEEPER = "sleep 61.83"
"""A program that nobody else runs here."""
APP = f"""
import os, subprocess
import ipywidgets as widgets
from IPython.display import display

kept = []
slider = widgets.IntSlider(max=1000)
slider.observe(lambda change: print("moved to", change["new"]), "value")


def burn(_):
    while True:
        pass


def eat(_):
    bytearray(2_000_000_000)


def nibble(_):
    while len(kept) < 200_000:
        kept.append(bytearray(10_000))


def fork(_):
    for own in (False, True) * 3:
        subprocess.Popen("{SLEEPER}".split(), start_new_session=own)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", "{SLEEPER}".split())
        os._exit(0)
    os.wait()
    print("forked")


def shout(_):
    while True:
        print("x" * 1000)


for act in (burn, eat, nibble, fork, shout):
    button = widgets.Button(description=act.__name__)
    button.on_click(act)
    display(button)
display(slider)
"""
SETTINGS = """
[log]
format = "json"
[sessions]
grace = 0.5
[limits]
unread = 2
silence = 2
request = 1
[kernels]
memory_limit = "300MB"
[apps.limited]
cpu_limit = 1
"""


def move(page: Page, value: int) -> None:
    """A visitor moves the slider, and the app answers."""
    page.until_done(page.update(page.comm("IntSliderModel"), value=value))
    assert page.text.endswith(f"moved to {value}\n")


def press(page: Page, label: str) -> str:
    return page.click(page.comm("ButtonModel", description=label))


def until_busy(page: Page, msg_id: str) -> None:
    page.until(lambda m: m.parent_id == msg_id and m.content.get("execution_state") == "busy")


def is_idle(message: Message, msg_id: str) -> bool:
    return message.parent_id == msg_id and bool(message.content.get("execution_state") == "idle")


def kernels(gateway: Gateway) -> set[int]:
    return {child.pid for child in psutil.Process(gateway.process.pid).children(recursive=True)}


def resident(pid: int) -> int:
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0  # it is gone


def sleepers() -> list[int]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cmdline() == SLEEPER.split() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def ended(gateway: Gateway, page: Page) -> dict[str, str]:
    """What the log says of the end of the page's session."""
    (line,) = wait_until(lambda: [line for line in gateway.logged("session ended") if page.label in line])
    found: dict[str, str] = json.loads(line)
    return found
