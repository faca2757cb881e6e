"""What a decline code means: class, what to tell the customer, whether waiting helps.

The codes are Stripe's: https://docs.stripe.com/declines/codes. Which of them Stripe retries
without a new card: https://docs.stripe.com/billing/revenue-recovery/smart-retries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.case.facts import Decline, Invoice, Payment
from bot.case.letter import Family

DO_NOT_TRY_AGAIN = "do_not_try_again"


class DeclineClass(StrEnum):
    """Who can do something about it: time, the customer, another card; or nobody knows."""

    SOFT = "soft"
    NEEDS_CUSTOMER = "needs_customer"
    TERMINAL = "terminal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What follows from a refusal.

    `retry_helps`: the same card may work later. `suspicious`: code writes no letter, because the
    address may be the fraudster's. `secret`: a customer is told of a plain refusal, never why.
    """

    kind: DeclineClass
    family: Family
    retry_helps: bool = False
    suspicious: bool = False
    secret: bool = False


SOFT = Meaning(kind=DeclineClass.SOFT, family=Family.SOFT, retry_helps=True)
NEW_CARD = Meaning(kind=DeclineClass.NEEDS_CUSTOMER, family=Family.NEEDS_NEW_CARD)
CONFIRM = Meaning(kind=DeclineClass.NEEDS_CUSTOMER, family=Family.AUTHENTICATION)
REFUSED = Meaning(kind=DeclineClass.TERMINAL, family=Family.REFUSED)
HUSHED = replace(REFUSED, secret=True)
SUSPECTED = replace(HUSHED, suspicious=True)
# Stripe goes on trying these, and sometimes wins.
UNKNOWN = Meaning(kind=DeclineClass.UNKNOWN, family=Family.UNKNOWN, retry_helps=True)
NOT_TRIED = Meaning(kind=DeclineClass.NEEDS_CUSTOMER, family=Family.NOT_TRIED)

MEANINGS: Mapping[str, Meaning] = {
    "insufficient_funds": SOFT,
    "processing_error": SOFT,
    "issuer_not_available": SOFT,
    "try_again_later": SOFT,
    "reenter_transaction": SOFT,
    "approve_with_id": SOFT,
    "card_velocity_exceeded": SOFT,
    "withdrawal_count_limit_exceeded": SOFT,
    "expired_card": NEW_CARD,
    "incorrect_number": NEW_CARD,
    "incorrect_cvc": NEW_CARD,
    "incorrect_expiry_month": NEW_CARD,
    "incorrect_expiry_year": NEW_CARD,
    "invalid_number": NEW_CARD,
    "invalid_cvc": NEW_CARD,
    "invalid_expiry_month": NEW_CARD,
    "invalid_expiry_year": NEW_CARD,
    "authentication_required": CONFIRM,
    "transaction_not_allowed": REFUSED,
    "card_not_supported": REFUSED,
    "currency_not_supported": REFUSED,
    "restricted_card": REFUSED,
    "revocation_of_authorization": REFUSED,
    "revocation_of_all_authorizations": REFUSED,
    "lost_card": HUSHED,
    "stolen_card": HUSHED,
    "pickup_card": HUSHED,
    "fraudulent": SUSPECTED,
    "merchant_blacklist": SUSPECTED,
    "highest_risk_level": SUSPECTED,
    "do_not_honor": UNKNOWN,
    "generic_decline": UNKNOWN,
}


def meaning(payment: Payment | None, invoice: Invoice) -> Meaning:
    """What the latest try to collect an invoice tells; codes not listed are UNKNOWN.

    A suspicion outlives the confirmation that a later try waits for.
    """
    decline = payment.decline if payment else None
    told = _of_decline(decline) if decline else None
    if told and told.suspicious:
        return told
    if payment and payment.needs_action:
        return CONFIRM
    if told:
        return told
    return UNKNOWN if invoice.attempt else NOT_TRIED


def family_of(invoices: tuple[Invoice, ...]) -> Family:
    """Which letters fit these owed invoices together."""
    if len(invoices) > 1:
        return Family.SEVERAL_INVOICES
    return next((meaning(one.payment, one).family for one in invoices), Family.UNKNOWN)


def _of_decline(decline: Decline) -> Meaning:
    # The issuer's own word is the finer one; `code` is often no more than "card_declined".
    found = MEANINGS.get(decline.decline_code or "") or MEANINGS.get(decline.code or "") or UNKNOWN
    if decline.advice_code == DO_NOT_TRY_AGAIN:
        return replace(found, retry_helps=False)
    return found
