"""Whether a first letter may go without a person: every reason why not, by name. Pure.

docs/decisions/0012-a-first-letter-by-itself.md says why each of them counts.
"""

import re
import unicodedata
from datetime import timedelta

from bot.case.cadence import budget_free_at
from bot.case.decline import MEANINGS, meaning
from bot.case.facts import Invoice, InvoiceStatus
from bot.case.model import Doubt
from bot.case.now import Now
from bot.case.standing import Because

OLD = timedelta(days=14)
LONGEST_NAME = 60  # characters
# What stands in names, in names of plans and in invoices' numbers; other signs are odd there.
PLAIN_SIGNS = frozenset(" _\u00a0-–—'’.,:·&()+/%€$£#")
LINK = re.compile(r"\w{2,}\.\w{2,}|//|@")


def doubts(now: Now) -> tuple[Doubt, ...]:
    """Why the letter in review needs a person, the gravest first; none when it may go by itself.

    That it passed the guard, or is a reviewed fixed one, is settled before: no other comes here.
    """
    found = {*_of_case(now), *_of_customer(now)}
    found |= {doubt for one in now.owed for doubt in _of_invoice(one, now)}
    return tuple(one for one in Doubt if one in found)


def _of_case(now: Now) -> set[Doubt]:
    case = now.case
    by_people = (case.snoozed_by, case.decided_by, case.taken_by, case.contacted_by)
    signs = {
        Doubt.AGAIN: case.revision > 1,
        Doubt.TOUCHED: case.manual or case.written_by_hand or any(by_people),
        Doubt.SEVERAL: len(case.counted) > 1 or len(now.owed) != 1,
        Doubt.NO_THRESHOLD: any(one.because is Because.NO_THRESHOLD for one in case.reasons),
        Doubt.RESTORED: case.restored_at is not None,
        Doubt.NOWHERE: case.basis is None or case.basis.recipient is None,
    }
    return {doubt for doubt, present in signs.items() if present}


def _of_customer(now: Now) -> set[Doubt]:
    standing, facts = now.standing, now.case.facts
    name = facts.customer.name if facts else None
    signs = {
        Doubt.OVERRULED: standing.override is not None,
        Doubt.STRANGE_TEXT: name is not None and is_strange(name),
        Doubt.RECENT: budget_free_at(standing.contacts, now.policy, now.at) is not None,
    }
    return {doubt for doubt, present in signs.items() if present}


def _of_invoice(invoice: Invoice, now: Now) -> set[Doubt]:
    subscription = invoice.subscription
    told = (invoice.number, subscription.plan if subscription else None)
    signs = {
        Doubt.NO_REASON: not _is_explained(invoice),
        Doubt.SECRET: meaning(invoice.payment, invoice).secret,
        Doubt.PARTLY_PAID: invoice.remaining < invoice.total,
        Doubt.SEND_INVOICE: not invoice.automatic,
        Doubt.NO_SUBSCRIPTION: subscription is None,
        Doubt.ENDING: subscription is not None and subscription.ends_at is not None,
        Doubt.UNCOLLECTIBLE: invoice.status is InvoiceStatus.UNCOLLECTIBLE,
        Doubt.OLD: now.at - invoice.created > OLD,
        Doubt.STRANGE_TEXT: any(is_strange(one) for one in told if one is not None),
    }
    return {doubt for doubt, present in signs.items() if present}


def _is_explained(invoice: Invoice) -> bool:
    """Whether Stripe gave a reason that we know: an unknown code may mean anything."""
    payment = invoice.payment
    if payment is None or payment.needs_action:
        return payment is not None
    decline = payment.decline
    return decline is not None and bool({decline.decline_code, decline.code} & MEANINGS.keys())


def is_strange(text: str) -> bool:
    """Whether somebody may have written more than a name here: a link, a sign, an order."""
    if len(text) > LONGEST_NAME or not any(sign.isalnum() for sign in text):
        return True
    return bool(LINK.search(text)) or any(
        unicodedata.category(sign)[0] not in "LMN" and sign not in PLAIN_SIGNS for sign in text
    )
