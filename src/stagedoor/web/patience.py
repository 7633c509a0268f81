"""Connections that send their request drop by drop do not stay."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


def patient(seconds: float) -> type[H11Protocol]:
    """uvicorn's HTTP/1.1 protocol, which closes a connection whose request is not there after so many seconds."""

    class Patient(H11Protocol):
        _overdue: asyncio.TimerHandle | None = None
        _upgraded = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop_waiting()
            elif self._overdue is None and not self._upgraded and not self.transport.is_closing():
                self._wait()

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            super().handle_websocket_upgrade(event)
            # uvicorn returns to data_received above: what it waits for is another protocol's now.
            self._stop_waiting()
            self._upgraded = True

        def _wait(self) -> None:
            self._overdue = self.loop.call_later(seconds, self.transport.abort)

        def _stop_waiting(self) -> None:
            if self._overdue is not None:
                self._overdue.cancel()
                self._overdue = None

    return Patient
