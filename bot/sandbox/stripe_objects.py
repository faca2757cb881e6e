"""What Stripe's objects look like today (API 2026-10-28.endive), one builder for each.

Every builder is pure: ids, moments (Unix seconds) and amounts (minor units) come in, a dict that
can be sent as JSON comes out. References are ids; expanding them is the business of `stripe_api`.
https://docs.stripe.com/api
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

NO_ADDRESS: Mapping[str, None] = dict.fromkeys(
    ("city", "country", "line1", "line2", "postal_code", "state")
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """The card a customer has on file, as far as Stripe shows it."""

    brand: str = "visa"
    last4: str = "4242"
    exp_month: int = 12
    exp_year: int = 2030
    country: str = "US"

    def shown(self) -> Json:
        """The card as it stands inside a payment method."""
        return {
            "brand": self.brand,
            "country": self.country,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": "AOB934RVNwzk6xtn",
            "funding": "credit",
            "last4": self.last4,
            "network": self.brand,
        }


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Why a bank said no: https://docs.stripe.com/declines/codes."""

    code: str = "card_declined"
    decline_code: str | None = "generic_decline"
    message: str = "Your card was declined."
    advice_code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What every new object carries: its id, its moment (Unix seconds) and its mode."""

    id: str
    at: int
    livemode: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who a customer is; every part may be missing, as at Stripe."""

    name: str | None = None
    email: str | None = None
    locales: Sequence[str] = ()
    country: str | None = None
    phone: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def list_of(data: Sequence[Json], url: str, *, has_more: bool = False) -> Json:
    """Stripe's list object."""
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}


def customer(stamp: Stamp, person: Person, invoice_prefix: str) -> Json:
    """A customer; its address is null when no country is known."""
    address = {**NO_ADDRESS, "country": person.country} if person.country else None
    return {
        "id": stamp.id,
        "object": "customer",
        "address": address,
        "balance": 0,
        "created": stamp.at,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": person.description,
        "discount": None,
        "email": person.email,
        "invoice_prefix": invoice_prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": stamp.livemode,
        "metadata": dict(person.metadata),
        "name": person.name,
        "next_invoice_sequence": 1,
        "phone": person.phone,
        "preferred_locales": list(person.locales),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def payment_method(stamp: Stamp, customer_id: str, card: Card) -> Json:
    """A card attached to a customer."""
    return {
        "id": stamp.id,
        "object": "payment_method",
        "billing_details": {"address": dict(NO_ADDRESS), "email": None, "name": None},
        "card": card.shown(),
        "created": stamp.at,
        "customer": customer_id,
        "livemode": stamp.livemode,
        "metadata": {},
        "type": "card",
    }


def product(stamp: Stamp, name: str) -> Json:
    """What is sold."""
    return {
        "id": stamp.id,
        "object": "product",
        "active": True,
        "created": stamp.at,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": stamp.livemode,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "type": "service",
        "updated": stamp.at,
    }


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a price asks: an amount in minor units, how often, and the name code knows it by."""

    amount: int
    currency: str = "usd"
    interval: str = "month"
    lookup_key: str | None = None


def price(stamp: Stamp, product_id: str, terms: Terms) -> Json:
    """A recurring price."""
    return {
        "id": stamp.id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": stamp.at,
        "currency": terms.currency,
        "custom_unit_amount": None,
        "livemode": stamp.livemode,
        "lookup_key": terms.lookup_key,
        "metadata": {},
        "nickname": None,
        "product": product_id,
        "recurring": {
            "interval": terms.interval,
            "interval_count": 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": terms.amount,
        "unit_amount_decimal": str(terms.amount),
    }


def subscription(stamp: Stamp, customer_id: str, item: Json, metadata: Mapping[str, str]) -> Json:
    """An active subscription to one item; periods stand on the item since 2025-03-31."""
    return {
        "id": stamp.id,
        "object": "subscription",
        "billing_cycle_anchor": stamp.at,
        "billing_mode": {"type": "classic"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": stamp.at,
        "currency": item["price"]["currency"],
        "customer": customer_id,
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "description": None,
        "discounts": [],
        "ended_at": None,
        "items": list_of([item], f"/v1/subscription_items?subscription={stamp.id}"),
        "latest_invoice": None,
        "livemode": stamp.livemode,
        "metadata": dict(metadata),
        "pause_collection": None,
        "pending_update": None,
        "schedule": None,
        "start_date": stamp.at,
        "status": "active",
        "test_clock": None,
        "trial_end": None,
        "trial_start": None,
    }


def subscription_item(stamp: Stamp, subscription_id: str, the_price: Json, ends: int) -> Json:
    """The one thing a subscription is for."""
    return {
        "id": stamp.id,
        "object": "subscription_item",
        "created": stamp.at,
        "current_period_end": ends,
        "current_period_start": stamp.at,
        "discounts": [],
        "metadata": {},
        "price": dict(the_price),
        "quantity": 1,
        "subscription": subscription_id,
        "tax_rates": [],
    }


def dispute(stamp: Stamp, charge: Json, reason: str) -> Json:
    """A dispute: it names the charge, never the customer or the invoice."""
    return {
        "id": stamp.id,
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": stamp.at,
        "currency": charge["currency"],
        "evidence_details": {"due_by": stamp.at + 7 * 86400, "has_evidence": False},
        "is_charge_refundable": False,
        "livemode": stamp.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }


def early_fraud_warning(stamp: Stamp, charge: Json) -> Json:
    """A card network's warning: like a dispute, it names the charge only."""
    return {
        "id": stamp.id,
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": charge["id"],
        "created": stamp.at,
        "fraud_type": "unauthorized_use_of_card",
        "livemode": stamp.livemode,
        "payment_intent": charge["payment_intent"],
    }


def account(account_id: str, name: str) -> Json:
    """The business itself, or one connected to it."""
    return {
        "id": account_id,
        "object": "account",
        "business_profile": {"name": name, "support_email": None, "url": None},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": name, "timezone": "Etc/UTC"}},
        "type": "standard",
    }
