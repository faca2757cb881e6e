"""The clock goes on for whoever waits a moment, and for nobody who only watches."""

import asyncio
from datetime import timedelta

from bot.sandbox.clock import NEAR, MovableClock
from tests.case.life import NOON


async def test_it_goes_on_to_who_waits_a_moment_and_past_nobody_who_only_watches() -> None:
    clock = MovableClock(NOON)
    watching = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    clock.move(timedelta(seconds=59))
    assert clock.skip() is False
    waiting = asyncio.create_task(clock.sleep(NEAR.total_seconds()))
    await asyncio.sleep(0)
    assert clock.skip() is True
    await asyncio.gather(waiting, watching)
    assert timedelta(seconds=109) <= clock.now() - NOON < timedelta(seconds=110)
    assert clock.skip() is False
