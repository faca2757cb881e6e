"""What Stripe's bills look like today: invoices, their lines, credit notes.

Pure builders, as in `stripe_objects`: ids, moments and minor units in, dicts out.
https://docs.stripe.com/api/invoices/object
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.stripe_objects import Json, Stamp, list_of

# Fields that an invoice always has and that nothing here fills.
EMPTY = (
    "account_tax_ids",
    "application",
    "automatically_finalizes_at",
    "custom_fields",
    "default_payment_method",
    "default_source",
    "footer",
    "from_invoice",
    "hosted_invoice_url",
    "invoice_pdf",
    "last_finalization_error",
    "latest_revision",
    "next_payment_attempt",
    "on_behalf_of",
    "receipt_number",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "test_clock",
)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What an invoice asks for, and why: amounts in minor units, moments in Unix seconds."""

    amount: int
    currency: str = "usd"
    billing_reason: str = "subscription_cycle"
    collection_method: str = "charge_automatically"
    due_date: int | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def invoice(stamp: Stamp, customer: Json, bill: Bill, subscription: Json | None) -> Json:
    """An open, finalized invoice on which no attempt was made yet.

    There is no `subscription`, `charge`, `payment_intent` or `paid` here since 2025-03-31.basil;
    name and e-mail of the customer are frozen as they are at this moment.
    """
    charged = bill.collection_method == "charge_automatically"
    finalized = {"id": stamp.id, "object": "invoice", "status": "open", "livemode": stamp.livemode}
    fields = {
        "account_country": "US",
        "account_name": "Northwind",
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": charged and subscription is not None,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "billing_reason": bill.billing_reason,
        "collection_method": bill.collection_method,
        "currency": bill.currency,
        "default_tax_rates": [],
        "description": bill.description,
        "discounts": [],
        "due_date": bill.due_date,
        "issuer": {"type": "self"},
        "lines": list_of([line(stamp, bill, subscription)], f"/v1/invoices/{stamp.id}/lines"),
        "metadata": dict(bill.metadata),
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}",
        "parent": parent(subscription),
        "payment_settings": {"payment_method_options": None, "payment_method_types": None},
    }
    empty = dict.fromkeys(EMPTY)
    known = amounts(bill.amount) | frozen_customer(customer)
    return finalized | fields | empty | moments(stamp.at) | known


def moments(at: int) -> Json:
    """An invoice's moments (Unix seconds) when it was made and finalized at once."""
    ends = dict.fromkeys(("marked_uncollectible_at", "paid_at", "voided_at"))
    return {
        "created": at,
        "effective_at": at,
        "period_end": at,
        "period_start": at,
        "status_transitions": {"finalized_at": at, **ends},
        "webhooks_delivered_at": at,
    }


def amounts(total: int) -> Json:
    """An invoice's amounts before anything was paid or credited."""
    return {
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": total,
        "amount_shipping": 0,
        "ending_balance": 0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def frozen_customer(customer: Json) -> Json:
    """The customer as the invoice remembers them from its finalization on."""
    return {
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
    }


def parent(subscription: Json | None) -> Json | None:
    """Where an invoice comes from: null when it stands alone."""
    if subscription is None:
        return None
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    return {
        "quote_details": None,
        "subscription_details": details,
        "type": "subscription_details",
    }


def line(stamp: Stamp, bill: Bill, subscription: Json | None) -> Json:
    """The one line of an invoice."""
    item = subscription["items"]["data"][0] if subscription else None
    price = item["price"] if item else {"id": f"price_of_{stamp.id}", "product": "prod_one_off"}
    return {
        "id": f"il_{stamp.id.removeprefix('in_')}",
        "object": "line_item",
        "amount": bill.amount,
        "currency": bill.currency,
        "description": bill.description,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": stamp.id,
        "livemode": stamp.livemode,
        "metadata": {},
        "parent": line_parent(stamp, subscription),
        "period": {"end": stamp.at, "start": stamp.at},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": str(bill.amount),
        },
        "quantity": 1,
        "subscription": subscription["id"] if subscription else None,
        "subtotal": bill.amount,
        "taxes": [],
    }


def line_parent(stamp: Stamp, subscription: Json | None) -> Json:
    """Where a line comes from: a subscription's item, or an invoice item of its own."""
    kind = "subscription_item_details" if subscription else "invoice_item_details"
    details: Json = {"proration": False, "proration_details": {"credited_items": None}}
    if subscription:
        item = subscription["items"]["data"][0]["id"]
        details |= {"subscription": subscription["id"], "subscription_item": item}
        details |= {"invoice_item": None}
    else:
        details |= {"invoice_item": f"ii_{stamp.id.removeprefix('in_')}", "subscription": None}
    other = "invoice_item_details" if subscription else "subscription_item_details"
    return {other: None, kind: details, "type": kind}


def credit_note(stamp: Stamp, bill: Json, amount: int) -> Json:
    """A credit note that lowers what an open invoice still asks for."""
    return {
        "id": stamp.id,
        "object": "credit_note",
        "amount": amount,
        "created": stamp.at,
        "currency": bill["currency"],
        "customer": bill["customer"],
        "invoice": bill["id"],
        "livemode": stamp.livemode,
        "metadata": {},
        "number": f"{bill['number']}-CN-01",
        "pre_payment_amount": amount,
        "post_payment_amount": 0,
        "reason": None,
        "status": "issued",
        "total": amount,
        "type": "pre_payment",
    }
