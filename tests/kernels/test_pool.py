"""Idle kernels wait for visitors, and are replaced when taken or dead."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from watching import MakeApp, own_processes, until_async

from stagedoor.kernels.asking import evaluate_text
from stagedoor.kernels.pool import KernelPool
from stagedoor.kernels.protocol import KernelError
from stagedoor.kernels.stock import Recipe, StockKernel, StockKernels


class CountingKernels(StockKernels):
    """Counts the starts; may be told to fail."""

    starts = 0
    problem = ""

    async def launch(self, recipe: Recipe) -> StockKernel:
        self.starts += 1
        if self.problem:
            raise KernelError(self.problem)
        return await super().launch(recipe)


@pytest.fixture
async def kernels() -> CountingKernels:
    return CountingKernels()


@pytest.fixture
async def pool(kernels: CountingKernels) -> AsyncIterator[KernelPool]:
    before = own_processes()
    pool = KernelPool(kernels, size=2, pause=0.0)
    yield pool
    await pool.close()
    assert own_processes() <= before


async def test_it_fills_serves_and_fills_again(pool: KernelPool, kernels: CountingKernels, make_app: MakeApp) -> None:
    app = make_app("1")
    pool.keep_ready(app)
    await until_async(lambda: pool.ready == 2)
    kernel = await pool.open(app)
    assert await evaluate_text(kernel, "__import__('os').getcwd()") == str(app.folder)
    await until_async(lambda: pool.ready == 2)
    assert kernels.starts == 3


async def test_one_that_is_just_starting_is_taken(
    pool: KernelPool, kernels: CountingKernels, make_app: MakeApp
) -> None:
    app = make_app("1")
    pool.keep_ready(app)
    await until_async(lambda: kernels.starts == 1)
    assert pool.ready == 0
    await pool.open(app)
    assert kernels.starts == 1


async def test_a_visitor_who_leaves_does_not_take_it_along(
    pool: KernelPool, kernels: CountingKernels, make_app: MakeApp
) -> None:
    app = make_app("1")
    pool.keep_ready(app)
    await until_async(lambda: kernels.starts == 1)
    opening = asyncio.create_task(pool.open(app))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await until_async(lambda: pool.ready == 2)
    assert kernels.starts == 2


async def test_an_empty_pool_still_serves(kernels: CountingKernels, make_app: MakeApp) -> None:
    pool = KernelPool(kernels, size=0)
    app = make_app("1")
    pool.keep_ready(app)
    await pool.open(app)
    assert (pool.ready, kernels.starts) == (0, 1)
    await pool.close()


async def test_the_dead_are_replaced(pool: KernelPool, kernels: CountingKernels, make_app: MakeApp) -> None:
    app = make_app("1")
    pool.keep_ready(app)
    await until_async(lambda: pool.ready == 2)
    for kernel in list(kernels._kernels):
        assert kernel.pid is not None
        os.kill(kernel.pid, signal.SIGKILL)
    kernel = await pool.open(app)
    assert kernel.alive
    await until_async(lambda: pool.ready == 2)


async def test_failures_slow_it_down_and_hurt_nobody(
    pool: KernelPool, kernels: CountingKernels, make_app: MakeApp
) -> None:
    app = make_app("1")
    kernels.problem = "no memory"
    pool.keep_ready(app)
    pool.keep_ready(replace(app, kernel_name="klingon"))
    await until_async(lambda: kernels.starts == 2)  # the second try comes after a second
    with pytest.raises(KernelError, match="no memory"):
        await pool.open(app)
    kernels.problem = ""
    assert (await pool.open(app)).alive
