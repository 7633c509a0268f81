"""What waits for a line: in order, once, and not without end."""

from __future__ import annotations

import asyncio

from stagedoor.jupyter.message import Message
from stagedoor.kernels.remote.outbox import MOST_WAITING, Outbox


def shell(name: str, size: int = 0) -> Message:
    return Message("shell", "comm_msg", {}, msg_id=name, buffers=[bytes(size)])


def answer(name: str) -> Message:
    return Message("stdin", "input_reply", {}, msg_id=name)


async def sent(outbox: Outbox, count: int) -> list[str]:
    return [(await outbox.next()).msg_id for _ in range(count)]


async def nothing_passes(outbox: Outbox) -> bool:
    waiting = asyncio.create_task(outbox.next())
    for _ in range(5):
        await asyncio.sleep(0)
    return waiting.cancel()


async def test_what_the_kernel_has_shown_no_sign_of_goes_first_when_the_line_is_back() -> None:
    outbox = Outbox()
    await outbox.open()
    for name in "abc":
        await outbox.put(shell(name))
    assert await sent(outbox, 3) == ["a", "b", "c"]
    outbox.seen("a")
    await outbox.cut()
    await outbox.put(shell("d"))
    assert await nothing_passes(outbox)
    await outbox.back()
    assert await nothing_passes(outbox), "until it is known what has arrived"
    outbox.seen("b")
    await outbox.open()
    assert await sent(outbox, 2) == ["c", "d"]
    assert await nothing_passes(outbox)


async def test_an_answer_that_the_kernel_waits_for_does_not_wait_for_its_work() -> None:
    outbox = Outbox()
    await outbox.open()
    await outbox.put(answer("lost"))
    assert await sent(outbox, 1) == ["lost"]
    await outbox.cut()
    await outbox.put(shell("a"))
    await outbox.back()
    assert await sent(outbox, 1) == ["lost"]
    outbox.alive()
    await outbox.cut()
    await outbox.back()
    assert await nothing_passes(outbox), "the kernel has gone on: it has had it"


async def test_whoever_sends_more_than_may_wait_waits_and_is_let_go_at_the_end() -> None:
    outbox = Outbox()
    for name in ("a", "b"):
        await outbox.put(shell(name, MOST_WAITING // 2))
    more = [asyncio.create_task(outbox.put(shell(name))) for name in ("c", "d")]
    assert not (await asyncio.wait(more, timeout=0.1))[0]
    await outbox.open()
    assert await sent(outbox, 4) == ["a", "b", "c", "d"]
    await outbox.cut()
    await outbox.put(shell("e", MOST_WAITING))
    late = asyncio.create_task(outbox.put(shell("f")))
    await outbox.end()
    async with asyncio.timeout(5):
        await late


async def test_only_so_much_is_kept_for_being_sent_again() -> None:
    outbox = Outbox()
    await outbox.open()
    for number in range(2000):
        await outbox.put(shell(str(number)))
    await sent(outbox, 2000)
    await outbox.cut()
    await outbox.open()
    again = await sent(outbox, 512)
    assert (again[0], again[-1]) == ("1488", "1999"), "the latest"
    assert await nothing_passes(outbox)
