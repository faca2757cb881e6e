"""What outlives a case: who is quiet, who was written to when, what was paid."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from bot.case.ids import Actor, CustomerKey, InvoiceId
from bot.case.model import State, Why
from bot.case.money import Money
from bot.case.standing import Contact, CustomerRecord, Standing, Verdict
from bot.store import forgetting, standing
from bot.store.db import Database
from bot.store.tables import addresses
from tests.case.life import MAYA, NOBODY, NOON
from tests.databases import POSTGRESQL
from tests.store.test_cases import KEY, added, case

OTHER = replace(KEY, customer="cus_2")
TEST = replace(OTHER, livemode=False)
CONTACT = Contact(key="send/case_1/1", address=MAYA, at=NOON)


async def save(
    database: Database, after: Standing, before: Standing = NOBODY, key: CustomerKey = KEY
) -> None:
    async with database.begin() as link:
        await standing.save(link, key, before, after, NOON)


async def load(
    database: Database,
    key: CustomerKey = KEY,
    address: str | None = MAYA,
    now: datetime = NOON,
    written_to: str | None = None,
) -> Standing:
    async with database.read() as link:
        known = await standing.record(link, key, now, address=address, written_to=written_to)
        return known.standing


FULL = Standing(
    override=Verdict.VIP,
    override_by=Actor("slack:T1:U1"),
    muted=frozenset({InvoiceId("in_1"), InvoiceId("in_2")}),
    suppressed=frozenset({MAYA}),
    contacts=(CONTACT,),
    owner="U_TOM",
)


async def test_a_standing_is_read_back_as_it_was_written(database: Database) -> None:
    assert await load(database) == Standing()
    await save(database, FULL)
    assert await load(database) == FULL
    await save(database, FULL, FULL)
    assert await load(database) == FULL


async def test_an_owner_and_an_override_do_not_overwrite_each_other(database: Database) -> None:
    await save(database, Standing(owner="U_TOM"))
    async with database.begin() as link:
        await standing.overrule(link, KEY, Verdict.VIP, Actor("slack:T1:U1"))
    both = await load(database)
    assert (both.owner, both.override) == ("U_TOM", Verdict.VIP)
    await save(database, replace(both, owner=None), both)
    assert await load(database) == replace(both, owner=None)


async def test_a_standing_is_one_customers_in_one_mode_and_account(database: Database) -> None:
    await save(database, replace(FULL, suppressed=frozenset(), contacts=()))
    for other in (OTHER, replace(KEY, livemode=False), replace(KEY, account="acct_1")):
        assert await load(database, other) == Standing()


async def test_an_invoice_ticked_again_is_no_longer_muted(database: Database) -> None:
    await save(database, FULL)
    less = replace(FULL, muted=frozenset({InvoiceId("in_2")}))
    await save(database, less, FULL)
    assert await load(database) == less


async def test_a_contact_counts_for_its_customer_and_for_everybody_at_its_address(
    database: Database,
) -> None:
    await save(database, Standing(contacts=(CONTACT,)))
    assert (await load(database, OTHER, MAYA)).contacts == (CONTACT,)
    assert (await load(database, KEY, "new@example.com")).contacts == (CONTACT,)
    assert (await load(database, OTHER, "new@example.com")).contacts == ()
    assert (await load(database, OTHER, None)).contacts == ()


async def test_a_test_uses_up_no_live_customers_budget(database: Database) -> None:
    await save(database, Standing(contacts=(CONTACT,)), key=TEST)
    assert (await load(database, KEY, MAYA)).contacts == ()
    assert (await load(database, TEST, MAYA)).contacts == (CONTACT,)


async def test_a_contact_that_was_not_made_is_forgotten_and_old_ones_are_not_loaded(
    database: Database,
) -> None:
    await save(database, Standing(contacts=(CONTACT,)))
    assert (await load(database, now=NOON + timedelta(days=8))).contacts == ()
    await save(database, Standing(), Standing(contacts=(CONTACT,)))
    assert (await load(database)).contacts == ()


async def test_an_address_that_refused_is_known_whoever_has_it(database: Database) -> None:
    await save(database, Standing(suppressed=frozenset({MAYA})))
    assert (await load(database, OTHER)).suppressed == {MAYA}
    assert (await load(database, OTHER, "new@example.com")).suppressed == frozenset()
    assert (await load(database, TEST, None, written_to=MAYA)).suppressed == {MAYA}


async def test_one_address_is_judged_by_one_transaction_at_a_time(database: Database) -> None:
    inside = 0

    async def judge() -> None:
        nonlocal inside
        async with database.begin() as link:
            await standing.lock_address(link, MAYA)
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(judge() for _ in range(6)))


async def test_erasing_a_customer_keeps_when_they_were_written_to_and_what_refused(
    database: Database,
) -> None:
    bounced = replace(CONTACT, key="send/case_1/2", address="dead@example.com")
    await save(
        database,
        Standing(contacts=(CONTACT, bounced), suppressed=frozenset({"dead@example.com"})),
    )
    async with database.begin() as link:
        await standing.lock_address(link, MAYA)
        await standing.erase(link, KEY)
    kept = await load(database)
    assert [(one.address, one.at) for one in kept.contacts] == [("", NOON), ("", NOON)]
    assert (await load(database, OTHER)).contacts == ()
    assert (await load(database, OTHER, "dead@example.com")).suppressed == {"dead@example.com"}
    assert (await load(database, OTHER, "")).contacts == ()


async def record(database: Database, key: CustomerKey = KEY) -> CustomerRecord:
    async with database.read() as link:
        return await standing.record(link, key, NOON)


PAID = CustomerRecord(
    key=KEY,
    lifetime=(Money(minor=120_000, currency="eur"), Money(minor=5000, currency="jpy")),
    paid_invoices=26,
    filled_at=NOON,
    first_paid_at=NOON - timedelta(days=800),
)


async def test_what_a_customer_paid_is_kept_and_each_later_payment_is_added_once(
    database: Database,
) -> None:
    assert await record(database) == CustomerRecord(key=KEY)
    async with database.begin() as link:
        await standing.remember(link, PAID)
    assert await record(database) == PAID

    async def add(invoice: str) -> bool:
        async with database.begin() as link:
            return await standing.add_payment(link, KEY, invoice, Money(minor=1, currency="eur"))

    assert sorted(await asyncio.gather(*(add("in_9") for _ in range(8)))) == [False] * 7 + [True]
    assert await asyncio.gather(*(add(f"in_{one}") for one in range(5))) == [True] * 5
    found = await record(database)
    assert found.paid_invoices == 32
    assert found.lifetime == (
        Money(minor=120_006, currency="eur"),
        Money(minor=5000, currency="jpy"),
    )


async def test_a_payment_is_added_to_no_value_that_was_never_filled(database: Database) -> None:
    await save(database, replace(Standing(), override=Verdict.VIP))
    async with database.begin() as link:
        one = Money(minor=1, currency="eur")
        assert not await standing.add_payment(link, KEY, "in_1", one)
        assert await standing.filled_at(link, KEY) is None
    assert (await record(database)).lifetime == ()


async def test_how_earlier_cases_ended_is_counted_for_a_year(database: Database) -> None:
    ends = (Why.RECOVERED, Why.RECOVERED, Why.EXHAUSTED, Why.NOTHING_OWED)
    for number, why in enumerate(ends):
        await added(database, case(f"case_{number}", state=State.CLOSED, why=why))
    old = replace(case("case_9", state=State.CLOSED, why=Why.RECOVERED))
    await added(database, replace(old, opened_at=NOON - timedelta(days=366)))
    found = await record(database)
    assert (found.failures, found.recovered) == (3, 2)


@pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)
async def test_an_address_that_is_forgotten_just_now_is_locked_all_the_same(
    migrated_url: str, database: Database
) -> None:
    other = Database(migrated_url)
    async with database.begin() as link:
        await standing.lock_address(link, MAYA)

    async def locked() -> int:
        async with database.begin() as link:
            await standing.lock_address(link, MAYA)
            query = select(func.count()).select_from(addresses)
            return int((await link.execute(query)).scalar_one())

    async with database.begin() as link:
        assert await forgetting.idle_addresses(link, 9) == 1
        locking = asyncio.create_task(locked())
        while not await waits_for_a_lock(other):
            pass
    assert await locking == 1
    await other.close()


@pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)
@pytest.mark.parametrize("refuses_first", [True, False])
async def test_an_address_that_refuses_while_it_is_forgotten_stays_known_as_such(
    migrated_url: str, database: Database, *, refuses_first: bool
) -> None:
    other = Database(migrated_url)
    query = select(addresses).where(addresses.c.address == MAYA).with_for_update()
    async with database.begin() as link:
        await standing.lock_address(link, MAYA)

    async def forgotten() -> None:
        async with other.begin() as link:
            await standing.forget_addresses(link, query)

    refuses = Standing(suppressed=frozenset({MAYA}))
    async with database.begin() as link:
        if refuses_first:
            await standing.save(link, KEY, NOBODY, refuses, NOON)
            waiting = asyncio.create_task(forgotten())
        else:
            await link.execute(query)
            waiting = asyncio.create_task(save(other, refuses))
        while not await waits_for_a_lock(other):
            pass
        if not refuses_first:
            await standing.forget_addresses(link, query)
    await waiting
    assert (await load(database)).suppressed == {MAYA}
    await other.close()


async def waits_for_a_lock(database: Database) -> bool:
    async with database.read() as link:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool((await link.execute(text(query))).scalar_one())
