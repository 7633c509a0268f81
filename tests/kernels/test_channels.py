"""Whatever arrives on a kernel's sockets, only sound messages get through, and not without bound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zmq
import zmq.asyncio
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.session import Session
from watching import until_async

from stagedoor.kernels import channels as module
from stagedoor.kernels.channels import Channels
from stagedoor.kernels.protocol import KernelDied


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[tuple[Channels, zmq.asyncio.Socket, Session]]:
    """Channels, and the kernel's side of their ``iopub``."""
    context = zmq.asyncio.Context()
    session = Session(key=b"secret")  # type: ignore[no-untyped-call]
    ports = {f"{name}_port": number for number, name in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)}
    connection: KernelConnectionInfo = {"transport": "ipc", "ip": str(tmp_path / "s"), **ports}  # type: ignore[typeddict-item]
    publisher = context.socket(zmq.XPUB)
    publisher.bind(f"ipc://{tmp_path}/s-2")
    channels = Channels(context, connection, session)
    await publisher.recv_multipart()  # the subscription
    yield channels, publisher, session
    channels.end("over")
    context.destroy(linger=0)


def frames(session: Session, *parts: bytes) -> list[bytes]:
    return [b"topic", b"<IDS|MSG>", session.sign(list(parts[:4])), *parts]


GOOD = (b'{"msg_id": "m", "msg_type": "stream"}', b'{"msg_id": "cell-0"}', b"{}", b'{"text": "x"}')


async def test_what_is_not_understood_is_left_out(
    stage: tuple[Channels, zmq.asyncio.Socket, Session],
) -> None:
    channels, publisher, session = stage
    stranger = Session(key=b"guess")  # type: ignore[no-untyped-call]
    for bad in (
        frames(stranger, *GOOD),
        frames(session, b"[]", *GOOD[1:]),
        frames(session, b"{", *GOOD[1:]),
        frames(session, *GOOD[:3]),
        [b"garbage"],
    ):
        await publisher.send_multipart(bad)
    await publisher.send_multipart(frames(session, *GOOD, b"buffer"))
    async with asyncio.timeout(5):
        message = await channels.receive()
    assert (message.channel, message.msg_type, message.parent_id) == ("iopub", "stream", "cell-0")
    assert message.content == {"text": "x"}
    assert [bytes(buffer) for buffer in message.buffers] == [b"buffer"]


async def test_endless_printing_does_not_fill_the_memory(
    stage: tuple[Channels, zmq.asyncio.Socket, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_UNREAD", 1000)
    channels, publisher, session = stage
    text = b'{"text": "' + b"x" * 500 + b'"}'
    for _ in range(50):
        await publisher.send_multipart(frames(session, *GOOD[:3], text))
    await publisher.send_multipart(frames(session, b'{"msg_id": "s", "msg_type": "status"}', *GOOD[1:]))
    await until_async(lambda: channels._inbox and channels._inbox[-1].msg_type == "status")
    kinds = [(await channels.receive()).msg_type for _ in range(len(channels._inbox))]
    assert kinds == ["stream", "stream", "status"]


async def test_the_end_is_told_to_whoever_waits(stage: tuple[Channels, zmq.asyncio.Socket, Session]) -> None:
    channels, _, _ = stage
    waiting = asyncio.create_task(channels.receive())
    await asyncio.sleep(0)
    channels.end("The kernel has left.")
    with pytest.raises(KernelDied, match=r"^The kernel has left\.$"):
        await waiting
