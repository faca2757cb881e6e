"""What a closed case forgets when its words have had their time, and what stays and counts."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from bot.case.credit import Credit, figures
from bot.case.effects import Gather, Show
from bot.case.events import Bounced, Delivered, Owned
from bot.case.facts import Card, Decline, Payment, Subscription
from bot.case.finding import terms
from bot.case.machine import wanted
from bot.case.model import Case, State, Why
from bot.case.standing import Verdict
from tests.case.examples import REACHED, VIPS, in_review, sending, waiting
from tests.case.life import ANA, MAYA, OWN_WORDS, Life, invoice, paid

AFTER = timedelta(days=181)
# What somebody wrote or is called, in every field of a case that can hold it.
CANARY = "Canary"
NAMED = {
    "name": f"{CANARY} Bird",
    "first_name": CANARY,
    "email": f"{CANARY}@example.com",
    "recipient": f"{CANARY}@example.com",
    "country": f"{CANARY}",
    "manager": f"{CANARY}",
    "metadata": (("tier", CANARY),),
}
TOLD = replace(
    invoice(),
    number=f"{CANARY}-1",
    payment=Payment(
        decline=Decline(code=f"{CANARY}_declined"), card=Card(brand=CANARY, last_four="4242")
    ),
    subscription=Subscription(id=f"sub_{CANARY}", status="active", plan=f"{CANARY} plan"),
)
WORDS = replace(OWN_WORDS, subject=CANARY, body=f"Dear {CANARY}. {{amount}} {{pay_link}}")


def by_a_letter() -> Life:
    """A person's own words left, and nobody paid."""
    return _sent().stopped()


def _sent() -> Life:
    life = Life().failed().read(TOLD, **NAMED).drafted(WORDS).posted().approved().posted()
    life.alarm().looked(TOLD, **NAMED)
    event = Delivered(
        at=life.at, revision=life.case.handed or 0, receipt="250", recipient=f"{CANARY}@example.com"
    )
    return life.happens(event)


def recovered() -> Life:
    return _sent().hinted().read(replace(TOLD, remaining=0, paid=4900, status=paid().status))


def handed_to_somebody() -> Life:
    life = Life(VIPS).failed().read(replace(TOLD, total=50_000, remaining=50_000), **NAMED)
    life.posted().happens(Owned(at=life.at, who=ANA, owner="U_TOM", note=CANARY))
    return life.stopped()


CLOSED: tuple[Callable[[], Life], ...] = (by_a_letter, recovered, handed_to_somebody)


@pytest.mark.parametrize("closed", CLOSED)
def test_words_and_names_are_gone_from_every_field_and_what_was_counted_stays(
    closed: Callable[[], Life],
) -> None:
    before = closed().later(AFTER)
    was, counted = before.case, figures(before.case)
    assert CANARY in str(asdict(was)), "there was something to forget"
    case = before.forgotten().case
    assert CANARY not in str(asdict(case))
    assert (case.state, case.why, case.forgotten_at) == (State.CLOSED, was.why, before.at)
    assert figures(case) == counted is not None
    assert terms(case) == frozenset()
    assert not before.effects, "Slack's messages stay as they are"


def test_an_open_case_keeps_everything() -> None:
    for state in set(State) - {State.CLOSED}:
        life = REACHED[state]()
        assert life.case == life.forgotten().case


def test_money_that_comes_after_that_is_counted_and_brings_no_name_back() -> None:
    life = by_a_letter().later(AFTER).forgotten().hinted()
    assert life.asks_for(Gather)
    assert not life.asks_for(Show)
    came = replace(TOLD, remaining=0, paid=4900, status=paid().status)
    case = life.read(came, **NAMED).case
    counted = figures(case)
    assert counted is not None
    assert counted.credit is Credit.PERSON, "their own words had left before"
    assert [(one.minor, one.currency) for one in counted.back] == [(4900, "eur")]
    assert CANARY not in str(asdict(case))
    assert not life.effects


def test_a_letter_in_flight_at_the_end_is_counted_without_its_address() -> None:
    for event in (
        lambda life: Delivered(
            at=life.at, revision=life.case.handed, receipt="250", recipient=MAYA
        ),
        lambda life: Bounced(at=life.at, revision=life.case.handed, address=MAYA),
    ):
        life = sending().stopped().later(AFTER).forgotten()
        case = life.happens(event(life)).case
        assert (case.sent, case.last_sent_to) == (1, None)
        assert not life.effects


def test_an_erased_case_is_only_marked_and_a_forgotten_one_can_be_erased() -> None:
    life = in_review().erased().later(AFTER)
    before: Case = life.case
    assert life.forgotten().case == replace(before, forgotten_at=life.at)
    assert not life.effects
    life = waiting().stopped().later(AFTER).forgotten().erased()
    assert (life.case.why, life.case.facts, life.case.earlier) == (Why.ERASED, None, ())
    assert life.asks_for(Show), "its card in Slack still has the words"
    assert wanted(life.case, Show(case_id=life.case.id))


def test_nothing_is_drawn_anew_of_what_was_forgotten() -> None:
    life = waiting().stopped().later(AFTER)
    drawing = Show(case_id=life.case.id)
    assert wanted(life.case, drawing)
    assert not wanted(life.forgotten().case, drawing)


def test_what_outlives_a_case_outlives_its_words() -> None:
    life = waiting().rerouted(Verdict.VIP).stopped().later(AFTER)
    before = life.standing
    assert life.forgotten().standing == before
    assert before.muted
