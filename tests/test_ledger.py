"""What commands and the Home are told, on cases that came about by the bot's own ways."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.case.arrival import Arrival
from bot.case.events import Erased, FactsRead, News, Owned, Stopped
from bot.case.facts import Customer, Facts
from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.model import Case, State
from bot.case.money import Money
from bot.case.standing import Verdict
from bot.ledger import Credit, Ledger
from bot.store import cases, inbox
from bot.store.schema import HEAD
from tests.case.life import ANA, NOON, POLICY, invoice, paid
from tests.office import KEY, Office, offices

EUR = Money(minor=4900, currency="eur")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def office(migrated_url: str) -> AsyncIterator[Office]:
    async with offices(migrated_url, "ada") as [one]:
        yield one


async def opened(office: Office, number: str, **customer: object) -> Case:
    """A case of a customer of its own, a minute after the last one; its facts are read."""
    office.clock.move(MINUTE)
    key = CustomerKey(account="", livemode=True, customer=f"cus_{number}")
    joined = (InvoiceId(f"in_{number}"),)
    case = Case(id=CaseId(f"case_{number}"), key=key, opened_at=office.clock.now(), joined=joined)
    async with office.database.begin() as link:
        await cases.add(link, replace(case, joined=()))
        await cases.save(link, replace(case, joined=()), case, at=case.opened_at)
    who = Customer(**({"id": key.customer, "recipient": f"{number}@example.com"} | customer))  # type: ignore[arg-type]
    return await read(office, case.id, who)


async def read(office: Office, case_id: CaseId, who: Customer, *, is_paid: bool = False) -> Case:
    number = case_id.removeprefix("case_")
    bill = paid(f"in_{number}") if is_paid else invoice(f"in_{number}")
    facts = Facts(read_at=office.clock.now(), customer=who, invoices=(bill,))
    event = FactsRead(at=office.clock.now(), facts=facts)
    return (await office.casework.happened(case_id, event)).case


def about(at: datetime | None) -> datetime | None:
    """To the second: the tests' clock never stands still."""
    return at and at.replace(microsecond=0)


async def names(ledger: Ledger, query: str) -> list[str]:
    return [one.key.customer for one in await ledger.find(query)]


async def test_the_queue_counts_what_waits_for_a_person_and_begins_with_the_longest(
    office: Office,
) -> None:
    empty = await office.ledger.queue()
    assert (empty.waiting, empty.oldest, empty.at_stake, empty.first) == (0, None, (), ())
    by_hand = await opened(office, "b", recipient=None)
    first = await opened(office, "a", recipient=None)
    office.clock.move(MINUTE)
    await office.in_review()
    queue = await office.ledger.queue(2)
    assert (queue.waiting, about(queue.oldest)) == (3, NOON + MINUTE)
    assert queue.at_stake == (Money(minor=3 * 4900, currency="eur"),)
    assert queue.states == {State.IN_REVIEW: 1, State.BY_HAND: 2}
    assert [one.id for one in queue.first] == [by_hand.id, first.id]
    taken = Owned(at=office.clock.now(), who=ANA)
    await office.casework.happened(by_hand.id, taken)
    queue = await office.ledger.queue()
    assert (queue.waiting, queue.first[0].id) == (2, first.id)
    assert queue.at_stake == (Money(minor=3 * 4900, currency="eur"),)
    assert queue.states == {State.IN_REVIEW: 1, State.BY_HAND: 2}


async def test_a_question_asked_again_still_waits_since_the_first_time(office: Office) -> None:
    await office.in_review()
    since = (await office.ledger.queue()).oldest
    again = await office.later(timedelta(hours=25))
    assert again.ask == 2
    assert since == (await office.ledger.queue()).oldest
    assert about(since) == NOON
    await office.approve()
    assert (await office.ledger.queue()).waiting == 0


