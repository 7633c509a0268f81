"""Visitors queue when every seat is taken, and see their place."""

from __future__ import annotations

import asyncio

import pytest

from stagedoor.door.seats import Seats


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_visitors_are_seated_in_the_order_of_their_coming() -> None:
    seats = Seats(1)
    told: dict[str, list[str]] = {"b": [], "c": []}
    first = await seats.take(pytest.fail)
    second = asyncio.create_task(seats.take(told["b"].append))
    await settle()
    third = asyncio.create_task(seats.take(told["c"].append))
    await settle()
    assert "number 1" in told["b"][-1]
    assert "number 2" in told["c"][-1]
    first.leave()
    first.leave()
    seat = await second
    await settle()
    assert not third.done()
    assert "number 1" in told["c"][-1]
    seat.leave()
    (await third).leave()


async def test_whoever_gives_up_waiting_leaves_the_queue() -> None:
    seats = Seats(1)
    first = await seats.take(print)
    waiting = asyncio.create_task(seats.take(print))
    await settle()
    waiting.cancel()
    await settle()
    first.leave()
    await asyncio.wait_for(seats.take(print), 1)


async def test_a_seat_that_comes_in_the_moment_of_leaving_is_not_lost() -> None:
    seats = Seats(1)
    first = await seats.take(print)
    waiting = asyncio.create_task(seats.take(print))
    await settle()
    first.leave()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(seats.take(print), 1)
