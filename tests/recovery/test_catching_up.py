"""What stood before statistics were kept, and what an older program wrote since, is taken in."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.case.events import Erased
from bot.case.model import State
from bot.recovery.catching_up import catch_up
from tests.case.life import ANA, NOON
from tests.office import Office, offices
from tests.test_ledger import names, opened

# What the program before this one left: it writes none of these.
BEFORE = (
    "DELETE FROM figures",
    "DELETE FROM finding",
    "UPDATE cases SET registered = NULL, waits_since = NULL",
)


@pytest.fixture
async def office(migrated_url: str) -> AsyncIterator[Office]:
    async with offices(migrated_url, "ada") as [one]:
        yield one


async def written(office: Office, *statements: str) -> None:
    async with office.database.begin() as link:
        for statement in statements:
            await link.execute(text(statement))


async def behind(office: Office) -> int:
    async with office.database.read() as link:
        query = "SELECT count(*) FROM cases WHERE coalesce(registered, -1) <> version"
        return int((await link.execute(text(query))).scalar_one())


async def test_what_stood_before_is_taken_in_and_answers_as_if_it_had_been_kept(
    office: Office,
) -> None:
    await office.in_review()
    for number in "abc":
        await opened(office, number, name=f"Ada {number}", recipient=None)
    queue, stats = await office.ledger.queue(), await office.ledger.stats(NOON)
    assert (queue.waiting, stats.failed) == (4, 4)
    await written(office, *BEFORE)
    assert (await office.ledger.queue()).waiting == await names_count(office) == 0
    await catch_up(office.database, most=3)
    assert await behind(office) == 0
    assert await office.ledger.queue() == queue
    assert await office.ledger.stats(NOON) == stats
    assert await names_count(office) == 3


async def names_count(office: Office) -> int:
    return len(await names(office.ledger, "ada"))


async def test_what_an_older_program_wrote_is_found_out_and_ours_stays(office: Office) -> None:
    case = await opened(office, "a", name="Ada", recipient=None)
    assert await behind(office) == 0
    await written(office, "UPDATE cases SET version = version + 1, state = 'closed'")
    assert await behind(office) == 1
    # Our own writes in between leave it to whoever reads it whole.
    await written(office, "UPDATE cases SET state = 'by_hand'")
    await office.casework.happened(case.id, Erased(at=office.clock.now(), who=ANA))
    assert await behind(office) == 1
    await office.worker.idle()  # a card is redrawn, and written while the case is taken in
    office.clock.move(timedelta(seconds=5))
    await office.worker.idle()
    assert await behind(office) == 0
    assert await names_count(office) == (await office.ledger.queue()).waiting == 0


async def test_names_that_an_older_program_was_told_to_erase_are_forgotten_here_too(
    office: Office,
) -> None:
    case = await opened(office, "a", name="Ada")
    async with office.database.read() as link:
        rows = (await link.execute(text("SELECT * FROM finding ORDER BY kind, term"))).all()
        before = (await link.execute(text("SELECT * FROM figures"))).mappings().one()
    await office.casework.happened(case.id, Erased(at=office.clock.now(), who=ANA))
    for row in rows:
        await written(
            office,
            f"INSERT INTO finding (kind, term, case_id) VALUES {tuple(row)}",  # noqa: S608
        )
    await written(
        office,
        "UPDATE cases SET registered = version - 1",
        "UPDATE figures SET ended = 'open', owed = at_failure",
    )
    assert await names_count(office) == 1
    await catch_up(office.database)
    assert await names_count(office) == 0
    async with office.database.read() as link:
        after = (await link.execute(text("SELECT * FROM figures"))).mappings().one()
    assert (after["ended"], after["owed"]) == ("lost", 0)
    assert after["at_failure"] == before["at_failure"]


async def test_a_case_that_cannot_be_read_is_told_once_and_holds_nobody_up(
    office: Office,
) -> None:
    await opened(office, "a", name="Ada a", recipient=None)
    await opened(office, "b", name="Ada b", recipient=None)
    await written(office, *BEFORE, "UPDATE cases SET body = '{}' WHERE id = 'case_a'")
    await catch_up(office.database, most=1)
    assert await behind(office) == 0
    assert await names(office.ledger, "ada") == ["cus_b"]


async def test_two_who_catch_up_at_once_do_it_once(migrated_url: str) -> None:
    async with offices(migrated_url, "ada", "ben") as both:
        for number in "abcdef":
            await opened(both[0], number, name=f"Ada {number}", recipient=None)
        stats = await both[0].ledger.stats(NOON)
        await written(both[0], *BEFORE)
        await asyncio.gather(*(catch_up(one.database, most=2) for one in both for _ in range(2)))
        while await behind(both[0]):
            await catch_up(both[0].database)
        assert await both[0].ledger.stats(NOON) == stats
        assert (await both[0].ledger.queue()).states == {State.BY_HAND: 6}