async def test_history_tells_what_came_newest_first_and_where_its_case_went(
    office: Office,
) -> None:
    await office.comes(1)
    await office.idle()
    office.clock.move(MINUTE)
    stranger = Arrival(
        id="evt_2", type="invoice.paid", created=NOON, livemode=True, account="acct_9",
        news=News.END, parked=True, customer="cus_9",
    )  # fmt: skip
    async with office.database.begin() as link:
        await inbox.remember(link, [stranger], office.clock.now())
    last, first = await office.ledger.history()
    assert (last.type, last.state, last.customer, last.case) == (
        "invoice.paid", "parked", "cus_9", None,
    )  # fmt: skip
    assert (about(first.at), first.customer, first.trouble) == (NOON, "cus_1", None)
    assert first.case == await office.case()
    assert [one.type for one in await office.ledger.history(1)] == ["invoice.paid"]


async def test_statistics_count_every_case_of_the_time_and_each_once(office: Office) -> None:
    who = Customer(id="cus_x", recipient="x@example.com")
    await opened(office, "before")
    office.clock.move(timedelta(days=1))
    since = office.clock.now()
    await opened(office, "open")
    for number in ("retried", "called", "given_up"):
        await opened(office, number, recipient=None)
    now = office.clock.now()
    await office.casework.happened(CaseId("case_called"), Owned(at=now, who=ANA))
    await office.casework.happened(CaseId("case_given_up"), Stopped(at=now, who=ANA))
    office.clock.move(MINUTE)
    for number in ("retried", "called"):
        await read(office, CaseId(f"case_{number}"), who, is_paid=True)
    stats = await office.ledger.stats(since)
    assert (stats.failed, stats.recovered, stats.open, stats.lost) == (4, 2, 1, 1)
    assert stats.by == {Credit.RETRY: 1, Credit.LETTER: 0, Credit.PERSON: 1}
    assert stats.at_failure == (Money(minor=4 * 4900, currency="eur"),)
    assert stats.back == (Money(minor=2 * 4900, currency="eur"),)
    assert stats.back_by == {Credit.RETRY: (EUR,), Credit.LETTER: (), Credit.PERSON: (EUR,)}
    assert stats.still_open == (EUR,)


async def test_a_letter_is_credited_and_so_is_money_that_came_after_the_end(
    office: Office,
) -> None:
    await office.in_review()
    await office.approve()
    sent = await office.later(MINUTE)
    assert sent.sent == 1
    stop = Stopped(at=office.clock.now(), who=ANA)
    await office.casework.happened(sent.id, stop)
    assert (await office.ledger.stats(NOON)).lost == 1
    office.outside.invoices = (paid(),)
    await office.comes(2, type="invoice.paid", news=News.END)
    await office.later(MINUTE)
    stats = await office.ledger.stats(NOON)
    assert (stats.failed, stats.lost, stats.by[Credit.LETTER]) == (1, 0, 1)
    assert stats.back_by[Credit.LETTER] == (EUR,)


async def test_sums_of_different_currencies_are_never_added(office: Office) -> None:
    yen = replace(invoice("in_2"), currency="jpy", remaining=9000)
    office.outside.invoices = (invoice(), yen)
    await office.comes(1)
    await office.comes(2, invoice=InvoiceId("in_2"))
    await office.idle()
    await office.later(MINUTE)
    both = (EUR, Money(minor=9000, currency="jpy"))
    stats = await office.ledger.stats(NOON)
    assert (stats.failed, stats.still_open) == (1, both)
    assert (await office.ledger.queue()).at_stake == both


async def test_a_customer_is_found_by_every_name_they_go_by(office: Office) -> None:
    case = await opened(office, "a", name="Ada B. Lovelace", email="Ada@Example.com")
    for query in (
        "cus_a", "in_a", "IN_A ", "ada@example.com", " ADA  b. lovelace", "ada b", "love", "b. lov",
    ):  # fmt: skip
        [found] = await office.ledger.find(query)
        assert (found.key, found.name, found.cases) == (case.key, "Ada B. Lovelace", (case,))
    for query in ("", "  ", "ovelace", "cus_", "in_", "ada@example", "nobody", "%", "_"):
        assert await office.ledger.find(query) == ()


