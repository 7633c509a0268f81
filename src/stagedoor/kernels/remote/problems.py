"""What goes wrong with a Jupyter server, in sentences for the operator."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ..protocol import KernelDied, KernelError

_SHOWN = 200
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,100})", re.I)
_REDIRECTS = range(300, 400)


class ServerProblem(KernelError):  # noqa: N818 -- it is the server that has it
    """The server does not do what it is asked to. It may well do so later."""

    passing = True


class KernelLost(KernelDied):
    """A kernel is not there any more, or cannot be gone on with, for a reason that is not the app's."""

    passing = True


def explain(url: str, status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Why an answer is not what was wanted, and what to do."""
    said = _said(body)
    if status in _REDIRECTS:
        where = headers.get("location", "").partition("?")[0][:_SHOWN]
        return (
            f"The Jupyter server at {url} sends us elsewhere ({status} to {where!r}): "
            "it is not running there, or kernels.url is not its address."
        )
    if status in {401, 403}:
        return (
            f"The Jupyter server at {url} does not take the token ({status}): "
            "correct kernels.token, or kernels.token_file."
        )
    if status == 404:
        return (
            f"There is no Jupyter server at {url} (404): correct kernels.url, with the path under which it is reached."
        )
    if status in {429, 502, 503, 504}:
        return f"The Jupyter server at {url} is not available ({status}{said}): it is tried again."
    if status < 300:
        title = _TITLE.search(body)
        seen = f"a page, {title[1].decode(errors='replace').strip()!r}," if title else "something else"
        return f"What answers at {url} is no Jupyter server: it sends {seen} instead of JSON. Correct kernels.url."
    return f"The Jupyter server at {url} has answered with an error ({status}{said})."


def _said(body: bytes) -> str:
    """The server's own words, where it has some that are meant for programs."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, LookupError, TypeError):
        return ""
    return f": {message[:_SHOWN]}".rstrip(".") if isinstance(message, str) and message else ""
