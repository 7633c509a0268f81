"""The live websocket: frames of a page to its session, and back."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..door.crowd import Address
from ..door.gate import Refused, admit
from ..door.incoming import read_message
from ..door.rates import Pace
from ..door.session import Session
from ..door.stage import Recorded
from ..door.tokens import NotAdmitted
from ..jupyter.framing import PROTOCOL, encode
from ..jupyter.message import Message
from .gateway import Gateway

log = structlog.get_logger("stagedoor.live")

_SLOW_READER_BYTES = 16 * 2**20
_LOGGED_REFUSALS = 20
_LEFT = 1000
_GOING_AWAY = 1001
_POLICY_VIOLATION = 1008


class LivePage:
    """The page at the end of one websocket (:class:`stagedoor.door.session.Page`)."""

    def __init__(self, websocket: WebSocket, gateway: Gateway, recorded: Recorded, address: Address) -> None:
        self._websocket = websocket
        self._gateway = gateway
        self._recorded = recorded
        self._pace = Pace(gateway.limits.rates, address.refusals, time.monotonic())
        self._session: Session | None = None
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._refusals = 0

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
            event = await self._next_event()
            if event["type"] == "websocket.disconnect":
                return int(event.get("code") or 1006)
            # A text frame is none of the protocol's, whatever it says.
            frame: bytes = event.get("bytes") or b""
            began = time.thread_time()
            message = self._message_of(frame)
            work = time.thread_time() - began
            admitted = message is not None and await self._handle(message)
            size = len(frame or event.get("text") or "")
            if not await self._keep_pace(size, work, refused=not admitted):
                await self._websocket.close(_POLICY_VIOLATION, "too much at a time")
                return _POLICY_VIOLATION

    def _message_of(self, frame: bytes) -> Message | None:
        try:
            return read_message(frame, self._gateway.limits.frames)
        except Refused as refusal:
            self._refuse(refusal.reason)
            return None

    async def _next_event(self) -> Any:
        if self._session is not None:
            return await self._websocket.receive()
        try:
            async with asyncio.timeout(self._gateway.limits.silence):
                return await self._websocket.receive()
        except TimeoutError:
            self._gateway.sessions.refused("silence")
            await self._websocket.close(_GOING_AWAY, "nothing was asked for")
            return {"type": "websocket.disconnect", "code": _GOING_AWAY}

    async def _keep_pace(self, size: int, work: float, *, refused: bool) -> bool:
        """Waits when the page sends too fast; meanwhile nothing more of it is read. False when it does not stop."""
        wait, reason = self._pace.take(size, work, time.monotonic(), refused=refused)
        if not wait:
            return True
        self._gateway.sessions.refused(reason)
        if self._pace.hopeless:
            return False
        await asyncio.sleep(wait)
        return True

    async def _handle(self, message: Message) -> bool:
        """Does what a message asks for; False if it may not ask for it."""
        match message.channel, message.msg_type:
            case "control", "stagedoor_open":
                self._session = self._session or self._open()
            case "control", "stagedoor_resume" if self._session is None:
                return self._resume(message)
            case "control", "stagedoor_rendered" if self._session is not None:
                self._session.rendered()
            case _ if self._session is not None:
                return await self._session.receive(message)
            case _ if not self._closing:
                return await self._first(message)
        return True

    async def _first(self, message: Message) -> bool:
        """Opens the session for the first message, if it is one that may pass."""
        shown = self._recorded.transcript
        try:
            admit(message, shown.comms, shown.prompt, self._recorded.terms.opened)
        except Refused as refusal:
            self._refuse(refusal.reason)
            return False
        self._session = self._open()
        return self._session is None or await self._session.receive(message)

    def _open(self) -> Session | None:
        """A new session; None when the page may have none, which it is told."""
        try:
            session = self._gateway.open_session(self._websocket, self._recorded)
        except NotAdmitted as problem:
            self._end("failed", problem.code, problem.sentence)
            return None
        session.attach(self, shown=self._websocket.query_params.get("generation"))
        return session

    def _resume(self, message: Message) -> bool:
        wanted, received = message.content.get("session"), message.content.get("received")
        if not isinstance(wanted, str) or type(received) is not int or received < 0:
            self._refuse("bad_content")
            return False
        self._session = self._gateway.sessions.find(wanted, self._recorded.app.name)
        if self._session is not None:
            self._session.attach(self, received=received)
            return True
        self._gateway.sessions.refused("unknown_session")
        self._end("ended", "unknown_session", "The session has ended in the meantime.")
        return False

    def _end(self, state: str, code: str, message: str) -> None:
        content = {"state": state, "session": "", "received": 0, "code": code, "message": message, "id": ""}
        self.push(encode(Message("iopub", "stagedoor_session", content)))
        self.close()

    def _refuse(self, reason: str) -> None:
        self._refusals += 1
        self._gateway.sessions.refused(reason)
        if self._refusals <= _LOGGED_REFUSALS:
            log.warning("refused a frame", app=self._recorded.app.name, reason=reason)


async def serve_live(websocket: WebSocket, gateway: Gateway, recorded: Recorded, address: Address) -> None:
    """Serves one connection of a page, whose origin has been checked."""
    await websocket.accept(PROTOCOL)
    await LivePage(websocket, gateway, recorded, address).serve()
