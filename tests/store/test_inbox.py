import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.case.arrival import Arrival
from bot.case.events import News
from bot.case.ids import CaseId, InvoiceId
from bot.store import inbox
from bot.store.arrival_rows import ArrivalClaim
from bot.store.db import Database
from bot.store.effect_rows import LEASE
from tests.case.life import NOON


def arrival(number: int = 1, **fields: object) -> Arrival:
    known: dict[str, object] = {
        "id": f"evt_{number:03}",
        "type": "invoice.payment_failed",
        "created": NOON,
        "livemode": True,
        "account": "",
        "news": News.FAILURE,
        "invoice": InvoiceId("in_1"),
        "customer": "cus_1",
    }
    return Arrival(**(known | fields))  # type: ignore[arg-type]


async def remembered(database: Database, arrivals: Sequence[Arrival]) -> None:
    async with database.begin() as link:
        await inbox.remember(link, arrivals, NOON)


async def claimed(
    database: Database, owner: str = "ada", most: int = 100, now: datetime = NOON
) -> list[ArrivalClaim]:
    async with database.begin() as link:
        return await inbox.claim(link, now=now, owner=owner, most=most)


async def test_an_event_is_kept_once_however_often_it_comes(database: Database) -> None:
    await remembered(database, [arrival(), arrival(), arrival(2)])
    await remembered(database, [arrival(2), arrival(), replace(arrival(), type="other")])
    found = await claimed(database)
    assert [one.arrival for one in found] == [arrival(), arrival(2)]


async def test_no_event_at_all_is_nothing_to_remember(database: Database) -> None:
    await remembered(database, [])
    assert await claimed(database) == []


async def test_batches_with_the_same_events_in_other_orders_do_not_wait_for_each_other(
    database: Database,
) -> None:
    events = [arrival(number) for number in range(200)]
    await asyncio.gather(
        *(remembered(database, batch) for batch in (events, events[::-1], events, events[::-1]))
    )
    assert len(await claimed(database, most=500)) == 200


async def test_two_workers_never_get_the_same_event(database: Database) -> None:
    await remembered(database, [arrival(number) for number in range(40)])
    shares = await asyncio.gather(*(claimed(database, f"w{n}", most=10) for n in range(6)))
    taken = [one.arrival.id for share in shares for one in share]
    assert len(taken) == len(set(taken))
    rest = await claimed(database)
    assert len(taken) + len(rest) == 40


async def test_a_parked_event_is_kept_and_claimed_by_nobody(database: Database) -> None:
    await remembered(database, [arrival(parked=True)])
    assert await claimed(database) == []


async def test_finishing_behind_a_moved_fence_is_refused(database: Database) -> None:
    await remembered(database, [arrival()])
    [lost] = await claimed(database)
    async with database.begin() as link:
        assert await inbox.free_abandoned(link, NOON + LEASE) == 1
    [held] = await claimed(database, "ben")
    assert held.attempt == lost.attempt + 1
    async with database.begin() as link:
        assert not await inbox.finish(link, lost, case_id=None)
        assert await inbox.finish(link, held, case_id=CaseId("case_1"))
        assert not await inbox.finish(link, held, case_id=None)


async def test_what_is_given_back_waits_until_it_is_due_and_counts_its_failures(
    database: Database,
) -> None:
    later = NOON + timedelta(minutes=1)
    await remembered(database, [arrival()])
    [one] = await claimed(database)
    async with database.begin() as link:
        await inbox.give_back(link, one, due=later, trouble="down")
        assert not await inbox.anything_due(link, NOON)
        assert await inbox.anything_due(link, later)
    assert await claimed(database) == []
    [again] = await claimed(database, now=later)
    assert again.failures == 1
    async with database.begin() as link:
        await inbox.give_back(link, again, due=later, trouble=None)
    [third] = await claimed(database, now=later)
    assert third.failures == 1


async def test_only_what_is_in_hand_is_kept_alive(database: Database) -> None:
    await remembered(database, [arrival(), arrival(2)])
    [held, _] = await claimed(database)
    later = NOON + LEASE
    async with database.begin() as link:
        await inbox.renew(link, [held], later)
        assert await inbox.any_abandoned(link, later)
        assert await inbox.free_abandoned(link, later) == 1
    [free] = await claimed(database, "ben", now=later)
    assert free.arrival.id == "evt_002"


async def test_a_process_alone_on_its_database_frees_what_others_left_at_once(
    database: Database,
) -> None:
    await remembered(database, [arrival()])
    await claimed(database, "dead")
    async with database.begin() as link:
        assert await inbox.free_abandoned(link, NOON, but_owner="dead") == 0
        assert await inbox.any_abandoned(link, NOON, but_owner="ada")
        assert await inbox.free_abandoned(link, NOON, but_owner="ada") == 1
