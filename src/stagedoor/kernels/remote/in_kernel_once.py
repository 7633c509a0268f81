"""Runs inside a Python kernel of a Jupyter server: sent there as text, so it must not import anything of Stagedoor.

The kernel's Python may be older than the gateway's (3.8 and later), and need not have ipykernel in it.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from typing import Any


def settle_in(displays: dict[str, str]) -> None:
    """What a kernel of this machine is started with; and a message that comes twice is heard once.

    Args:
        displays: variables that keep libraries from having a page load something from elsewhere.
    """
    os.environ.update(displays)
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    history = getattr(shell, "history_manager", None)
    if history is not None:
        history.enabled = False
    handlers = getattr(getattr(shell, "kernel", None), "shell_handlers", {})
    hear = handlers.get("comm_msg")
    if hear is not None and not hasattr(hear, "stagedoor_once"):
        handlers["comm_msg"] = _once(hear)


def _once(hear: Any) -> Any:
    """After a cut nobody knows whether a message has arrived: it is sent again."""
    heard: deque[str] = deque(maxlen=1024)

    def once(stream: Any, ident: Any, message: Any) -> Any:
        msg_id = message["header"]["msg_id"]
        if msg_id in heard:
            return None
        heard.append(msg_id)
        return hear(stream, ident, message)

    once.stagedoor_once = True  # type: ignore[attr-defined]
    return once
