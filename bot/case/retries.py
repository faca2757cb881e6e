"""Waiting for Stripe's own next try: until when, and whether it was in vain."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.case.cadence import RETRY_TAKES
from bot.case.decline import DeclineClass, meaning
from bot.case.facts import Invoice
from bot.case.ids import InvoiceId
from bot.case.model import Case

# A first letter waits no longer for a try that Stripe plans for next week.
LONGEST = timedelta(hours=72)
MAY_PASS = frozenset({DeclineClass.SOFT, DeclineClass.UNKNOWN})


def attempts(owed: Iterable[Invoice]) -> tuple[tuple[InvoiceId, int], ...]:
    """How often each was tried, to be compared with later."""
    return tuple((one.id, one.attempt) for one in owed)


def failed_again(case: Case, owed: Iterable[Invoice]) -> bool:
    """Whether one of these was tried once more, in vain, since the wait began."""
    known = dict(case.retry_known)
    return any(one.attempt > known.get(one.id, one.attempt) for one in owed)


def is_over(case: Case, owed: tuple[Invoice, ...]) -> bool:
    """Whether the try that a person waits for has failed, or was moved."""
    moved = all(one.next_attempt != case.retry_waited for one in owed)
    return moved or failed_again(case, owed)


def let_first(case: Case, owed: tuple[Invoice, ...], at: datetime) -> datetime | None:
    """Until when Stripe is let try before a first letter is written; None: it is written now.

    Only what may pass by itself waits, and only while every invoice is to be tried again.
    """
    if failed_again(case, owed) or not all(_may_pass(one) for one in owed):
        return None
    # What is past may be being tried, or its news be on the way.
    planned = [one.next_attempt + RETRY_TAKES for one in owed if one.next_attempt]
    ahead = [one for one in planned if one > at]
    if len(ahead) < len(owed):
        return None
    until = min(*ahead, (case.joined_at or case.opened_at) + LONGEST)
    return until if until > at else None


def _may_pass(invoice: Invoice) -> bool:
    means = meaning(invoice.payment, invoice)
    return means.kind in MAY_PASS and means.retry_helps
