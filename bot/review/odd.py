"""What is unusual about a case and must be said on its card: found here, worded in words/."""

from enum import StrEnum

from bot.case.decline import meaning
from bot.case.facts import AddressTrouble, Invoice
from bot.case.letter import Family
from bot.case.model import Case, State, Why

_ADDRESS = {
    AddressTrouble.MISSING: "no_email",
    AddressTrouble.SEVERAL: "two_addresses",
    AddressTrouble.INVALID: "invalid_address",
    AddressTrouble.SUPPRESSED: "suppressed_address",
}

# What may have left is said where it may be written or approved again; of one in doubt the question
# says so.
_LETTER_AHEAD = frozenset(State) - {State.UNCLEAR, State.BY_HAND, State.CLOSED}


class Odd(StrEnum):
    """One unusual thing; its sentence has the same name in the words' section [odd]."""

    RESTORED = "restored"
    CUSTOMER_GONE = "customer_gone"
    FRAUD = "fraud"
    DISPUTED = "disputed"
    NO_EMAIL = "no_email"
    TWO_ADDRESSES = "two_addresses"
    INVALID_ADDRESS = "invalid_address"
    SUPPRESSED_ADDRESS = "suppressed_address"
    NOTHING_OWED = "nothing_owed"
    PARTLY_PAID = "partly_paid"
    AUTHENTICATION = "authentication"
    FIRST_INVOICE = "first_invoice"
    SEND_INVOICE = "send_invoice"
    NO_SUBSCRIPTION = "no_subscription"


def oddities(case: Case) -> tuple[Odd, ...]:
    """All that is unusual, the gravest first."""
    found = {*_of_case(case), *_of_customer(case), *_of_invoices(case)}
    return tuple(one for one in Odd if one in found)


def _of_case(case: Case) -> set[Odd]:
    restored = case.restored_at is not None and case.state in _LETTER_AHEAD
    return _of_dispute(case) | ({Odd.RESTORED} if restored else set())


def _of_dispute(case: Case) -> set[Odd]:
    if Why.FRAUD in {case.why, case.disputed}:
        return {Odd.FRAUD}
    if Why.DISPUTED in {case.why, case.disputed}:
        return {Odd.DISPUTED}
    return set()


def _of_customer(case: Case) -> set[Odd]:
    if case.facts is None:
        return set()
    customer = case.facts.customer
    if customer.gone:
        return {Odd.CUSTOMER_GONE}
    if customer.recipient is not None:
        # The one reason left for which a good address is not written to.
        return {Odd.SUPPRESSED_ADDRESS} if case.why is Why.NO_ADDRESS else set()
    return {Odd(_ADDRESS[customer.trouble or AddressTrouble.MISSING])}


def _of_invoices(case: Case) -> set[Odd]:
    if case.facts is None:
        return set()
    owed = [one for one in case.facts.invoices if one.owed]
    found = {odd for one in owed for odd in _of_invoice(one)}
    if case.facts.invoices and all(one.total == 0 for one in case.facts.invoices):
        found.add(Odd.NOTHING_OWED)
    return found


def _of_invoice(invoice: Invoice) -> set[Odd]:
    means = meaning(invoice.payment, invoice)
    signs = {
        Odd.FRAUD: means.suspicious,
        Odd.PARTLY_PAID: 0 < invoice.remaining < invoice.total,
        Odd.AUTHENTICATION: means.family is Family.AUTHENTICATION,
        Odd.FIRST_INVOICE: invoice.first,
        Odd.SEND_INVOICE: not invoice.automatic,
        Odd.NO_SUBSCRIPTION: invoice.subscription is None,
    }
    return {odd for odd, present in signs.items() if present}
