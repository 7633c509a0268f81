"""Connections do not stay whose request comes drop by drop, or that take nothing of what they are sent."""

from __future__ import annotations

import asyncio
import http
import math
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Response
from websockets.server import ServerProtocol

Refused = Callable[[str], None]
"""Counts a connection that was closed, by its reason."""

_FAREWELL_SECONDS = 10.0
_UNHEARD_SECONDS = 1.0
"""The same, of a peer that has not listened before."""
_NO_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def patient(request: float, unread: float, refused: Refused) -> type[H11Protocol]:
    """uvicorn's HTTP/1.1 protocol, which closes a connection after so many seconds.

    Args:
        request: in which a request is not there.
        unread: in which nothing of an answer is taken.
        refused: is told ``request`` or ``unread``.
    """

    class Patient(H11Protocol):
        _overdue: asyncio.TimerHandle | None = None
        _looking: asyncio.TimerHandle | None = None
        _upgraded = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            self._stop_looking()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop_waiting()
            elif self._overdue is None and not self._upgraded and not self.transport.is_closing():
                self._wait()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._look_later()

        def resume_writing(self) -> None:
            self._stop_looking()
            super().resume_writing()

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            super().handle_websocket_upgrade(event)
            # uvicorn returns to data_received above: what it waits for is another protocol's now.
            self._stop_waiting()
            self._upgraded = True

        def _wait(self) -> None:
            self._overdue = self.loop.call_later(request, self._give_up, "request")

        def _stop_waiting(self) -> None:
            if self._overdue is not None:
                self._overdue.cancel()
                self._overdue = None

        def _look_later(self) -> None:
            self._looking = self.loop.call_later(unread, self._look, self.transport.get_write_buffer_size())

        def _look(self, left: int) -> None:
            if self.transport.get_write_buffer_size() < left:
                self._look_later()
            else:
                self._give_up("unread")

        def _stop_looking(self) -> None:
            if self._looking is not None:
                self._looking.cancel()
                self._looking = None

        def _give_up(self, reason: str) -> None:
            refused(reason)
            self.transport.abort()

    return Patient


class _Terse(ServerProtocol):
    """Answers what is no handshake in words that are not the library's."""

    def reject(self, status: http.HTTPStatus | int, text: str) -> Response:
        return super().reject(status, "This is no handshake of a websocket.\n")


def steady(refused: Refused) -> type[WebSocketsSansIOProtocol]:
    """uvicorn's websocket, which waits for pongs as long as its peer reads, and for nothing after its farewell.

    Args:
        refused: is told ``unread``.
    """

    class Steady(WebSocketsSansIOProtocol):
        _unread: float = math.inf
        """Bytes that were to be written when the pong was due."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            # Without extensions: what is sent compressed may be a bomb.
            self.conn = _Terse(max_size=self.config.ws_max_size, logger=self.logger)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.handshake_exc is not None and not self.handshake_initiated:
                # What cannot be read as a handshake at all, uvicorn leaves without an answer.
                self.transport.write(_NO_HANDSHAKE)
                self.transport.close()

        def send_keepalive_ping(self) -> None:
            self._unread = math.inf
            super().send_keepalive_ping()

        def keepalive_timeout(self) -> None:
            size = self.transport.get_write_buffer_size()
            if 0 < size < self._unread and self.ping_timeout is not None:
                # The ping is behind what a slow reader has not read yet.
                self._unread = size
                self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
                return
            refused("unread")
            super().keepalive_timeout()
            self._let_go(_UNHEARD_SECONDS)

        def handle_parser_exception(self) -> None:
            super().handle_parser_exception()
            self._let_go()

        async def send(self, message: Any) -> None:
            await super().send(message)
            if self.close_sent:
                self._let_go()

        def _let_go(self, seconds: float = _FAREWELL_SECONDS) -> None:
            """A transport that is closed waits, for ever if need be, until its peer has read what it was sent."""
            self.loop.call_later(seconds, self.transport.abort)

    return Steady
