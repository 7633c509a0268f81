"""The live websocket: frames of a page to its session, and back."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..door.gate import Refused, admit
from ..door.session import Session
from ..door.sessions import Sessions
from ..door.stage import Recorded
from ..jupyter.framing import PROTOCOL, FramingError, decode, encode
from ..jupyter.message import Message

log = structlog.get_logger("stagedoor.live")

_SLOW_READER_BYTES = 16 * 2**20
_GARBAGE_LIMIT = 20
_LEFT = 1000
_POLICY_VIOLATION = 1008
_GONE = {
    "state": "ended",
    "session": "",
    "received": 0,
    "code": "unknown_session",
    "message": "The session has ended in the meantime.",
    "id": "",
}


class LivePage:
    """The page at the end of one websocket (:class:`stagedoor.door.session.Page`)."""

    def __init__(self, websocket: WebSocket, sessions: Sessions, recorded: Recorded) -> None:
        self._websocket = websocket
        self._sessions = sessions
        self._recorded = recorded
        self._session: Session | None = None
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._garbage = 0

    def push(self, frame: bytes) -> bool:
        """Queues a frame; False when too much is queued already."""
        if self._queued > _SLOW_READER_BYTES:
            return False
        self._queue.append(frame)
        self._queued += len(frame)
        self._wake.set()
        return True

    def close(self) -> None:
        """Closes the connection when all that was queued has been sent."""
        self._closing = True
        self._wake.set()

    async def serve(self) -> None:
        """Carries frames both ways until the connection ends."""
        writing = asyncio.create_task(self._write())
        left = False
        try:
            left = await self._read() == _LEFT
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            if self._session is not None:
                self._session.detach(self, left=left)

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError, OSError):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    frame = self._queue.popleft()
                    await self._websocket.send_bytes(frame)
                    self._queued -= len(frame)
                if self._closing:
                    await self._websocket.close(_LEFT)
                    return
                if self._session is not None:
                    self._session.caught_up(self)

    async def _read(self) -> int:
        """Reads until the page is gone; returns the close code."""
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                return int(event.get("code") or 1006)
            try:
                message = decode(event.get("bytes") or b"")
            except FramingError as error:
                self._refuse("bad_frame", detail=str(error))
                if self._garbage > _GARBAGE_LIMIT:
                    await self._websocket.close(_POLICY_VIOLATION, "too many frames that are not messages")
                    return _POLICY_VIOLATION
                continue
            await self._handle(message)

    async def _handle(self, message: Message) -> None:
        match message.channel, message.msg_type:
            case "control", "stagedoor_open":
                self._session = self._session or self._open()
            case "control", "stagedoor_resume" if self._session is None:
                self._resume(message)
            case "control", "stagedoor_rendered" if self._session is not None:
                self._session.rendered()
            case _ if self._session is not None:
                await self._session.receive(message)
            case _:
                await self._first(message)

    async def _first(self, message: Message) -> None:
        """Opens the session for the first message, if it is one that may pass."""
        shown = self._recorded.transcript
        try:
            admit(message, shown.comms, shown.prompt)
        except Refused as refusal:
            self._refuse(refusal.reason)
            return
        self._session = self._open()
        await self._session.receive(message)

    def _open(self) -> Session:
        session = self._sessions.open(self._recorded)
        session.attach(self, shown=self._websocket.query_params.get("generation"))
        return session

    def _resume(self, message: Message) -> None:
        try:
            wanted, received = message.content.get("session"), message.content.get("received")
        except ValueError:
            wanted = received = None
        if not isinstance(wanted, str) or not isinstance(received, int) or isinstance(received, bool):
            self._refuse("bad_content")
            return
        self._session = self._sessions.find(wanted, self._recorded.app.name)
        if self._session is not None:
            self._session.attach(self, received=received)
        else:
            self.push(encode(Message("iopub", "stagedoor_session", _GONE)))
            self.close()

    def _refuse(self, reason: str, detail: str = "") -> None:
        self._garbage += 1
        self._sessions.refused(reason)
        log.warning("refused a frame", app=self._recorded.app.name, reason=reason, detail=detail)


async def serve_live(websocket: WebSocket, sessions: Sessions, recorded: Recorded) -> None:
    """Serves one connection of a page, whose origin has been checked."""
    await websocket.accept(PROTOCOL)
    await LivePage(websocket, sessions, recorded).serve()
