"""Time passes in steps, for the houses and the bot alike, and nobody has to sleep for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio

from bot.review import actions
from bot.sandbox.page.cast import AOIFE, FRENCH
from bot.sandbox.page.desk import Desk
from bot.sandbox.page.opening import opened
from bot.sandbox.slack import Message
from tests.databases import SqliteFiles
from tests.sandbox.page.visitor import Room, Visitor, until, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stage(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Visitor, Room]]:
    """One desk for these tests, each of which lets time pass."""
    with sqlite_files.migrated(tmp_path_factory.mktemp("desk")) as url:
        async with (
            opened(url, settings={"UNDO_SECONDS": "0"}) as site,
            visiting(site.url) as visitor,
        ):
            yield visitor, Room(site)


async def test_a_week_brings_the_second_letter_at_its_own_hour(stage: tuple[Visitor, Room]) -> None:
    visitor, room = stage
    await visitor.fails(AOIFE.name)
    await room.press(actions.APPROVE)
    [mail] = await until(lambda: room.houses.mailbox.mails)
    await until(lambda: room.desk.planned and room.desk.planned.what == "notice")
    planned = (await visitor.screen("clock"))["next"]
    assert (planned["who"], planned["what"]) == (AOIFE.name, "notice")
    await passes(stage, "week")
    second = next(one for one in room.cards() if posted(one) > mail.at)
    assert posted(second).timestamp() > planned["at_ms"] / 1000
    assert timedelta(days=2) < posted(second) - mail.at < timedelta(days=5)


@pytest.mark.parametrize("unit", ["hour", "day"])
async def test_each_button_moves_by_what_it_says_in_steps_of_some_hours(
    stage: tuple[Visitor, Room], unit: str
) -> None:
    await passes(stage, unit)


async def test_while_time_passes_that_is_shown_and_nobody_moves_it_further(
    stage: tuple[Visitor, Room],
) -> None:
    visitor, room = stage
    going, let_go = asyncio.Event(), asyncio.Event()

    async def held() -> None:
        going.set()
        await let_go.wait()

    room.desk.on_hop.append(held)
    moving = asyncio.create_task(visitor.do("clock.move", unit="hour"))
    await going.wait()
    assert (await visitor.screen("clock"))["passing"] == {"unit": "hour", "done": 0, "of": 4}
    refused = await visitor.tries("clock.move", unit="day")
    assert refused["problem"]["key"] == "clock.passing_already"
    let_go.set()
    await moving
    room.desk.on_hop.remove(held)
    assert (await visitor.screen("clock"))["passing"] is None


async def test_time_passes_without_the_bot_which_then_comes_back_at_the_right_hour(
    stage: tuple[Visitor, Room],
) -> None:
    """Stripe signs by the houses' clock: a bot five minutes off would refuse what it tells."""
    visitor, room = stage
    await visitor.do("faults.stop")
    await visitor.do("clock.move", unit="day")
    await visitor.do("faults.start")
    await visitor.fails(FRENCH.name)
    await until(lambda: FRENCH.name in room.told())
    log = (await visitor.screen("stripe"))["webhooks"]["log"]
    assert log[0]["outcome"] == 200


@pytest.mark.parametrize("given", [{"unit": "year"}, {}, {"unit": -1}])
async def test_a_move_that_no_button_makes_is_refused(
    stage: tuple[Visitor, Room], given: dict[str, object]
) -> None:
    answer = await stage[0].tries("clock.move", **given)
    assert answer["problem"]["key"] == "clock.unknown"


async def passes(stage: tuple[Visitor, Room], unit: str) -> None:
    """Let time pass: as much as the button says, in steps that what is planned falls between."""
    visitor, room = stage
    before = (await visitor.screen("clock"))["ahead_ms"]
    async with hopping(room.desk) as hours:
        await visitor.do("clock.move", unit=unit)
    after = (await visitor.screen("clock"))["ahead_ms"]
    assert timedelta(milliseconds=after - before) == LONG[unit]
    assert len(hours) >= 4
    apart = [later - earlier for earlier, later in pairwise(hours)]
    assert max(apart) < timedelta(hours=6, minutes=5)
    assert hours == sorted(hours)


@asynccontextmanager
async def hopping(desk: Desk) -> AsyncIterator[list[datetime]]:
    """The houses' time at each step, as whoever listens for them sees it."""
    hours: list[datetime] = []

    async def note() -> None:
        hours.append(desk.houses.clock.now())

    desk.on_hop.append(note)
    yield hours
    desk.on_hop.remove(note)


def posted(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message.ts), UTC)
