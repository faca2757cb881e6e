"""When a letter leaves, what becomes of it, and what is remembered and forgotten."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.case.effects import HandOver, Look
from bot.case.events import Hurried, Looked
from bot.case.machine import step
from bot.case.model import State, Why
from bot.case.policy import SendingHours
from bot.case.standing import Contact, Standing, Verdict
from tests.case.examples import REACHED, approved, in_review, sending, unclear
from tests.case.life import ANA, MAYA, POLICY, Life, invoice

DAY = timedelta(days=1)
OFFICE = SendingHours(opens=time(9), closes=time(18), weekdays=frozenset(range(5)))


def test_outside_the_customers_hours_a_letter_waits_unless_it_is_hurried() -> None:
    office = replace(POLICY, hours=OFFICE)
    for hurry in (False, True):
        life = Life(office).failed().read(zone="Asia/Tokyo").drafted().approved()
        assert life.case.send_at is not None
        assert life.case.send_at - life.at > timedelta(hours=2)
        if hurry:
            life.happens(Hurried(at=life.at, who=ANA, revision=life.case.revision))
            assert life.case.send_at == life.at + POLICY.undo
            assert life.alarm().looked(zone="Asia/Tokyo").asks_for(HandOver)


def test_the_budget_of_an_address_holds_over_everything() -> None:
    other = Contact(key="send/other/1", address=MAYA, at=in_review().at - timedelta(hours=1))
    life = Life(standing=Standing(contacts=(other,))).failed().read().drafted().approved()
    life.happens(Hurried(at=life.at, who=ANA, revision=life.case.revision))
    assert life.step.refused == "over_budget"
    life.alarm().looked()
    assert (life.case.state, life.case.over_budget) == (State.APPROVED, True)
    assert life.case.send_at == other.at + POLICY.budget
    life.happens(Hurried(at=life.at, who=ANA, revision=life.case.revision))
    assert life.step.refused == "over_budget"
    assert life.alarm().looked().asks_for(HandOver)
    assert not life.case.over_budget


def test_a_letter_that_waits_for_the_morning_only_is_not_over_its_budget() -> None:
    life = Life(replace(POLICY, hours=OFFICE)).failed().read().drafted().approved()
    life.later(timedelta(hours=9)).looked()
    assert (life.case.state, life.case.over_budget) == (State.APPROVED, False)


def test_a_last_look_older_than_ten_seconds_or_than_a_hint_is_repeated() -> None:
    life = approved().alarm()
    old = Looked(
        at=life.at + timedelta(seconds=11), revision=life.case.revision, facts=life.facts()
    )
    life.happens(old)
    assert (life.case.state, life.asks_for(Look)) == (State.APPROVED, True)
    life = approved().alarm()
    facts = life.later(timedelta(seconds=1)).facts()
    life.hinted().happens(Looked(at=life.at, revision=life.case.revision, facts=facts))
    assert (life.case.state, life.asks_for(Look)) == (State.APPROVED, True)


def test_what_did_not_leave_waits_longer_each_time_and_uses_up_no_budget() -> None:
    life = sending().not_sent()
    assert (life.case.state, life.case.wake) == (State.APPROVED, life.at + timedelta(minutes=1))
    assert life.standing.contacts == ()
    life.alarm().looked().not_sent()
    assert life.case.wake == life.at + timedelta(minutes=2)


@pytest.mark.parametrize("trouble", ["held", "vip", "snoozed"])
def test_what_happened_in_flight_counts_once_the_letter_is_back(trouble: str) -> None:
    life = sending()
    if trouble == "held":
        life.held()
    elif trouble == "vip":
        life.rerouted(Verdict.VIP)
    else:
        life.snoozed(DAY)
    assert life.case.state is State.SENDING
    life.not_sent()
    assert life.case.state in {State.WAITING, State.BY_HAND}
    assert life.case.approved_by is None


def test_an_address_that_refused_for_good_is_not_written_to_again() -> None:
    life = sending().not_sent(permanent=True)
    assert (life.case.state, life.case.why) == (State.BY_HAND, Why.NO_ADDRESS)
    assert life.standing.suppressed == {MAYA}


def test_a_test_address_that_refused_is_not_the_customers() -> None:
    life = Life(replace(POLICY, test_recipient="test@example.com"))
    life.case = replace(life.case, key=replace(life.case.key, livemode=False))
    life.failed().read().drafted().approved().alarm().looked().not_sent(permanent=True)
    assert life.standing.suppressed == {"test@example.com"}
    assert (life.case.state, life.case.why) == (State.BY_HAND, Why.NO_ADDRESS)


def test_an_override_is_a_reason_of_its_own() -> None:
    life = in_review().rerouted(Verdict.VIP)
    assert [(one.because, one.name) for one in life.case.reasons] == [("override", ANA)]


def test_an_invoice_unticked_is_muted_and_ticked_again_it_is_not() -> None:
    life = Life().failed().failed("in_2").read(invoice(), invoice("in_2")).drafted()
    life.ticked("in_2").drafted()
    assert life.standing.muted == {"in_2"}
    assert life.case.basis is not None
    assert [one.id for one in life.case.basis.invoices] == ["in_1"]
    assert life.ticked().standing.muted == frozenset()
    assert life.ticked("in_1", "in_2").case.why is Why.STOPPED


def test_a_muted_invoice_that_fails_again_prolongs_no_round() -> None:
    life = Life(standing=Standing(muted=frozenset({invoice("in_9").id}))).failed().read()
    joined_at = life.case.joined_at
    assert life.later(DAY).failed("in_9").case.joined_at == joined_at


def test_stopped_before_it_was_read_nothing_is_written_about_it_ever() -> None:
    life = Life().failed().stopped()
    assert life.standing.muted == {"in_1"}


def test_erased_it_keeps_ids_amounts_and_times_and_no_word_name_or_address() -> None:
    for reach in REACHED.values():
        case = reach().erased().case
        assert (case.state, case.why) == (State.CLOSED, Why.ERASED)
        kept = repr(case)
        assert "Maya" not in kept
        assert MAYA not in kept
        assert "Hello" not in kept
        assert case.joined == ("in_1",)


def test_a_delivery_that_is_told_after_an_erasure_brings_no_address_back() -> None:
    life = sending().erased().delivered()
    assert (life.case.sent, life.case.last_sent_to) == (1, None)


def test_an_unclear_letter_is_asked_about_every_day() -> None:
    life = unclear()
    ask = life.case.ask
    life.alarm()
    assert (life.case.state, life.case.ask) == (State.UNCLEAR, ask + 1)
    assert life.case.wake == life.at + DAY


def test_a_follow_up_due_after_the_end_of_the_round_is_not_waited_for() -> None:
    life = in_review()
    for _ in range(26):
        life.alarm().read().posted()
    life.approved().alarm().looked().delivered()
    assert (life.case.why, life.case.wake) == (Why.END, (life.case.joined_at or life.at) + 28 * DAY)


def test_the_machine_answers_the_same_for_the_same() -> None:
    life = approved()
    look = Looked(at=life.at, revision=life.case.revision, facts=life.facts())
    once = step(life.case, look, life.standing, life.policy)
    assert step(life.case, look, life.standing, life.policy) == once


def test_while_paused_a_last_look_sends_nothing_and_is_repeated() -> None:
    life = approved().alarm()
    life.policy = replace(POLICY, paused=True)
    life.looked()
    assert (life.case.state, life.asks_for(Look)) == (State.APPROVED, True)


def test_a_letter_that_nobody_approved_yet_can_not_be_hurried() -> None:
    life = in_review()
    life.happens(Hurried(at=life.at, who=ANA, revision=life.case.revision))
    assert (life.case.state, life.step.refused) == (State.IN_REVIEW, "not_approved")
