"""Now and then, and one at a time: what takes longer than its turn is not begun beside itself."""

import asyncio
from datetime import timedelta

import pytest

from bot.recovery.errand import Errand
from bot.sandbox.clock import MovableClock
from tests.case.life import NOON

EVERY = timedelta(seconds=5)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


async def test_it_is_done_at_once_and_then_in_its_time(clock: MovableClock) -> None:
    done = []

    async def do() -> None:
        done.append((clock.now() - NOON).seconds)

    errand = Errand(clock, EVERY, do)
    for _ in range(11):
        if (doing := errand()) is not None:
            await doing
        clock.move(timedelta(seconds=1))
    assert done == [0, 5, 10]


async def test_one_that_can_wait_begins_when_its_first_turn_is_over(clock: MovableClock) -> None:
    done = []

    async def do() -> None:
        done.append((clock.now() - NOON).seconds)

    errand = Errand(clock, EVERY, do, at_once=False)
    for _ in range(11):
        if (doing := errand()) is not None:
            await doing
        clock.move(timedelta(seconds=1))
    assert done == [5, 10]


async def test_what_takes_long_is_not_begun_beside_itself(clock: MovableClock) -> None:
    goes_on = asyncio.Event()

    async def do() -> None:
        await goes_on.wait()

    errand = Errand(clock, EVERY, do)
    first = errand()
    assert first is not None
    clock.move(10 * EVERY)
    assert errand() is None
    goes_on.set()
    await first
    again = errand()
    assert again is not None
    await again


async def test_one_that_failed_is_begun_again_in_its_time(clock: MovableClock) -> None:
    async def do() -> None:
        raise OSError("away")

    errand = Errand(clock, EVERY, do)
    for _ in range(2):
        doing = errand()
        assert doing is not None
        with pytest.raises(OSError, match="away"):
            await doing
        assert errand() is None
        clock.move(EVERY)


async def test_a_clock_that_was_wrong_puts_nothing_off_for_long(clock: MovableClock) -> None:
    async def do() -> None:
        pass

    clock.move(timedelta(days=1))
    errand = Errand(clock, EVERY, do)
    for _ in range(2):
        doing = errand()
        assert doing is not None
        await doing
        clock.move(-timedelta(days=1))
