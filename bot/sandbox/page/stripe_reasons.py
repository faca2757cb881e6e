"""Why a payment fails: the reasons a visitor chooses from, in Stripe's codes.

https://docs.stripe.com/declines/codes
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.stripe_ledger import Ledger
from bot.sandbox.stripe_objects import Json


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What Stripe shows when a bank says no; `confirms`: it asks the customer instead."""

    code: str = "card_declined"
    decline_code: str | None = None
    message: str = "Your card was declined."
    advice_code: str | None = None
    by_debit: bool = False
    confirms: bool = False


_NEVER = "do_not_try_again"
REASONS: Mapping[str, Reason] = {
    "expired_card": Reason(
        code="expired_card", decline_code="expired_card", message="Your card has expired."
    ),
    "insufficient_funds": Reason(
        decline_code="insufficient_funds", message="Your card has insufficient funds."
    ),
    "do_not_honor": Reason(decline_code="do_not_honor"),
    "authentication_required": Reason(code="authentication_required", confirms=True),
    "incorrect_cvc": Reason(
        code="incorrect_cvc",
        decline_code="incorrect_cvc",
        message="Your card's security code is incorrect.",
    ),
    "processing_error": Reason(
        code="processing_error",
        decline_code="processing_error",
        message="An error occurred while processing your card.",
    ),
    "transaction_not_allowed": Reason(
        decline_code="transaction_not_allowed",
        message="Your card does not support this type of purchase.",
    ),
    "lost_card": Reason(decline_code="lost_card", advice_code=_NEVER),
    "stolen_card": Reason(decline_code="stolen_card", advice_code=_NEVER),
    "fraudulent": Reason(decline_code="fraudulent", advice_code=_NEVER),
    "debit_returned": Reason(
        code="payment_method_provider_decline",
        decline_code="insufficient_funds",
        message="The customer's bank account has insufficient funds.",
        by_debit=True,
    ),
}


def reason_of(world: Ledger, invoice: Json) -> str | None:
    """Why the latest try failed, by name; None when none did, or for another reason."""
    for payment in world.payments_of(invoice["id"])[:1]:
        intent = world.find(payment["payment"]["payment_intent"])
        if intent["status"] == "requires_action":
            return "authentication_required"
        error = intent["last_payment_error"] or {}
        told = (error.get("code"), error.get("decline_code"))
        for name, reason in REASONS.items():
            if not reason.confirms and told == (reason.code, reason.decline_code):
                return name
    return None
