"""Waiting for Stripe's own next try: before the first letter, and because a person asked for it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.case.cadence import RETRY_TAKES
from bot.case.effects import Draft, Gather
from bot.case.facts import Decline, Invoice, Payment
from bot.case.model import State, Why
from bot.case.retries import LONGEST
from tests.case.life import NOON, POLICY, Life, invoice, paid

DAY = timedelta(days=1)
RETRY = NOON + DAY
AFTER_RETRY = replace(POLICY, after_retry=True)


def soft(number: str = "in_1", next_attempt: datetime | None = RETRY, **more: Any) -> Invoice:
    code = more.pop("code", "insufficient_funds")
    payment = Payment(decline=Decline(code="card_declined", decline_code=code))
    return invoice(number, next_attempt=next_attempt, payment=payment, **more)


def waiting(*invoices: Invoice) -> Life:
    """The line about Stripe's retry stands in Slack."""
    return Life(AFTER_RETRY).failed().read(*(invoices or (soft(),))).posted()


def lets_stripe_try(life: Life) -> bool:
    return (life.case.state, life.case.why) == (State.WAITING, Why.FIRST_RETRY)


def test_a_soft_decline_that_stripe_tries_again_gives_a_line_and_no_letter_yet() -> None:
    for code in ("insufficient_funds", "do_not_honor"):
        life = waiting(soft(code=code))
        assert lets_stripe_try(life)
        assert (life.case.ask, life.case.revision) == (1, 0)
        assert life.case.wake == RETRY + RETRY_TAKES


@pytest.mark.parametrize(
    "one",
    [soft(next_attempt=None), soft(code="expired_card"), soft(code="stolen_card"), invoice()],
)
def test_what_only_the_customer_can_mend_or_nobody_tries_again_is_written_about_at_once(
    one: Invoice,
) -> None:
    assert Life(AFTER_RETRY).failed().read(one).asks_for(Draft)


def test_without_the_setting_a_soft_decline_is_written_about_at_once() -> None:
    assert Life(POLICY).failed().read(soft()).asks_for(Draft)


def test_a_retry_that_failed_brings_the_letter_in_a_new_message() -> None:
    life = waiting().later(DAY).hinted().read(soft(attempt=2, next_attempt=RETRY + 3 * DAY))
    assert life.asks_for(Draft)
    assert (life.drafted().case.state, life.case.ask) == (State.IN_REVIEW, 2)


def test_a_retry_that_succeeded_ends_it_without_a_letter() -> None:
    life = waiting().later(DAY).hinted().read(paid())
    assert (life.case.why, life.case.revision) == (Why.RECOVERED, 0)


def test_a_retry_that_was_moved_is_waited_for_but_no_longer_than_three_days() -> None:
    life = waiting().hinted().read(soft(next_attempt=RETRY + DAY))
    assert lets_stripe_try(life)
    assert life.case.wake == RETRY + DAY + RETRY_TAKES
    life.hinted().read(soft(next_attempt=RETRY + 9 * DAY))
    assert life.case.joined_at is not None
    assert life.case.wake == life.case.joined_at + LONGEST
    assert life.alarm().asks_for(Gather)
    assert life.read(soft(next_attempt=RETRY + 9 * DAY)).asks_for(Draft)


def test_a_retry_of_which_no_news_comes_is_waited_for_an_hour_longer() -> None:
    life = waiting()
    life.at = RETRY + timedelta(minutes=5)
    assert lets_stripe_try(life.hinted().read(soft()))
    assert life.alarm().read(soft()).asks_for(Draft)


def test_write_now_ends_the_wait_in_the_same_message() -> None:
    life = waiting()
    assert life.draft_asked().asks_for(Draft)
    assert (life.case.ask, life.drafted().case.state) == (1, State.IN_REVIEW)


def test_after_the_letter_was_asked_for_stripe_is_not_let_first_again() -> None:
    life = waiting().draft_asked().drafted().posted().snoozed(timedelta(hours=2)).alarm()
    assert life.read(soft()).case.state is State.IN_REVIEW
    held = waiting().held().released()
    assert (lets_stripe_try(held), held.case.ask) == (True, 1)


def test_an_invoice_that_joins_starts_the_wait_anew_in_the_same_line() -> None:
    second = soft("in_2", RETRY + timedelta(hours=5))
    life = waiting().later(timedelta(hours=20)).failed("in_2").read(soft(), second)
    assert (lets_stripe_try(life), life.case.ask) == (True, 1)
    assert life.read(soft(attempt=2), second).asks_for(Draft)


def test_later_notices_never_wait_first() -> None:
    life = waiting().draft_asked().drafted().approved().alarm().looked(soft()).delivered().alarm()
    assert life.read(soft(next_attempt=life.at + DAY)).asks_for(Draft)


def test_a_persons_wait_ends_when_the_retry_failed_though_its_plan_still_stands() -> None:
    life = Life().failed().read(soft()).drafted().posted().wait_asked()
    assert life.case.why is Why.SNOOZED
    assert life.read(soft()).case.why is Why.SNOOZED
    assert life.read(soft(attempt=2)).case.state is State.IN_REVIEW
