"""Requests that carry something are the last on their connection."""

from __future__ import annotations

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAYS_BODY = frozenset({b"content-length", b"transfer-encoding"})


class NoBodies:
    """Closes the connection after a request that says that it has a body: no route takes one.

    Where a proxy in front and the server here differ on where a body ends, what one takes for its rest is the next
    request to the other (RFC 9112, section 11.2). There is no next request here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(name in _SAYS_BODY for name, _ in scope["headers"]):
            await self._serve_last(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve_last(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def send_last(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                message = dict(message) | {"headers": [*message.get("headers", ()), (b"connection", b"close")]}
            try:
                await send(message)
            except h11.LocalProtocolError:
                answered = True  # by uvicorn: the body was none, and the connection is being closed

        await self._app(scope, receive, send_last)
        while answered and (await receive())["type"] != "http.disconnect":
            pass
