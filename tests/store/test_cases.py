import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case.events import FactsRead
from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.model import Case, State
from bot.errors import CaseMoved
from bot.store import cases
from bot.store.db import Database
from tests.case.examples import REACHED
from tests.case.life import NOON, Life, invoice

KEY = CustomerKey(account="", livemode=True, customer="cus_1")


def case(name: str = "case_1", key: CustomerKey = KEY, **fields: object) -> Case:
    return Case(id=CaseId(name), key=key, opened_at=NOON, **fields)  # type: ignore[arg-type]


async def added(database: Database, one: Case) -> bool:
    async with database.begin() as link:
        return await cases.add(link, one)


@pytest.mark.parametrize("state", list(State))
async def test_a_case_is_read_back_as_it_was_written(database: Database, state: State) -> None:
    life = REACHED[state]()
    await added(database, life.case)
    async with database.read() as link:
        assert await cases.load(link, life.case.id) == life.case
        assert await cases.load_many(link, [life.case.id]) == {life.case.id: life.case}


async def test_a_customer_has_one_open_case_however_many_would_open_one(
    database: Database,
) -> None:
    opened = await asyncio.gather(*(added(database, case(f"case_{one}")) for one in range(20)))
    assert sorted(opened) == [False] * 19 + [True]


async def test_modes_accounts_and_closed_cases_are_others(database: Database) -> None:
    assert await added(database, case())
    assert await added(database, case("case_2", replace(KEY, livemode=False)))
    assert await added(database, case("case_3", replace(KEY, account="acct_1")))
    assert await added(database, case("case_4", state=State.CLOSED))
    assert not await added(database, case("case_5"))
    async with database.begin() as link:
        first = await cases.load(link, CaseId("case_1"))
        assert first is not None
        await cases.save(link, first, replace(first, state=State.CLOSED), at=NOON)
    assert await added(database, case("case_6"))
    async with database.read() as link:
        found = await cases.open_of(link, KEY)
    assert found is not None
    assert found.id == "case_6"


async def test_who_saves_an_older_version_is_told_that_the_case_moved(database: Database) -> None:
    await added(database, case())
    async with database.begin() as link:
        before = await cases.load(link, CaseId("case_1"))
    assert before is not None
    async with database.begin() as link:
        saved = await cases.save(link, before, replace(before, held=True), at=NOON)
    assert saved.version == before.version + 1
    with pytest.raises(CaseMoved):
        async with database.begin() as link:
            await cases.save(link, before, replace(before, replied=True), at=NOON)
    async with database.read() as link:
        assert await cases.load(link, before.id) == saved


async def test_an_invoice_leads_to_its_latest_case(database: Database) -> None:
    old = case(state=State.CLOSED)
    new = replace(case("case_2"), opened_at=NOON + timedelta(days=30))
    for one in (old, new):
        await added(database, one)
        async with database.begin() as link:
            joined = replace(one, joined=(InvoiceId("in_1"),))
            again = await cases.save(link, one, joined, at=NOON)
            await cases.save(link, replace(again, joined=()), again, at=NOON)  # joins once
    async with database.read() as link:
        found = await cases.of_invoice(link, "in_1", account="", livemode=True)
        assert found is not None
        assert found.id == "case_2"
        assert await cases.of_invoice(link, "in_1", account="", livemode=False) is None
        assert await cases.of_invoice(link, "in_2", account="", livemode=True) is None


async def test_alarms_that_went_off_are_told_longest_overdue_first(database: Database) -> None:
    for number, minutes in (("case_1", 1), ("case_2", -5), ("case_3", 0), ("case_4", -9)):
        key = replace(KEY, customer=number)
        await added(database, case(number, key, wake=NOON + timedelta(minutes=minutes)))
    await added(database, case("case_5"))
    async with database.read() as link:
        due = await cases.due(link, NOON, 10)
    assert due == [
        ("case_4", NOON - timedelta(minutes=9)),
        ("case_2", NOON - timedelta(minutes=5)),
        ("case_3", NOON),
    ]


async def test_facts_keep_their_moments_and_amounts_to_the_last_digit(database: Database) -> None:
    life = Life().failed().later(timedelta(microseconds=7))
    facts = life.facts(invoice(remaining=4899), invoice("in_2", currency="jpy"))
    life.happens(FactsRead(at=life.at, facts=facts))
    await added(database, life.case)
    async with database.read() as link:
        found = await cases.load(link, life.case.id)
    assert found is not None
    assert found.facts == facts
