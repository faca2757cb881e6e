"""What brought the money back, and what the statistics count of a case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case.credit import Credit, Ended, Figures, credited, figures
from bot.case.facts import Customer, Facts, Invoice, InvoiceStatus
from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.model import Case, Decision, State, Why
from bot.case.money import Money
from tests.case.life import ANA, NOON, OWN_WORDS, WORDS, invoice, paid

HOUR = timedelta(hours=1)
EUR = (Money(minor=4900, currency="eur"),)


def facts(*invoices: Invoice, read_at: timedelta = HOUR) -> Facts:
    return Facts(read_at=NOON + read_at, customer=Customer(id="cus_1"), invoices=invoices)


WAITING = Case(
    id=CaseId("case_1"),
    key=CustomerKey(account="", livemode=True, customer="cus_1"),
    opened_at=NOON,
    facts=facts(invoice()),
    counted=(InvoiceId("in_1"),),
    ever_owed=True,
    opening=EUR,
)
PAID = replace(
    WAITING,
    state=State.CLOSED,
    why=Why.RECOVERED,
    closed_at=NOON + HOUR,
    facts=facts(paid()),
)


def given_up(why: Why, **fields: object) -> Case:
    """Closed an hour after noon, and paid an hour later."""
    late = facts(paid(), read_at=2 * HOUR)
    return replace(PAID, why=why, facts=late, **fields)  # type: ignore[arg-type]


def written(case: Case, *, at: timedelta = HOUR / 2) -> Case:
    """With one letter that left so long after noon."""
    return replace(case, earlier=(WORDS,), sent=1, last_sent_at=NOON + at)


SENT = written(PAID)
LATE = written(PAID, at=2 * HOUR)


@pytest.mark.parametrize(
    ("told", "case", "credit"),
    [
        ("open", written(WAITING), None),
        ("nobody did anything", PAID, Credit.RETRY),
        ("a letter was waiting for a reviewer", replace(PAID, letter=WORDS), Credit.RETRY),
        ("a letter had left", SENT, Credit.LETTER),
        ("the letter left after the payment", LATE, Credit.RETRY),
        ("the second letter left after it", replace(LATE, earlier=(WORDS, WORDS)),
         Credit.LETTER),
        ("somebody took it", replace(PAID, taken_by=ANA), Credit.PERSON),
        ("somebody called, and a letter had left", replace(SENT, contacted_by=ANA), Credit.PERSON),
        ("it was rejected, to call", replace(PAID, decision=Decision.CALLS), Credit.PERSON),
        ("it was rejected", replace(PAID, decision=Decision.REJECTED), Credit.RETRY),
        ("somebody approved it", replace(SENT, last_approved_by=ANA), Credit.LETTER),
        ("the words were a person's", replace(SENT, earlier=(OWN_WORDS,)), Credit.PERSON),
        ("those words left too late", replace(LATE, earlier=(OWN_WORDS,)),
         Credit.RETRY),
        ("it was given up, and paid since", written(given_up(Why.EXHAUSTED)), Credit.LETTER),
        ("stopped, and paid since", given_up(Why.STOPPED), Credit.RETRY),
        ("the letter in flight left before that", written(given_up(Why.STOPPED), at=1.5 * HOUR),
         Credit.LETTER),
        ("exhausted", replace(PAID, why=Why.EXHAUSTED, facts=facts(invoice())), None),
        ("voided", replace(PAID, why=Why.VOIDED), None),
        ("erased", replace(PAID, why=Why.ERASED, facts=None), None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_strongest_that_came_before_the_payment_is_credited(
    told: str, case: Case, credit: Credit | None
) -> None:
    assert credited(case) is credit, told


def test_an_open_case_counts_with_what_it_still_owes() -> None:
    part = replace(WAITING, facts=facts(invoice(remaining=1200)))
    owed = (Money(minor=1200, currency="eur"),)
    counted = Figures(ended=Ended.OPEN, credit=None, at_failure=EUR, back=(), owed=owed)
    assert figures(part) == counted


def test_what_nobody_is_asked_for_is_not_owed_to_it() -> None:
    left_out = replace(WAITING, unticked=frozenset({InvoiceId("in_1")}))
    another = replace(WAITING, facts=facts(invoice("in_2")))
    for case in (left_out, another):
        counted = figures(case)
        assert counted is not None
        assert counted.owed == ()


def test_what_came_back_is_what_was_paid_on_its_invoices_in_each_currency() -> None:
    yen = replace(paid("in_2"), currency="jpy", paid=700)
    void = replace(invoice("in_3"), status=InvoiceStatus.VOID)
    others = paid("in_4")
    ours = tuple(InvoiceId(one) for one in ("in_1", "in_2", "in_3"))
    opening = (*EUR, Money(minor=700, currency="jpy"))
    case = replace(PAID, counted=ours, facts=facts(paid(), yen, void, others), opening=opening)
    counted = figures(case)
    assert counted is not None
    assert (counted.ended, counted.credit, counted.owed) == (Ended.RECOVERED, Credit.RETRY, ())
    assert counted.back == (*EUR, Money(minor=700, currency="jpy"))


@pytest.mark.parametrize(
    "why", [Why.VOIDED, Why.WRITTEN_OFF, Why.SUBSCRIPTION_ENDED, Why.CUSTOMER_GONE, Why.EXHAUSTED]
)
def test_a_case_that_ends_otherwise_is_lost_also_when_a_part_was_paid(why: Why) -> None:
    part = facts(invoice(remaining=1200))
    lost = Figures(ended=Ended.LOST, credit=None, at_failure=EUR, back=(), owed=())
    assert figures(replace(PAID, why=why, facts=part)) == lost


def test_late_money_counts_for_a_case_that_was_given_up() -> None:
    counted = figures(given_up(Why.EXHAUSTED))
    assert counted is not None
    assert (counted.ended, counted.back) == (Ended.RECOVERED, EUR)


def test_a_case_that_never_was_about_money_is_not_counted() -> None:
    assert figures(replace(WAITING, ever_owed=False)) is None


def test_no_more_comes_back_than_had_failed() -> None:
    whole = paid()
    before = replace(PAID, opening=(Money(minor=2000, currency="eur"),), facts=facts(whole))
    counted = figures(before)
    assert counted is not None
    assert counted.back == counted.at_failure == (Money(minor=2000, currency="eur"),)
