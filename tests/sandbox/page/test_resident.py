"""The bot beside the page is a real process, and nothing waits for it for ever."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.review import actions
from bot.sandbox.clock import MovableClock
from bot.sandbox.page.opening import opened
from bot.sandbox.page.resident import Patience, Resident, State, Why
from tests.databases import ONE_DATABASE
from tests.sandbox.page.visitor import Room, until, visiting

ANSWERS_ONCE = "input(); print('listening', flush=True); input(); "
SHORT = 0.3  # seconds that are sure to pass: who is waited for never answers


def resident(program: str, **patience: float) -> Resident:
    """One whose process is this program; what is not named has all the time that it needs."""
    return Resident(
        clock=MovableClock(datetime.now(UTC), running=True),
        settings={},
        port=0,
        command=(sys.executable, "-c", program),
        patience=Patience(**patience),
    )


@pytest.fixture
async def ended() -> AsyncIterator[list[Resident]]:
    """Those to be ended, however the test does."""
    left: list[Resident] = []
    yield left
    for one in left:
        await one.stop()


async def test_one_that_never_listens_is_killed_and_down(ended: list[Resident]) -> None:
    bot = resident("import time; time.sleep(600)", start=SHORT)
    ended.append(bot)
    assert not await bot.start()
    assert (bot.state, bot.why) == (State.DOWN, Why.HUNG)


async def test_one_that_does_not_answer_a_move_is_killed_and_down(ended: list[Resident]) -> None:
    bot = resident(f"{ANSWERS_ONCE} import time; time.sleep(600)", answer=SHORT)
    ended.append(bot)
    assert await bot.start()
    await bot.follow()
    assert (bot.state, bot.why) == (State.DOWN, Why.HUNG)
    await bot.follow()  # nobody is there to be told
    assert bot.state is State.DOWN


async def test_one_that_does_not_end_in_order_is_killed(ended: list[Resident]) -> None:
    bot = resident(
        "input(); print('listening', flush=True); import time; time.sleep(600)", stop=SHORT
    )
    ended.append(bot)
    assert await bot.start()
    await bot.stop()
    assert (bot.state, bot.why) == (State.DOWN, Why.STOPPED)


async def test_one_that_dies_by_itself_is_noticed_and_its_last_words_are_kept(
    ended: list[Resident],
) -> None:
    bot = resident(f"{ANSWERS_ONCE} import sys; sys.exit('no more to say')")
    heard: list[str] = []
    bot.hear = heard.append
    ended.append(bot)
    assert await bot.start()
    await bot.follow()
    assert (bot.state, bot.why) == (State.DOWN, Why.DIED)
    assert bot.log[-1] == "no more to say"
    assert heard == list(bot.log)


async def test_what_it_says_is_kept_in_bounds_however_much_it_is(ended: list[Resident]) -> None:
    bot = resident(
        "import sys; [print('é' * 999, n, file=sys.stderr) for n in range(2000)]; input()"
    )
    ended.append(bot)
    assert not await bot.start()
    assert len(bot.log) == 200
    assert bot.log[-1] == f"{'é' * 999} 1999"


async def test_its_clock_is_told_whole_so_that_one_started_late_shows_the_same_time(
    ended: list[Resident],
) -> None:
    echo = (
        "import sys\n"
        "for line in sys.stdin: print(line, end='', file=sys.stderr); print('ok', flush=True)"
    )
    bot = resident(echo)
    ended.append(bot)
    bot.clock.move(timedelta(hours=1))
    await bot.start()
    bot.clock.move(timedelta(hours=2))
    await bot.follow()
    await bot.stop()
    assert [round(float(line)) for line in bot.log] == [3600, 3 * 3600]


@ONE_DATABASE
async def test_whoever_is_started_after_a_kill_knows_the_case_and_speaks_the_new_language(
    migrated_url: str,
) -> None:
    async with opened(migrated_url) as site, visiting(site.url) as visitor:
        room = Room(site)
        await visitor.fails()
        before = await room.card()
        assert "Approve" in json.dumps(before.blocks)
        await visitor.do("faults.kill")
        await site.desk.speak("fr")  # one that is down is not started for it
        shown = await visitor.screen("faults")
        assert (shown["bot"], shown["why"]) == (State.DOWN, Why.KILLED)
        await asyncio.gather(*(visitor.do("faults.start") for _ in range(2)))  # two tabs
        assert (await visitor.screen("faults"))["bot"] == State.UP
        await visitor.do("clock.move", unit="hour")  # what the killed one had in hand is free again
        await room.press(actions.APPROVE)
        await until(lambda: "Approuvé par" in room.told())
