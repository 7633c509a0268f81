"""Asking a kernel something and hearing its answer."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import count

from ..jupyter.message import Json, Message
from .protocol import Kernel

OnMessage = Callable[[Message], None]

_numbers = count()


def execute_request(code: str, msg_id: str, *, silent: bool = False, **expressions: str) -> Message:
    """A request to run code; a silent one leaves no trace in the history, and its errors do not show."""
    content: Json = {
        "code": code,
        "silent": silent,
        "store_history": not silent,
        "user_expressions": expressions,
        "allow_stdin": not silent,
        "stop_on_error": True,
    }
    return Message("shell", "execute_request", content, msg_id=msg_id)


def private_id() -> str:
    """A message id of our own; a page's ids have no ``~``."""
    return f"~{next(_numbers)}"


def is_private(msg_id: str) -> bool:
    """Whether the id is one of our own messages'."""
    return msg_id.startswith("~")


async def answer(kernel: Kernel, msg_id: str, on_message: OnMessage) -> Message:
    """Waits until the kernel has replied to a request and is done with it; returns the reply.

    Both are waited for because they come over different sockets, in any order; what the request shows comes before the
    second. All that the kernel says meanwhile for the page (``iopub``, ``stdin``) is handed on.

    Raises:
        KernelDied: there is no kernel any more.
    """
    reply: Message | None = None
    idle = False
    while reply is None or not idle:
        message = await kernel.receive()
        ours = message.parent_id == msg_id
        if message.channel in ("shell", "control"):
            reply = message if ours else reply
            continue
        idle |= ours and message.msg_type == "status" and message.content.get("execution_state") == "idle"
        on_message(message)
    return reply


async def until_idle(kernel: Kernel, msg_id: str, on_message: OnMessage = lambda _: None) -> None:
    """Waits until the kernel has dealt with a message that has no reply. Messages of others are handed on.

    Raises:
        KernelDied: there is no kernel any more.
    """
    while True:
        message = await kernel.receive()
        if message.parent_id != msg_id:
            on_message(message)
        elif message.content.get("execution_state") == "idle":
            return


async def run_silently(
    kernel: Kernel, code: str, on_message: OnMessage = lambda _: None, **expressions: str
) -> Message:
    """Runs code that the page hears nothing of; returns the reply. Other messages that come meanwhile are handed on.

    Raises:
        KernelDied: there is no kernel any more.
    """
    request = execute_request(code, private_id(), silent=True, **expressions)

    def hand_on(message: Message) -> None:
        if message.parent_id != request.msg_id:
            on_message(message)

    await kernel.send(request)
    return await answer(kernel, request.msg_id, hand_on)


async def evaluate(kernel: Kernel, expression: str, on_message: OnMessage = lambda _: None) -> str | None:
    """The text of an expression's value in the kernel (for Python: its ``repr``); None when it has none.

    Raises:
        KernelDied: there is no kernel any more.
    """
    reply = await run_silently(kernel, "", on_message, value=expression)
    value = reply.content.get("user_expressions", {}).get("value", {})
    text = value.get("data", {}).get("text/plain")
    return text if isinstance(text, str) else None


async def evaluate_text(kernel: Kernel, expression: str, on_message: OnMessage = lambda _: None) -> str | None:
    """The value of a Python expression that is a text; None when it is none, or fails.

    Raises:
        KernelDied: there is no kernel any more.
    """
    try:
        value = ast.literal_eval(await evaluate(kernel, expression, on_message) or "None")
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None