async def test_the_whole_comes_before_the_beginning_and_seven_are_enough(office: Office) -> None:
    for number, name in enumerate(["Ann Lee", "Leeds", "Lee", *(f"Lee {one}" for one in "fghij")]):
        await opened(office, str(number), name=name)
    found = await names(office.ledger, "lee")
    assert (found[0], len(found)) == ("cus_2", 7)
    assert await names(office.ledger, "ann") == ["cus_0"]


async def test_a_customer_with_many_cases_is_found_once_with_the_newest_five(
    office: Office,
) -> None:
    who = Customer(id="cus_a", name="Ada", recipient="a@example.com")
    for number in range(7):
        office.clock.move(MINUTE)
        case = Case(id=CaseId(f"case_{number}"), key=KEY, opened_at=office.clock.now())
        async with office.database.begin() as link:
            assert await cases.add(link, case)
        await read(office, case.id, who)
        await read(office, case.id, who)
        await office.casework.happened(case.id, Stopped(at=office.clock.now(), who=ANA))
    [found] = await office.ledger.find("ada")
    assert [one.id for one in found.cases] == [f"case_{one}" for one in (6, 5, 4, 3, 2)]


async def test_erasing_a_case_leaves_nothing_to_find_it_by_and_its_part_in_the_statistics(
    office: Office,
) -> None:
    kept = await opened(office, "kept", name="Ada", email="ada@example.com")
    case = await opened(office, "a", name="Ada", email="ada@example.com")
    await office.casework.happened(case.id, Erased(at=office.clock.now(), who=ANA))
    for query in ("ada", "ada@example.com"):
        assert await names(office.ledger, query) == [kept.key.customer]
    async with office.database.read() as link:
        query = text("SELECT count(*) FROM finding WHERE case_id = 'case_a'")
        assert (await link.execute(query)).scalar() == 0
    [found] = await office.ledger.find("in_a")  # an id names nobody
    assert found.name is None
    stats = await office.ledger.stats(NOON)
    assert (stats.failed, stats.lost, stats.still_open) == (2, 1, (EUR,))


async def test_a_word_on_a_customer_without_a_case_counts_for_the_next(office: Office) -> None:
    await office.ledger.overrule(KEY, Verdict.VIP, ANA)
    [found] = await office.ledger.find("cus_1")
    assert (found.key, found.name, found.cases) == (KEY, None, ())
    await office.comes()
    case = await office.idle()
    assert (case.state, case.vip) == (State.BY_HAND, True)
    assert case.reasons[0].name == ANA
    await office.ledger.overrule(KEY, Verdict.STANDARD, ANA)
    office.outside.invoices = (paid(),)
    await office.comes(2, type="invoice.paid", news=News.END)
    await office.later(MINUTE)
    office.outside.invoices = (invoice("in_2"),)
    await office.comes(3, invoice=InvoiceId("in_2"))
    await office.later(MINUTE)
    [found] = await office.ledger.find("cus_1")
    assert [(one.state, one.vip) for one in found.cases] == [
        (State.IN_REVIEW, False),
        (State.CLOSED, True),
    ]


async def test_health_counts_what_waits_what_was_given_up_and_what_came_and_left_last(
    migrated_url: str,
) -> None:
    async with offices(migrated_url, "ada", policy=replace(POLICY, paused=True)) as [office]:
        quiet = await office.ledger.health()
        assert (quiet.oldest_due, quiet.ready, quiet.dead, quiet.parked) == (None, 0, 0, 0)
        assert (quiet.last_event_at, quiet.last_sent_at, quiet.revision) == (None, None, HEAD)
        await office.in_review()
        await office.approve()
        await office.later(MINUTE)
        async with office.database.begin() as link:
            await link.execute(text("UPDATE outbox SET state = 'failed' WHERE kind = 'show'"))
        found = await office.ledger.health()
        assert (about(found.oldest_due), found.ready) == (NOON + MINUTE, 1)
        assert (about(found.last_event_at), found.dead) == (NOON, 2)
    async with offices(migrated_url, "ada") as [office]:
        await office.later(2 * MINUTE)
        assert about((await office.ledger.health()).last_sent_at) == NOON + 2 * MINUTE
