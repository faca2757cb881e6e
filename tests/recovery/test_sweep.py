"""What a dead worker left: ready again, and for a hand-over a question to a person."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.case.effects import Gather
from bot.case.model import State
from bot.store import outbox
from bot.store.effect_rows import LEASE
from tests.office import Office, offices


@pytest.fixture
async def two(migrated_url: str) -> AsyncIterator[list[Office]]:
    async with offices(migrated_url, "dead", "ben") as both:
        await both[1].sweep.round()  # on SQLite a process takes all over at its start
        yield both


async def in_dead_hands(dead: Office) -> None:
    """Approved, looked at, and given to a mail server by a worker that then died."""
    await dead.in_review()
    await dead.approve()
    dead.clock.move(timedelta(seconds=31))
    [look] = await dead.timers.ring()
    event = dead._performed(look.case, look.claim.effect, dead.clock.now())
    assert event is not None
    outcome = await dead.casework.reported(look.claim, event)
    assert outcome.case.state is State.SENDING


async def test_an_abandoned_hand_over_becomes_a_question_within_a_minute(
    two: list[Office],
) -> None:
    dead, ben = two
    await in_dead_hands(dead)
    ben.clock.move(LEASE - timedelta(seconds=5))
    assert (await ben.idle()).state is State.SENDING
    asked = await ben.later(timedelta(seconds=10))
    assert asked.state is State.UNCLEAR
    assert [one.ask for one in asked.shown][-1] == asked.ask
    assert ben.outside.mailed == []
    await ben.later(timedelta(hours=12))
    assert ben.outside.mailed == []


async def test_a_hand_over_that_the_provider_has_is_no_question(two: list[Office]) -> None:
    dead, ben = two
    await in_dead_hands(dead)
    case = await ben.case()
    ben.outside.provider_has = {f"send/{case.id}/{case.revision}"}
    found = await ben.later(LEASE + timedelta(seconds=6))
    assert (found.state, found.sent, found.ask) == (State.WAITING, 1, case.ask)
    assert (await ben.rows("send/%")) == [(f"send/{case.id}/1", "sent")]
    assert ben.outside.mailed == []
    [delivered] = [one for one in await ben.memory.journal(case.id) if one.event == "Delivered"]
    assert '"receipt":"found"' in str(delivered.text)


async def test_the_provider_is_asked_once_for_each_doubt(two: list[Office]) -> None:
    dead, ben = two
    await in_dead_hands(dead)
    await ben.later(LEASE + timedelta(seconds=6))
    await ben.later(timedelta(seconds=6))
    asked = [one for one in ben.outside.calls if one.startswith("found ")]
    assert asked == [f"found send/{(await ben.case()).id}/1"]


async def test_everything_else_is_ready_again(two: list[Office]) -> None:
    dead, ben = two
    await dead.comes()
    await dead.queue.claimed({"arrival": 8})
    assert (await ben.later(LEASE + timedelta(seconds=6))).state is State.IN_REVIEW
    case = await ben.case()
    async with dead.database.begin() as link:
        await outbox.add(link, Gather(case_id=case.id), now=dead.clock.now(), owner="dead")
    assert (await ben.rows("gather/%"))[-1][1] == "claimed"
    await ben.later(LEASE + timedelta(seconds=6))
    await ben.later(timedelta(seconds=6))
    assert (await ben.rows("gather/%"))[-1][1] == "done"


async def test_a_process_alone_on_its_file_takes_over_at_its_start(migrated_url: str) -> None:
    async with offices(migrated_url, "dead", "ben") as [dead, ben]:
        await in_dead_hands(dead)
        case = await ben.idle()
        alone = ben.database.is_sqlite
        assert case.state is (State.UNCLEAR if alone else State.SENDING)


async def test_two_that_sweep_at_once_ask_once(migrated_url: str) -> None:
    async with offices(migrated_url, "dead", "ben", "cy") as [dead, ben, cy]:
        await ben.sweep.round()
        await cy.sweep.round()
        await in_dead_hands(dead)
        ben.clock.move(LEASE + timedelta(seconds=6))
        await asyncio.gather(ben.sweep.round(), cy.sweep.round())
        case = await ben.case()
        assert case.state is State.UNCLEAR
        journal = await ben.memory.journal(case.id)
        asked = [one for one in journal if one.state_after == State.UNCLEAR]
        assert asked[0].state_before == State.SENDING
        assert case.ask == 2
