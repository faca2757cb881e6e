"""Alarms: each case has one, and it rings once, whoever listens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.case.model import State
from tests.office import Office, offices


@pytest.fixture
async def two(migrated_url: str) -> AsyncIterator[list[Office]]:
    async with offices(migrated_url, "ada", "ben") as both:
        yield both


async def test_nothing_rings_before_its_time(two: list[Office]) -> None:
    case = await two[0].in_review()
    two[0].clock.move(timedelta(hours=23, minutes=59))
    assert await two[0].timers.ring() == []
    assert await two[0].case() == case


async def test_an_alarm_rings_once_however_many_listen(two: list[Office]) -> None:
    case = await two[0].in_review()
    two[0].clock.move(timedelta(hours=25))
    for works in await asyncio.gather(*(one.timers.ring() for one in two for _ in range(3))):
        two[0].worker.start(works)
    again = await two[0].idle()
    assert (again.state, again.ask) == (State.IN_REVIEW, case.ask + 1)
    assert len(again.shown) == 2


async def test_the_whole_cadence_runs_on_alarms_alone(two: list[Office]) -> None:
    office = two[0]
    await office.in_review()
    for _ in range(4):
        await office.approve()
        case = await office.later(timedelta(seconds=31))
        assert case.wake is not None
        case = await office.later(case.wake - office.clock.now() + timedelta(seconds=1))
    assert (case.state, case.why, case.sent) == (State.CLOSED, "exhausted", 4)
    assert len(office.outside.mailed) == len(set(office.outside.mailed)) == 4


async def test_a_damaged_case_does_not_silence_the_others(two: list[Office]) -> None:
    office = two[0]
    case = await office.in_review()
    async with office.database.begin() as link:
        await link.execute(
            text(
                "INSERT INTO cases (id, account, livemode, customer, state, wake, version,"
                " opened_at, body) SELECT 'case_0', account, livemode, 'cus_0', state,"
                " opened_at, version, opened_at, '{}' FROM cases"
            )
        )
    office.clock.move(timedelta(hours=25))
    await office.timers.ring()
    assert (case.overdue, (await office.case()).overdue) == (False, True)
