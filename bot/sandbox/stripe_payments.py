"""What Stripe's payments look like today: payment intents, charges, and what ties them to bills.

Pure builders, as in `stripe_objects`: ids, moments and minor units in, dicts out.
https://docs.stripe.com/api/payment_intents/object
"""

from bot.sandbox.stripe_objects import NO_ADDRESS, Decline, Json, Stamp


def bank_account(stamp: Stamp, customer_id: str) -> Json:
    """A European bank account that may be debited."""
    return {
        "id": stamp.id,
        "object": "payment_method",
        "billing_details": {"address": dict(NO_ADDRESS), "email": None, "name": None},
        "created": stamp.at,
        "customer": customer_id,
        "livemode": stamp.livemode,
        "metadata": {},
        "sepa_debit": {
            "bank_code": "37040044",
            "branch_code": "",
            "country": "DE",
            "fingerprint": "vifs0Ho7vwRn1Miu",
            "last4": "3000",
        },
        "type": "sepa_debit",
    }


def invoice_payment(stamp: Stamp, invoice_id: str, intent: Json, *, default: bool) -> Json:
    """What ties a payment to the invoice it is for."""
    return {
        "id": stamp.id,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": intent["amount"],
        "created": stamp.at,
        "currency": intent["currency"],
        "invoice": invoice_id,
        "is_default": default,
        "livemode": stamp.livemode,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def payment_intent(stamp: Stamp, bill: Json, amount: int) -> Json:
    """A payment that nobody has tried yet, for an invoice."""
    return {
        "id": stamp.id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{stamp.id}_secret_sandbox",
        "confirmation_method": "automatic",
        "created": stamp.at,
        "currency": bill["currency"],
        "customer": bill["customer"],
        "customer_account": None,
        "description": "Subscription update" if bill["parent"] else "Payment for Invoice",
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": stamp.livemode,
        "metadata": {},
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "receipt_email": None,
        "status": "requires_payment_method",
    }


def charge(stamp: Stamp, intent: Json, method: Json, decline: Decline | None) -> Json:
    """One attempt at a card: succeeded, or failed with the bank's reason."""
    paid = decline is None
    return {
        "id": stamp.id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "captured": paid,
        "created": stamp.at,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": stamp.livemode,
        "metadata": {},
        "outcome": outcome(decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            method["type"]: method[method["type"]],
            "type": method["type"],
        },
        "refunded": False,
        "status": "succeeded" if paid else "failed",
    }


def outcome(decline: Decline | None) -> Json:
    """What the network and Stripe's risk rules made of an attempt."""
    return {
        "advice_code": decline.advice_code if decline else None,
        "network_advice_code": decline.network_advice_code if decline else None,
        "network_decline_code": decline.network_decline_code if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.decline_code if decline else None,
        "seller_message": decline.message if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def payment_error(decline: Decline, charge_id: str, method: Json) -> Json:
    """`last_payment_error` of a payment, with the card it was tried on."""
    reason = decline.decline_code or decline.code
    return {
        "advice_code": decline.advice_code,
        "charge": charge_id,
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes/{reason.replace('_', '-')}",
        "message": decline.message,
        "network_advice_code": decline.network_advice_code,
        "network_decline_code": decline.network_decline_code,
        "payment_method": method,
        "type": "card_error",
    }
