"""Under which names the gateway answers."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from .responses import Problem


class KnownHosts:
    """Refuses requests for other hosts than those named: a page whose own name leads here would be of our origin.

    Args:
        names: without port.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            connection = HTTPConnection(scope)
            if (connection.url.hostname or "").lower() not in self._names:
                problem = Problem(421, "unknown_host", "Nothing is served under this name.")
                await problem.response(connection)(scope, receive, send)
                return
        await self._app(scope, receive, send)
