"""Requests that carry something are the last on their connection."""

from __future__ import annotations

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
        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = dict(message) | {"headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        has_body = scope["type"] == "http" and any(name in _SAYS_BODY for name, _ in scope["headers"])
        await self._app(scope, receive, send_last if has_body else send)
