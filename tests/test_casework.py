"""The only place a case changes: one transaction, one winner, nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.case.effects import HandOver, Show
from bot.case.events import Approved, Delivered, Erased, FactsRead, News, Rejected, Replied
from bot.case.facts import Customer, Facts
from bot.case.ids import Actor, CaseId
from bot.case.model import State, Why
from bot.errors import CaseUnknown, FenceMoved
from bot.store import standing
from bot.store.arrival_rows import ArrivalClaim
from bot.work import Room, only_cards
from tests.case.life import ANA, MAYA, NOON, invoice, paid
from tests.office import KEY, Office, offices


@pytest.fixture
async def office(migrated_url: str) -> AsyncIterator[Office]:
    async with offices(migrated_url, "ada") as [one]:
        yield one


@pytest.fixture
async def two(migrated_url: str) -> AsyncIterator[list[Office]]:
    async with offices(migrated_url, "ada", "ben") as both:
        yield both


async def test_a_failure_opens_a_case_that_comes_to_review(office: Office) -> None:
    case = await office.in_review()
    assert (case.key, case.joined, case.ask) == (KEY, ("in_1",), 1)
    assert [one.ask for one in case.shown] == [1]
    assert office.outside.calls == [
        f"gather/{case.id}",
        f"draft/{case.id}/1",
        f"show/{case.id}/slack",
    ]
    journal = await office.memory.journal(case.id)
    assert [one.event for one in journal] == ["Hinted", "FactsRead", "Drafted", "Posted"]
    assert journal[0].source == "evt_1"
    assert await office.memory.journal_breaks(case.id) == []


async def test_fifty_who_press_at_once_have_one_winner(two: list[Office]) -> None:
    case = await two[0].in_review()

    def press(number: int) -> Approved | Rejected:
        who = Actor(f"slack:T1:U{number}")
        make = Rejected if number % 5 == 4 else Approved
        return make(at=two[0].clock.now(), who=who, revision=case.revision)

    outcomes = await asyncio.gather(
        *(two[one % 2].casework.happened(case.id, press(one)) for one in range(50))
    )
    assert [one.refused for one in outcomes].count(None) == 1
    journal = await two[0].memory.journal(case.id)
    assert len(journal) == 4 + 50
    assert await two[0].memory.journal_breaks(case.id) == []


async def test_two_failures_of_one_customer_at_once_open_one_case(two: list[Office]) -> None:
    two[0].outside.invoices = tuple(invoice(f"in_{number}") for number in (1, 2, 3))
    for number in range(6):
        await two[0].comes(number, invoice=f"in_{number % 3 + 1}")
    await asyncio.gather(*(one.worker.idle() for one in two))
    case = await two[0].idle()
    assert set(case.joined) == {"in_1", "in_2", "in_3"}
    async with two[0].database.read() as link:
        assert (await link.execute(text("SELECT count(*) FROM cases"))).scalar() == 1


async def test_an_event_is_handled_in_the_transaction_that_marks_it(office: Office) -> None:
    await office.comes()
    [claim], _ = await office.queue.claimed({"arrival": 1})
    lost = ArrivalClaim(arrival=claim.arrival, owner="dead", attempt=1, failures=0)
    with pytest.raises(FenceMoved):
        await office.casework.arrived(lost, KEY)
    async with office.database.read() as link:
        assert (await link.execute(text("SELECT count(*) FROM cases"))).scalar() == 0
    assert await office.casework.arrived(claim, KEY) is not None
    with pytest.raises(FenceMoved):
        await office.casework.arrived(claim, KEY)


async def test_only_a_failure_opens_a_case(office: Office) -> None:
    await office.comes(type="invoice.updated", news=News.CHANGE)
    await office.comes(2, news=News.DISPUTE)
    await office.worker.idle()
    async with office.database.read() as link:
        assert (await link.execute(text("SELECT count(*) FROM cases"))).scalar() == 0


async def test_what_was_given_up_opens_nothing_when_stripe_tries_again(office: Office) -> None:
    case = await office.in_review()
    closed = await office.later(timedelta(days=29))
    assert (closed.state, closed.why) == (State.CLOSED, Why.EXHAUSTED)
    await office.comes(2)
    assert (await office.idle()).id == case.id
    await office.comes(3, invoice="in_2")
    await office.idle()
    async with office.database.read() as link:
        assert (await link.execute(text("SELECT count(*) FROM cases"))).scalar() == 2


async def test_money_that_comes_after_the_end_is_recorded(office: Office) -> None:
    await office.in_review()
    await office.later(timedelta(days=29))
    office.outside.invoices = (paid(),)
    await office.comes(2, type="invoice.paid", news=News.CHANGE)
    case = await office.idle()
    assert case.state is State.CLOSED
    assert case.facts is not None
    assert case.facts.invoices == (paid(),)


async def test_finishing_behind_a_moved_fence_is_refused_and_changes_nothing(
    office: Office,
) -> None:
    await office.comes()
    arrivals, _ = await office.queue.claimed({"arrival": 1})
    await office.casework.arrived(arrivals[0], KEY)
    _, [work] = await office.queue.claimed({"arrival": 0, "gather": 1})
    await office.queue.give_back(work, due=office.clock.now())
    facts = Facts(read_at=NOON, customer=Customer(id="cus_1", recipient=MAYA), invoices=())
    with pytest.raises(FenceMoved):
        await office.casework.reported(work.claim, FactsRead(at=office.clock.now(), facts=facts))
    assert (await office.case()).facts is None
    assert await office.rows() == [(f"gather/{work.case.id}", "ready")]


async def test_a_mail_servers_answer_is_kept_whoever_holds_the_claim(two: list[Office]) -> None:
    ada, ben = two
    await ada.in_review()
    await ada.approve()
    ada.clock.move(timedelta(seconds=31))
    [look] = await ben.timers.ring()
    looked = ben._performed(look.case, look.claim.effect, ben.clock.now())
    assert looked is not None
    sending = await ben.casework.reported(look.claim, looked)
    [hand_over] = sending.work
    assert isinstance(hand_over.claim.effect, HandOver)
    # Ben hangs; Ada sweeps, and a person is asked; then Ben's mail server answers after all.
    ada.clock.move(timedelta(minutes=3))
    unclear = await ada.idle()
    assert unclear.state is State.UNCLEAR
    assert await ada.rows("send/%") == [(hand_over.claim.effect.key, "unknown")]
    answer = Delivered(at=ben.clock.now(), revision=unclear.revision, receipt="250", recipient=MAYA)
    outcome = await ben.casework.reported(hand_over.claim, answer)
    assert (outcome.case.state, outcome.case.sent) == (State.WAITING, 1)
    assert await ada.rows("send/%") == [(hand_over.claim.effect.key, "sent")]


async def test_a_press_is_answered_by_its_card_in_the_same_transaction(office: Office) -> None:
    case = await office.in_review()
    event = Approved(at=office.clock.now(), who=ANA, revision=case.revision)
    outcome = await office.casework.happened(case.id, event, take=only_cards)
    assert [one.claim.effect for one in outcome.work] == [Show(case_id=case.id)]
    assert outcome.work[0].case == outcome.case == await office.case()


async def test_an_effect_that_nobody_takes_waits_for_who_polls(office: Office) -> None:
    case = await office.in_review()
    outcome = await office.casework.happened(case.id, Replied(at=office.clock.now()))
    assert outcome.work == ()
    assert (f"show/{case.id}/slack", "ready") in await office.rows()


async def test_closing_cancels_what_was_ready_in_the_same_transaction(migrated_url: str) -> None:
    async with offices(migrated_url, "ada", room=Room(look=0)) as [office]:
        case = await office.in_review()
        await office.approve()
        await office.later(timedelta(seconds=31))
        assert await office.rows("look/%") == [(f"look/{case.id}/1", "ready")]
        office.outside.invoices = (paid(),)
        await office.comes(2, type="invoice.paid", news=News.CHANGE)
        closed = await office.idle()
        assert (closed.state, closed.why) == (State.CLOSED, Why.RECOVERED)
        assert await office.rows("look/%") == [(f"look/{case.id}/1", "cancelled")]
        assert {state for _, state in await office.rows()} == {"done", "cancelled"}
        assert office.outside.mailed == []


async def test_an_unknown_case_is_said_to_be_unknown(office: Office) -> None:
    with pytest.raises(CaseUnknown):
        await office.casework.happened(CaseId("case_9"), Replied(at=NOON))


async def test_erasing_leaves_no_name_address_or_word_anywhere_and_the_chain_whole(
    office: Office,
) -> None:
    await office.in_review()
    await office.approve()
    await office.later(timedelta(seconds=31))
    case = await office.case()
    assert case.sent == 1
    await office.casework.happened(case.id, Erased(at=office.clock.now(), who=ANA))
    await office.comes(2, type="invoice.paid", news=News.CHANGE)
    await office.idle()
    async with office.database.read() as link:
        tables = ("cases", "journal", "journal_texts", "contacts", "addresses", "customers")
        for table in tables:
            rows = await link.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
            kept = repr([tuple(row) for row in rows])
            assert MAYA not in kept, table
            assert "Hello." not in kept, table
    assert await office.memory.journal_breaks(case.id) == []


async def test_a_reading_that_ends_after_an_erasure_brings_back_nothing_they_paid(
    office: Office,
) -> None:
    await office.comes()
    [arrival], _ = await office.queue.claimed({"arrival": 1})
    outcome = await office.casework.arrived(arrival, KEY, take=lambda _: True)
    assert outcome is not None
    [gathering] = outcome.work
    erased = Erased(at=office.clock.now(), who=ANA)
    await office.casework.happened(gathering.case.id, erased)
    facts = Facts(read_at=NOON, customer=Customer(id="cus_1", recipient=MAYA), invoices=())
    known = replace(gathering.known, paid_invoices=26, filled_at=NOON)
    event = FactsRead(at=office.clock.now(), facts=facts, known=known)
    await office.casework.reported(gathering.claim, event)
    async with office.database.read() as link:
        assert await standing.filled_at(link, KEY) is None
