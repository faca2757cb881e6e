"""A pause: nothing leaves, nothing is lost, and the channel hears of it once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.case.effects import Draft, Look
from bot.case.model import State
from bot.case.pause import Unsaid
from bot.errors import ChannelTrouble
from bot.ledger import Held
from bot.recovery.pauses import Announcements
from tests.case.life import ANA, BEN, paid
from tests.office import Office, offices

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def two(migrated_url: str) -> AsyncIterator[list[Office]]:
    async with offices(migrated_url, "ada", "ben") as both:
        yield both


def calls(office: Office, kind: str) -> int:
    return sum(one.startswith(f"{kind}/") for one in office.outside.calls)


async def pause(office: Office, what: Held = Held.SENDING, *, hours: int | None = None) -> None:
    until = None if hours is None else office.clock.now() + hours * HOUR
    await office.ledger.pause(what, until, "new prices", ANA)


async def test_while_sending_is_paused_no_process_looks_and_afterwards_the_letter_leaves_once(
    two: list[Office],
) -> None:
    office = two[0]
    await pause(office)
    await office.in_review()  # readings, words, cards and presses go on
    assert (await office.approve()).refused is None
    office.clock.move(HOUR)
    for one in (*two, *two):
        assert (await one.idle()).state is State.APPROVED
    assert (calls(office, "look"), office.outside.mailed) == (0, [])
    [held] = await two[1].ledger.paused()
    assert (held.what, held.until, held.reason, held.by) == (Held.SENDING, None, "new prices", ANA)
    assert await two[1].ledger.resume(BEN) is True
    await asyncio.gather(*(one.idle() for one in two))
    assert (calls(office, "look"), len(office.outside.mailed)) == (1, 1)
    assert await office.ledger.paused() == ()
    assert await office.ledger.resume(BEN) is False


async def test_a_pause_of_all_holds_drafts_too(two: list[Office]) -> None:
    office = two[0]
    await pause(office, Held.ALL)
    await office.comes()
    assert (await office.idle()).state is State.DRAFTING
    office.clock.move(HOUR)
    assert [(await one.idle()).state for one in two] == [State.DRAFTING] * 2
    assert calls(office, "draft") == 0
    await office.ledger.resume(ANA)
    assert (await office.idle()).state is State.IN_REVIEW
    assert calls(office, "draft") == 1


async def test_it_ends_by_itself(two: list[Office]) -> None:
    office = two[0]
    await office.in_review()
    await office.approve()
    await pause(office, hours=2)
    assert (await office.later(2 * HOUR - MINUTE)).state is State.APPROVED
    assert (await office.later(MINUTE)).sent == 1
    assert await office.ledger.paused() == ()


async def test_a_look_in_hand_when_the_pause_begins_sends_nothing(two: list[Office]) -> None:
    office = two[0]
    await office.in_review()
    await office.approve()

    async def somebody_pauses() -> None:
        office.outside.before.pop(Look)
        await pause(two[1])

    office.outside.before[Look] = somebody_pauses
    assert (await office.later(MINUTE)).state is State.APPROVED
    assert (calls(office, "look"), office.outside.mailed) == (1, [])
    await office.ledger.resume(ANA)
    assert (await office.idle()).sent == 1
    assert len(office.outside.mailed) == 1


async def test_approvals_run_out_meanwhile_and_are_asked_for_anew(two: list[Office]) -> None:
    office = two[0]
    first = await office.in_review()
    await office.approve()
    await pause(office)
    await office.later(MINUTE)
    again = await office.later(timedelta(hours=25))
    assert (again.state, again.ask, again.revision) == (State.IN_REVIEW, first.ask + 1, 2)
    await office.ledger.resume(ANA)
    assert (await office.later(MINUTE)).state is State.IN_REVIEW
    assert office.outside.mailed == []


async def test_what_is_paid_during_a_pause_is_never_written_about(two: list[Office]) -> None:
    office = two[0]
    await office.in_review()
    await office.approve()
    await pause(office)
    await office.later(MINUTE)
    office.outside.invoices = (paid(),)
    await office.ledger.resume(ANA)
    assert (await office.idle()).state is State.CLOSED
    assert office.outside.mailed == []


async def test_a_draft_that_was_held_is_not_taken_for_a_late_one(two: list[Office]) -> None:
    office, seen = two[0], []
    await pause(office, Held.ALL)
    await office.comes()
    await office.later(HOUR)
    resumed = office.clock.now()
    await office.ledger.resume(ANA)
    works = (await office.queue.claimed({"arrival": 0, "draft": 1}))[1]
    seen = [one.claim.effect for one in works]
    assert isinstance(seen[0], Draft)
    assert seen[0].since is not None
    assert seen[0].since >= resumed


async def test_the_channel_hears_once_that_it_began_and_once_that_its_time_was_up(
    two: list[Office],
) -> None:
    office = two[0]
    await pause(office, hours=1)
    for _ in range(2):
        await asyncio.gather(*(one.announcements.look() for one in two))
        office.clock.move(MINUTE)
    office.clock.move(HOUR)
    for _ in range(2):
        await asyncio.gather(*(one.announcements.look() for one in two))
        office.clock.move(MINUTE)
    began, ended = office.outside.announced
    assert (began.ended, began.pause.reason, began.pause.by) == (False, "new prices", ANA)
    assert (ended.ended, ended.ended_at, ended.ended_by) == (True, began.pause.until, None)


async def test_the_channel_hears_who_resumed_and_nothing_of_a_pause_that_another_replaced(
    two: list[Office],
) -> None:
    office = two[0]
    await pause(office, hours=1)
    await pause(office, Held.ALL, hours=2)
    assert [one.what for one in await office.ledger.paused()] == [Held.ALL]
    await office.announcements.look()
    office.clock.move(HOUR)
    await office.announcements.look()
    await office.ledger.resume(BEN)
    office.clock.move(HOUR)
    await office.announcements.look()
    told = [(one.pause.what, one.ended) for one in office.outside.announced]
    assert told == [(Held.SENDING, False), (Held.ALL, False), (Held.ALL, True)]
    assert office.outside.announced[-1].ended_by == BEN


async def test_what_could_not_be_said_is_said_later(two: list[Office]) -> None:
    office, tries = two[0], []

    async def say(unsaid: Unsaid) -> None:
        tries.append(unsaid)
        if len(tries) == 1:
            raise ChannelTrouble("fatal_error")

    announcements = Announcements(office.database, office.clock, say)
    await pause(office)
    await announcements.look()
    office.clock.move(timedelta(seconds=30))
    await two[1].announcements.look()  # it may be on its way
    assert (len(tries), office.outside.announced) == (1, [])
    office.clock.move(MINUTE)
    await announcements.look()
    await announcements.look()
    assert len(tries) == 2


async def test_of_many_who_pause_at_once_one_holds(two: list[Office]) -> None:
    await asyncio.gather(*(pause(one, hours=1) for one in two for _ in range(4)))
    assert len(await two[0].ledger.paused()) == 1
    assert await two[1].ledger.resume(ANA) is True
    assert await two[0].ledger.paused() == ()
