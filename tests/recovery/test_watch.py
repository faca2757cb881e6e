"""The channel hears of what is amiss once, and once that it is well again; of nothing else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.case.arrival import Arrival
from bot.case.events import News
from bot.errors import ChannelTrouble
from bot.ledger import Held
from bot.recovery.watch import AWAY, EVERY, LATE, SILENT, Watch
from bot.store import inbox
from bot.words import LOCALES, say
from tests.case.life import ANA
from tests.databases import ONE_DATABASE
from tests.office import Office, offices

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


@dataclass
class Watched:
    """Two processes that watch, the work between them, and what the channel heard."""

    office: Office
    heard: list[str] = field(default_factory=list)
    deaf: bool = False
    watches: tuple[Watch, ...] = ()

    async def hear(self, text: str) -> None:
        if self.deaf:
            raise ChannelTrouble("no_answer")
        self.heard.append(text)

    async def look(self) -> None:
        await asyncio.gather(*(one.look() for one in self.watches))

    async def passes(self, span: timedelta) -> None:
        for _ in range(span // EVERY):
            self.office.clock.move(EVERY)
            await self.look()

    async def came(self, ago: timedelta, number: int = 1) -> None:
        """An event of Stripe's came so long ago, and was worked."""
        at = self.office.clock.now() - ago
        event = Arrival(
            id=f"evt_{number}",
            type="invoice.paid",
            created=at,
            livemode=True,
            account="",
            news=News.END,
            stale=True,
        )
        async with self.office.database.begin() as link:
            await inbox.remember(link, [event], at)


@pytest.fixture
async def watched(migrated_url: str) -> AsyncIterator[Watched]:
    async with offices(migrated_url, "ada", "ben") as both:
        found = Watched(both[0])
        found.watches = tuple(
            Watch(one.database, one.clock, found.hear, locale="en") for one in both
        )
        yield found


def words(*names: str) -> list[str]:
    return [say("en", f"watch.{name}") for name in names]


async def test_an_event_that_no_worker_takes_on_is_told_once_and_once_that_it_is_done(
    watched: Watched,
) -> None:
    await watched.look()
    await watched.office.comes()
    await watched.passes(LATE - MINUTE)
    assert watched.heard == []
    await watched.passes(2 * LATE)
    assert watched.heard == words("late")
    await watched.office.idle()
    await watched.passes(2 * LATE)
    assert watched.heard == words("late", "late_over")
    await watched.office.comes(2)
    await watched.passes(2 * LATE)
    assert watched.heard == words("late", "late_over", "late")


async def test_what_a_pause_holds_is_not_late(watched: Watched) -> None:
    await watched.office.ledger.pause(Held.ALL, None, "new prices", ANA)
    await watched.office.comes()
    await watched.office.idle()
    await watched.look()
    await watched.passes(2 * LATE)
    assert watched.heard == []
    await watched.office.ledger.resume(ANA)
    await watched.passes(MINUTE)
    assert watched.heard == words("late")


@ONE_DATABASE
async def test_what_lay_there_when_a_process_started_or_slept_is_given_time(
    watched: Watched,
) -> None:
    await watched.office.comes()
    watched.office.clock.move(HOUR)
    await watched.look()
    watched.office.clock.move(AWAY + MINUTE)
    await watched.look()
    assert watched.heard == []
    await watched.passes(MINUTE)
    assert watched.heard == words("late")


@ONE_DATABASE
async def test_what_is_neither_late_nor_done_is_not_told_again_and_again(watched: Watched) -> None:
    await watched.office.comes()
    await watched.look()
    await watched.passes(LATE)
    for number in range(2, 5):
        await watched.office.idle()
        await watched.office.comes(number)
        watched.office.clock.move(2 * MINUTE)
        await watched.look()
    assert watched.heard == words("late")


@ONE_DATABASE
async def test_what_slack_did_not_take_is_said_a_minute_later(watched: Watched) -> None:
    watched.deaf = True
    await watched.office.comes()
    await watched.look()
    await watched.passes(2 * LATE)
    watched.deaf = False
    await watched.passes(2 * MINUTE)
    assert watched.heard == words("late")


@ONE_DATABASE
async def test_who_dies_while_saying_it_leaves_it_to_another(watched: Watched) -> None:
    async def dies(text: str) -> None:
        raise asyncio.CancelledError(text)

    office = watched.office
    dying = Watch(office.database, office.clock, dies, locale="en")
    await office.comes()
    office.clock.move(LATE)
    await dying.look()
    await watched.look()
    office.clock.move(MINUTE)
    with pytest.raises(asyncio.CancelledError):
        await dying.look()
    await watched.look()
    assert watched.heard == []  # it may be on its way
    await watched.passes(2 * MINUTE)
    assert watched.heard == words("late")


async def test_silence_in_hours_that_always_had_something_is_told_until_something_comes(
    watched: Watched,
) -> None:
    for week in range(1, 5):
        await watched.came(week * WEEK + HOUR, week)
    await watched.came(SILENT - 3 * MINUTE, 5)
    await watched.look()
    await watched.passes(2 * MINUTE)
    assert watched.heard == []
    await watched.passes(4 * MINUTE)
    assert watched.heard == words("silent")
    await watched.came(timedelta(0), 6)
    await watched.passes(3 * MINUTE)
    assert watched.heard == words("silent", "silent_over")


@ONE_DATABASE
@pytest.mark.parametrize("quiet", [1, 4])
async def test_silence_in_hours_that_had_nothing_before_is_no_news(
    watched: Watched, quiet: int
) -> None:
    for week in {1, 2, 3, 4} - {quiet}:
        await watched.came(week * WEEK + HOUR, week)
    await watched.came(quiet * WEEK + SILENT + HOUR, quiet)
    await watched.look()
    await watched.passes(2 * MINUTE)
    assert watched.heard == []


@ONE_DATABASE
async def test_a_database_that_breaks_does_not_end_the_watch(watched: Watched) -> None:
    office = watched.office
    looked = asyncio.Event()

    class Broken:
        def read(self) -> None:
            looked.set()
            raise OSError("away")

    watch = Watch(Broken(), office.clock, watched.hear, locale="en")  # type: ignore[arg-type]
    running = asyncio.create_task(watch.run())
    for _ in range(3):
        looked.clear()
        while not looked.is_set():
            office.clock.move(EVERY)
            await asyncio.sleep(0)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@ONE_DATABASE
@pytest.mark.parametrize("locale", LOCALES)
async def test_it_speaks_the_team_s_language(watched: Watched, locale: str) -> None:
    office = watched.office
    watch = Watch(office.database, office.clock, watched.hear, locale=locale)
    await office.comes()
    office.clock.move(LATE)
    await watch.look()
    office.clock.move(MINUTE)
    await watch.look()
    assert watched.heard == [say(locale, "watch.late")]
