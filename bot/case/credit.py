"""What brought the money back, and what a case is worth in the statistics.

The definition, in full: docs/glossary.md, *The statistics*.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.case.facts import Invoice, InvoiceStatus
from bot.case.letter import Author, Letter
from bot.case.model import Case, Decision, Why
from bot.case.money import Money, totals

# What was not paid when these ended may be paid later; what was voided or written off can't be.
GIVEN_UP = frozenset({Why.EXHAUSTED, Why.STOPPED, Why.SUBSCRIPTION_ENDED})


class Credit(StrEnum):
    """What came before the money did."""

    RETRY = "retry"  # Stripe's next try, or the customer by themselves
    LETTER = "letter"
    PERSON = "person"


class Ended(StrEnum):
    """How a case that was about money stands."""

    OPEN = "open"
    RECOVERED = "recovered"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A case's part in the statistics: what failed, what came back, what is still owed."""

    ended: Ended
    credit: Credit | None
    at_failure: tuple[Money, ...]
    back: tuple[Money, ...]
    owed: tuple[Money, ...]


def paid_since(case: Case) -> bool:
    """Whether a case that was given up was paid all the same, as late news of it says."""
    invoices = case.facts.invoices if case.facts else ()
    paid = bool(invoices) and all(one.status is InvoiceStatus.PAID for one in invoices)
    return paid and case.why in GIVEN_UP


def credited(case: Case) -> Credit | None:
    """What brought a case's money back; None while it has not come back.

    A person before a letter, a letter before a retry: the strongest that came before the payment.
    """
    if case.why is not Why.RECOVERED and not paid_since(case):
        return None
    if by_person(case):
        return Credit.PERSON
    return Credit.LETTER if delivered_in_time(case) else Credit.RETRY


def by_person(case: Case) -> bool:
    """Whether a person took the customer on, called, or wrote a letter's words themselves.

    A letter that a person only approved is a letter.
    """
    calls = case.decision is Decision.CALLS
    wrote = any(one.by is Author.PERSON for one in delivered_in_time(case))
    return bool(case.taken_by or case.contacted_by) or calls or wrote


def delivered_in_time(case: Case) -> tuple[Letter, ...]:
    """The letters that had been delivered when it was paid; one in flight came too late."""
    paid_at = case.facts.read_at if case.facts and paid_since(case) else case.closed_at
    late = case.last_sent_at and paid_at and case.last_sent_at > paid_at
    return case.earlier[:-1] if late else case.earlier


def figures(case: Case) -> Figures | None:
    """What the statistics count of a case; None for one that never was about money.

    Nothing can be told of an erased case: what was counted of it before stays.
    """
    if not case.ever_owed:
        return None
    credit = credited(case)
    ended = Ended.OPEN if case.open else Ended.RECOVERED if credit else Ended.LOST
    ours = [one for one in case.facts.invoices if one.id in case.counted] if case.facts else []
    paid = [one for one in ours if one.status is InvoiceStatus.PAID and one.paid > 0]
    owed = [one for one in ours if one.owed and one.id not in case.unticked]
    return Figures(
        ended=ended,
        credit=credit,
        at_failure=case.opening,
        back=_since(case.opening, totals(map(_paid, paid))) if ended is Ended.RECOVERED else (),
        owed=totals(one.owing for one in owed) if ended is Ended.OPEN else (),
    )


def _since(failed: tuple[Money, ...], paid: tuple[Money, ...]) -> tuple[Money, ...]:
    """What came back of what had failed: a part that was paid before did not fail."""
    most = {one.currency: one.minor for one in failed}
    return tuple(
        Money(minor=min(one.minor, most.get(one.currency, 0)), currency=one.currency)
        for one in paid
    )


def _paid(invoice: Invoice) -> Money:
    return Money(minor=invoice.paid, currency=invoice.currency)
