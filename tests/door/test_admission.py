"""Visitors queue when every seat is taken or the memory is used up, and see their place."""

from __future__ import annotations

import asyncio

import pytest

from stagedoor.door.admission import Admission

MB = 2**20


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def admission(seats: int = 100, memory: int | None = None) -> Admission:
    return Admission(seats=seats, memory=memory, make_room=lambda: None)


async def test_visitors_are_seated_in_the_order_of_their_coming() -> None:
    door = admission(seats=1)
    told: dict[str, list[str]] = {"b": [], "c": []}
    first = await door.enter("app", pytest.fail)
    second = asyncio.create_task(door.enter("app", told["b"].append))
    await settle()
    third = asyncio.create_task(door.enter("app", told["c"].append))
    await settle()
    assert "number 1" in told["b"][-1]
    assert "number 2" in told["c"][-1]
    first.leave()
    first.leave()
    place = await second
    await settle()
    assert not third.done()
    assert "number 1" in told["c"][-1]
    place.leave()
    (await third).leave()


async def test_whoever_gives_up_waiting_leaves_the_queue() -> None:
    door = admission(seats=1)
    first = await door.enter("app", print)
    waiting = asyncio.create_task(door.enter("app", print))
    await settle()
    waiting.cancel()
    await settle()
    assert door.waiting == 0
    first.leave()
    await asyncio.wait_for(door.enter("app", print), 1)


async def test_a_turn_that_comes_in_the_moment_of_leaving_is_not_lost() -> None:
    door = admission(seats=1)
    first = await door.enter("app", print)
    leaving = asyncio.create_task(door.enter("app", print))
    staying = asyncio.create_task(door.enter("app", print))
    await settle()
    first.leave()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await asyncio.wait_for(staying, 1)


async def test_memory_is_measured_and_not_guessed() -> None:
    door = admission(memory=100 * MB)
    first = await door.enter("big", print)
    first.measure(60 * MB)
    assert door.usual("big") == 60 * MB
    waiting = asyncio.create_task(door.enter("big", print))
    await settle()
    assert door.waiting == 1
    first.measure(30 * MB)
    door.seat_waiting()
    await asyncio.wait_for(waiting, 1)


async def test_small_sessions_do_not_pass_those_who_wait() -> None:
    door = admission(memory=100 * MB)
    (await door.enter("big", print)).measure(70 * MB)
    big = asyncio.create_task(door.enter("big", print))
    await settle()
    small = asyncio.create_task(door.enter("small", print))
    await settle()
    assert (big.done(), small.done(), door.waiting) == (False, False, 2)
    small.cancel()
    big.cancel()


async def test_room_is_made_for_those_who_wait() -> None:
    places = []
    door = Admission(seats=1, memory=None, make_room=lambda: places.pop().leave())
    places.append(await door.enter("app", print))
    await asyncio.wait_for(door.enter("app", print), 1)
    assert places == []
