"""What stands in small print under the table: time, footnotes, and what people may not do."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.case.effects import Draft, Gather, Show
from bot.case.events import (
    AnyEvent,
    Approved,
    Bounced,
    DraftAsked,
    Edited,
    News,
    Rejected,
    Replied,
    Snoozed,
    Stopped,
    TimeCame,
)
from bot.case.model import Decision, State, Why
from bot.case.policy import SendingHours
from bot.case.standing import Verdict
from tests.case.examples import (
    approved,
    by_hand,
    closed,
    drafting,
    in_review,
    sending,
    unclear,
    waiting,
)
from tests.case.life import ANA, BEN, MAYA, OWN_WORDS, SEEN, Life, invoice, paid

DAY = timedelta(days=1)
OFFICE = SendingHours(opens=time(9), closes=time(18), weekdays=frozenset(range(5)))


def test_late_money_is_recorded_but_not_once_erased() -> None:
    life = in_review().stopped().hinted()
    assert life.asks_for(Gather)
    assert life.read(paid()).case.facts == life.facts(paid())
    assert not closed().erased().hinted().effects
    assert closed().erased().read(paid()).case.facts is None


def test_nobody_answered_in_a_day_so_it_is_asked_anew_in_another_message() -> None:
    life = in_review()
    ask, revision = life.case.ask, life.case.revision
    assert life.alarm().asks_for(Gather)
    assert (life.case.ask, life.case.revision) == (ask, revision), "it may be paid by now"
    life.read()
    assert (life.case.state, life.case.ask, life.case.revision) == (
        State.IN_REVIEW,
        ask + 1,
        revision + 1,
    )
    assert life.case.wake is None
    assert life.posted().case.wake == life.at + DAY
    life.read()
    assert life.case.ask == ask + 1


def test_a_question_whose_facts_are_fresh_is_asked_anew_without_another_reading() -> None:
    life = in_review()
    ask, wake = life.case.ask, life.case.wake
    assert wake is not None
    life.at = wake - timedelta(minutes=14)
    life.read().alarm()
    assert (life.case.ask, life.asks_for(Gather), life.asks_for(Show)) == (ask + 1, False, True)


def test_what_was_paid_or_changed_meanwhile_is_not_asked_about_as_it_was() -> None:
    assert in_review().alarm().read(paid()).case.why is Why.RECOVERED
    part, ask = in_review(), in_review().case.ask
    part.alarm().read(invoice(remaining=1000))
    assert (part.case.state, part.case.ask) == (State.IN_REVIEW, ask + 1)
    more = in_review().alarm().read(invoice(), invoice("in_2"))
    assert (more.case.state, more.case.ask) == (State.DRAFTING, ask + 1)


def test_while_stripe_says_nothing_it_is_asked_again_and_people_can_still_decide() -> None:
    life = in_review()
    ask, rang = life.case.ask, life.alarm().at
    assert life.alarm().asks_for(Gather)
    assert (life.at, life.case.ask) == (rang + timedelta(minutes=15), ask)
    decided = life.approved().case
    assert (decided.state, decided.ask) == (State.APPROVED, ask)
    assert life.read().case == replace(decided, facts=life.case.facts)


def test_nobody_is_asked_again_at_a_weekend() -> None:
    life = in_review()
    life.policy = replace(life.policy, hours=OFFICE)
    life.happens(TimeCame(at=life.at, wake=life.case.wake or life.at))
    life.at = datetime(2026, 11, 27, 16, tzinfo=UTC)  # a Friday afternoon
    assert life.posted().case.wake == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_whether_a_letter_arrived_is_asked_daily_but_not_at_a_weekend() -> None:
    life = sending()
    life.policy = replace(life.policy, hours=OFFICE)
    life.at = datetime(2026, 11, 27, 16, tzinfo=UTC)
    assert life.became_unclear().case.wake == datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert life.alarm().case.wake == datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_a_question_is_not_asked_beyond_the_end_of_its_round() -> None:
    life = in_review()
    life.at = (life.case.joined_at or life.at) + 28 * DAY - timedelta(hours=3)
    life.alarm().read().posted()
    assert life.alarm().case.why is Why.EXHAUSTED
    assert life.at == (life.case.joined_at or life.at) + 28 * DAY


def test_the_next_notice_keeps_its_distance_from_one_that_was_decided_late() -> None:
    late = waiting().alarm().read().drafted().later(4 * DAY + timedelta(hours=5)).approved()
    late.alarm().looked().delivered()
    assert late.case.last_sent_at is not None
    assert late.case.wake == late.case.last_sent_at + 2 * DAY
    rejected = waiting().alarm().read().drafted().later(5 * DAY).rejected()
    assert rejected.case.wake == rejected.at + 2 * DAY


def test_the_next_notice_is_drafted_in_the_customers_daytime() -> None:
    life = sending()
    life.policy = replace(life.policy, hours=OFFICE, zone="Asia/Tokyo")
    life.delivered()  # on a Monday at 21:00 there, so Thursday, and not at night
    assert life.case.wake == datetime(2026, 11, 27, 0, tzinfo=UTC)


def test_the_day_begins_when_the_question_can_be_read() -> None:
    assert drafting().drafted().case.wake is None


def test_an_approval_runs_out_a_day_after_its_hour() -> None:
    life = approved().alarm()
    assert life.case.wake == life.case.good_until
    life.alarm()
    assert (life.case.state, life.case.approved_by, life.case.ask) == (State.IN_REVIEW, None, 2)


def test_a_bounce_of_the_letter_in_flight_counts_it_first() -> None:
    life = sending()
    life.happens(Bounced(at=life.at, address=MAYA, revision=life.case.handed))
    assert (life.case.state, life.case.why, life.case.sent) == (State.BY_HAND, Why.NO_ADDRESS, 1)
    assert MAYA in life.standing.suppressed


def test_no_draft_for_a_vip_a_dispute_or_without_an_address() -> None:
    vip = in_review().rerouted(Verdict.VIP)
    disputed = in_review().hinted(News.DISPUTE).read()
    for life in (vip, disputed, by_hand()):
        assert life.case.state is State.BY_HAND
        before = life.case
        assert life.draft_asked("please").step.refused == "not_now"
        assert life.case == before


def test_a_draft_is_asked_for_early_and_for_one_who_replied_but_not_while_held() -> None:
    assert waiting().draft_asked().asks_for(Draft)
    life = in_review()
    life.happens(Replied(at=life.at))
    assert life.case.why is Why.REPLIED
    assert life.draft_asked().asks_for(Draft)
    assert in_review().held().draft_asked().step.refused == "not_now"


def test_three_new_drafts_a_notice_and_no_fifth_letter() -> None:
    life = in_review()
    for _ in range(3):
        assert life.draft_asked("again").drafted().step.refused is None
    assert life.draft_asked("again").step.refused == "no_more_drafts"
    for _ in range(4):
        life.approved().alarm().looked().delivered()
        if life.case.notice <= 4:
            life.alarm().read().drafted()
    assert (life.case.why, life.case.sent) == (Why.END, 4)
    assert life.draft_asked().step.refused == "no_more_drafts"


def test_a_snooze_takes_a_case_out_of_somebodys_hands_and_back() -> None:
    life = by_hand().snoozed(DAY)
    assert (life.case.state, life.case.why) == (State.WAITING, Why.SNOOZED)
    assert life.alarm().read(recipient=None).case.state is State.BY_HAND


def test_who_snoozes_an_answered_case_has_read_the_answer() -> None:
    life = in_review()
    life.happens(Replied(at=life.at)).snoozed(DAY).alarm().read()
    assert life.case.state is State.IN_REVIEW


def test_a_wait_for_stripes_retry_ends_when_the_retry_moves() -> None:
    retry = in_review().at + 3 * DAY
    life = Life().failed().read(invoice(next_attempt=retry)).drafted().posted()
    life.snoozed(3 * DAY, retry=retry)
    assert life.read(invoice(next_attempt=retry)).case.why is Why.SNOOZED
    life.read(invoice(next_attempt=retry + DAY))
    assert (life.case.state, life.case.not_before) == (State.IN_REVIEW, None)


def test_a_press_on_words_or_facts_that_changed_is_stale() -> None:
    life = in_review()
    old = life.case.revision
    life.hinted().read(invoice(remaining=1))
    life.happens(Approved(at=life.at, who=ANA, revision=old, seen=SEEN))
    assert (life.case.state, life.step.refused) == (State.IN_REVIEW, "stale")


def test_what_was_seen_is_kept_as_long_as_the_approval() -> None:
    assert in_review().approved().case.seen == SEEN
    assert sending().not_sent().case.seen == SEEN
    assert unclear().settled(arrived=False).case.seen == SEEN
    assert in_review().approved().undone().case.seen is None
    assert sending().delivered().case.seen is None


def test_an_edit_is_a_new_revision_and_may_approve_itself() -> None:
    for approve, state in ((False, State.IN_REVIEW), (True, State.APPROVED)):
        life = in_review()
        old = life.case.revision
        life.happens(Edited(at=life.at, who=BEN, revision=old, letter=OWN_WORDS, approve=approve))
        assert (life.case.state, life.case.revision) == (state, old + 1)
        assert life.case.letter == replace(OWN_WORDS, edited_by=BEN)


def test_who_decided_what_and_their_note_are_kept_for_the_card() -> None:
    def told(event: AnyEvent) -> tuple[object, ...]:
        case = in_review().happens(event).case
        return case.decision, case.decided_by, case.decided_note

    life = in_review()
    at, revision = life.at, life.case.revision
    fields: dict[str, Any] = {"at": at, "who": BEN, "revision": revision, "note": "soon"}
    assert told(Rejected(**fields)) == (Decision.REJECTED, BEN, "soon")
    assert told(Rejected(**fields, calls=True)) == (Decision.CALLS, BEN, "soon")
    assert told(Snoozed(**fields, until=at + DAY)) == (Decision.EARLY, BEN, "soon")
    assert told(Stopped(**fields, answers=True)) == (Decision.STOPPED, BEN, "soon")
    assert told(DraftAsked(**fields)) == (Decision.ANEW, BEN, "soon")


def test_an_answer_to_a_letter_comes_too_late_once_somebody_else_decided() -> None:
    for somebody_approved, why in ((True, "already_decided"), (False, "stale")):
        life = in_review()
        revision = life.case.revision
        life = life.approved() if somebody_approved else life.rejected()
        before = life.case
        fields: dict[str, Any] = {"at": life.at, "who": BEN, "revision": revision}
        for event in (
            Snoozed(**fields, until=life.at + DAY),
            Stopped(**fields, answers=True),
            DraftAsked(**fields, answers=True),
        ):
            assert life.happens(event).step.refused == why
            assert life.case == before


def test_a_rejected_notice_is_skipped_and_the_cadence_goes_on() -> None:
    life = in_review().rejected()
    assert (life.case.notice, life.case.sent) == (2, 0)
    assert life.case.wake == life.at + 3 * DAY


def test_an_approval_that_was_undone_does_not_start_the_cadence() -> None:
    life = in_review().approved().undone().later(5 * DAY).read().approved()
    decided = life.at
    life.alarm().looked().delivered()
    assert life.case.wake == decided + 3 * DAY
