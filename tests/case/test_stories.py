"""The ten stories that the machine was designed with, and the whole way of a letter."""

from dataclasses import replace
from datetime import timedelta

from bot.case.effects import Draft, Gather, HandOver, Look
from bot.case.events import Delivered, FactsRead, Looked
from bot.case.ids import InvoiceId
from bot.case.model import State, Why
from bot.case.money import Money
from bot.case.standing import Verdict
from tests.case.examples import VIPS, approved, drafting, in_review, sending, unclear, waiting
from tests.case.life import ANA, BEN, MAYA, Life, invoice, paid

DAY = timedelta(days=1)


def test_an_expired_card_is_written_about_approved_and_followed_up_after_three_days() -> None:
    life = Life().failed()
    assert life.asks_for(Gather)
    assert life.read().asks_for(Draft)
    assert life.case.state is State.DRAFTING
    assert life.drafted().case.state is State.IN_REVIEW
    assert life.posted().case.wake == life.at + DAY
    assert life.approved().case.send_at == life.at + timedelta(seconds=30)
    decided = life.at
    assert life.alarm().asks_for(Look)
    assert life.looked().asks_for(HandOver)
    assert life.case.state is State.SENDING
    assert life.delivered().case.state is State.WAITING
    assert (life.case.why, life.case.wake) == (Why.NEXT_NOTICE, decided + 3 * DAY)
    assert (life.case.sent, life.case.notice) == (1, 2)


def test_a_second_invoice_in_review_gets_new_words_and_the_old_press_is_refused() -> None:
    life = in_review()
    old, ask = life.case.revision, life.case.ask
    life.failed("in_2").read(invoice(), invoice("in_2"))
    assert life.case.state is State.DRAFTING
    life.drafted()
    assert (life.case.state, life.case.ask) == (State.IN_REVIEW, ask)
    assert life.case.revision > old
    assert life.case.basis is not None
    assert [one.id for one in life.case.basis.invoices] == ["in_1", "in_2"]


def test_a_partial_payment_after_approval_asks_again_with_the_same_words() -> None:
    life = approved()
    words, revision = life.case.letter, life.case.revision
    life.hinted().read(invoice(remaining=2000))
    assert (life.case.state, life.case.revision) == (State.IN_REVIEW, revision + 1)
    assert life.case.letter == words
    assert life.case.basis is not None
    assert life.case.basis.invoices[0].remaining == Money(minor=2000, currency="eur")
    assert not life.asks_for(Draft)


def test_paid_while_sending_the_case_is_closed_and_the_delivery_only_counts() -> None:
    life = sending().hinted().read(paid())
    assert (life.case.state, life.case.why) == (State.CLOSED, Why.RECOVERED)
    life.delivered()
    assert (life.case.state, life.case.sent, life.case.handed) == (State.CLOSED, 1, None)
    assert (life.case.last_sent_to, life.case.last_approved_by) == (MAYA, ANA)


def test_undone_and_approved_again_during_a_look_the_old_look_sends_nothing() -> None:
    life = approved().alarm()
    old = Looked(at=life.at, revision=life.case.revision, facts=life.facts())
    life.undone().approved(BEN).happens(old)
    assert (life.case.state, life.case.approved_by) == (State.APPROVED, BEN)
    assert not life.asks_for(HandOver)


def test_a_crash_in_the_hand_over_is_settled_by_a_person_under_the_same_message_id() -> None:
    life = sending()
    first = life.effects
    life.became_unclear().posted().settled(arrived=False)
    assert (life.case.state, life.case.approved_by) == (State.APPROVED, ANA)
    life.alarm().looked()
    assert [one.key for one in life.effects] == [one.key for one in first]


def test_a_letter_that_did_arrive_after_all_is_not_sent_twice() -> None:
    life = unclear().settled(arrived=False)
    life.delivered()
    assert (life.case.state, life.case.sent) == (State.WAITING, 1)
    assert [one.address for one in life.standing.contacts] == [MAYA]


def test_a_vip_paid_down_below_the_limit_stays_by_hand_until_a_person_overrules() -> None:
    life = Life(VIPS).failed().read(invoice(total=50_000, remaining=50_000))
    assert (life.case.state, life.case.why) == (State.BY_HAND, Why.VIP)
    life.hinted().read(invoice(total=100, remaining=100))
    assert (life.case.state, life.case.why, life.case.vip) == (State.BY_HAND, Why.VIP, True)
    life.rerouted(Verdict.STANDARD)
    assert life.case.state is State.DRAFTING
    assert life.standing.override is Verdict.STANDARD


def test_made_a_vip_while_sending_the_case_is_by_hand_after_the_delivery() -> None:
    life = sending().rerouted(Verdict.VIP)
    assert life.case.state is State.SENDING
    life.delivered()
    assert (life.case.state, life.case.why) == (State.BY_HAND, Why.VIP)


def test_four_letters_unanswered_end_on_day_28_and_the_next_month_is_a_new_case() -> None:
    life = Life().failed()
    joined = life.at
    life.read()
    for _ in range(4):
        life.drafted().posted().approved().alarm().looked().delivered()
        assert life.case.wake is not None
        life.alarm().read()
    assert (life.case.state, life.case.why) == (State.CLOSED, Why.EXHAUSTED)
    assert timedelta(0) <= life.at - (joined + 28 * DAY) < timedelta(seconds=10)
    assert life.case.sent == 4
    assert life.standing.muted == {InvoiceId("in_1")}
    later = Life(standing=life.standing).failed("in_2").read(invoice(), invoice("in_2"))
    assert later.case.state is State.DRAFTING
    assert [one.id for one in later.drafted().case.basis.invoices] == ["in_2"]  # type: ignore[union-attr]


def test_a_reading_that_says_paid_but_began_before_a_hint_ends_nothing() -> None:
    life = drafting().later(DAY)
    began = life.facts(paid())
    life.failed("in_2").happens(Looked(at=life.at, revision=life.case.revision, facts=began))
    assert (life.case.state, life.case.why) == (State.WAITING, Why.FACTS)
    assert life.asks_for(Gather)
    life.read(paid(), invoice("in_2"))
    assert life.case.state is State.DRAFTING


def test_late_news_of_something_paid_is_closed_without_a_card() -> None:
    life = Life().failed().read(paid())
    assert (life.case.state, life.case.why, life.case.ask) == (
        State.CLOSED,
        Why.NOTHING_OWED,
        0,
    )
    assert life.effects == ()


def test_a_delivery_told_twice_counts_once() -> None:
    life = sending()
    told = Delivered(at=life.at, revision=life.case.revision, receipt="250", recipient=MAYA)
    life.happens(told).happens(told)
    assert (life.case.sent, life.case.notice) == (1, 2)


def test_an_older_reading_that_comes_late_changes_nothing() -> None:
    life = in_review().later(DAY)
    old = FactsRead(at=life.at, facts=life.facts(invoice(remaining=1)))
    life.later(DAY).read(invoice(remaining=2))
    before = life.case
    life.happens(replace(old, at=life.at))
    assert life.case == before


def test_an_invoice_that_joins_between_two_notices_begins_a_new_round() -> None:
    life = waiting()
    assert (life.case.sent, life.case.notice) == (1, 2)
    life.failed("in_2").read(invoice(), invoice("in_2"))
    assert (life.case.state, life.case.sent, life.case.notice) == (State.DRAFTING, 0, 1)
    life.drafted().approved().alarm().looked(invoice(), invoice("in_2"))
    assert life.case.state is State.APPROVED, "within the budget of the customer"
