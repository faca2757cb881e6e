"""What is unusual about a case and must be said on its card: found here, worded in words/."""

from enum import StrEnum

from bot.case.model import AddressTrouble, Case, Invoice, Why

_ADDRESS = {
    AddressTrouble.MISSING: "no_email",
    AddressTrouble.SEVERAL: "two_addresses",
    AddressTrouble.INVALID: "invalid_address",
    AddressTrouble.SUPPRESSED: "suppressed_address",
}
# https://docs.stripe.com/declines/codes: Stripe's words for suspected fraud.
_FRAUD_CODES = frozenset({"fraudulent", "merchant_blacklist", "highest_risk_level"})


class Odd(StrEnum):
    """One unusual thing; its sentence has the same name in the words' section [odd]."""

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


def is_fraud(invoice: Invoice) -> bool:
    """Whether Stripe's word for the refusal is one for suspected fraud."""
    decline = invoice.payment.decline if invoice.payment else None
    return decline is not None and bool({decline.code, decline.decline_code} & _FRAUD_CODES)


def _of_case(case: Case) -> set[Odd]:
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
        return set()
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
    payment = invoice.payment
    asked = payment is not None and (
        payment.needs_action
        or (payment.decline is not None and payment.decline.code == "authentication_required")
    )
    signs = {
        Odd.FRAUD: is_fraud(invoice),
        Odd.PARTLY_PAID: 0 < invoice.remaining < invoice.total,
        Odd.AUTHENTICATION: asked,
        Odd.FIRST_INVOICE: invoice.first,
        Odd.SEND_INVOICE: not invoice.automatic,
        Odd.NO_SUBSCRIPTION: invoice.subscription is None,
    }
    return {odd for odd, present in signs.items() if present}
