"""Stripe's invoice and what hangs on it, in our words. Pure: Stripe's JSON in, values out.

The shape is that of the pinned API version, since 2025-03-31.basil:
https://docs.stripe.com/api/invoices/object. What every invoice has is demanded (KeyError,
ValueError); all else may be missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.case.facts import Card, Decline, Invoice, InvoiceStatus, Payment, Subscription
from bot.case.ids import InvoiceId
from bot.foreign_text import cleaned

Json = Mapping[str, Any]

# One call reads everything; Stripe refuses to expand deeper than four levels.
EXPAND = (
    "payments.data.payment.payment_intent",
    "customer",
    "parent.subscription_details.subscription",
)
# Stripe's words for brands: https://docs.stripe.com/api/payment_methods/object
BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class StripeCustomer:
    """A customer as Stripe has them: `email` and `metadata` are as written there, unchecked."""

    id: str
    name: str | None = None
    email: str | None = None
    locales: tuple[str, ...] = ()
    country: str | None = None
    deleted: bool = False
    created: datetime | None = None
    metadata: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class InvoiceReading:
    """One invoice, read once. `product` is the one whose name is the plan's, still to be found.

    `link` is the hosted invoice page: short-lived, never to be stored.
    """

    invoice: Invoice
    customer: StripeCustomer
    livemode: bool
    link: str | None = None
    product: str | None = None
    subscription_metadata: Mapping[str, str]


def reading(raw: Json) -> InvoiceReading:
    """Stripe's invoice, expanded by EXPAND, as values."""
    found = _subscription_of(raw)
    return InvoiceReading(
        invoice=_invoice(raw, found),
        customer=_customer(raw),
        livemode=bool(raw["livemode"]),
        link=raw.get("hosted_invoice_url"),
        product=next((_id(price.get("product")) for price in _prices(found)), None),
        subscription_metadata=_texts(found),
    )


def link_allowed(link: str, hosts: frozenset[str], api_base: str) -> bool:
    """Whether a payment link may reach a customer.

    Its host is Stripe's or one of `hosts`, over https; or it is the loopback host of `api_base`,
    where the sandbox and the tests stand.
    """
    host = host_of(link)
    if host is None or "@" in urlsplit(link).netloc:
        return False
    scheme = urlsplit(link).scheme
    if scheme == "https" and (host.endswith(".stripe.com") or host in hosts):
        return True
    return scheme in {"http", "https"} and host in LOOPBACK and host == host_of(api_base)


def host_of(link: str) -> str | None:
    """The host a link leads to, lower-case; None when it leads nowhere."""
    try:
        return urlsplit(link).hostname
    except ValueError:
        return None


def moment(seconds: int | None) -> datetime | None:
    """Stripe's Unix seconds as a moment in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _invoice(raw: Json, subscription: Json | None) -> Invoice:
    return Invoice(
        id=InvoiceId(raw["id"]),
        number=cleaned(raw.get("number")),
        status=InvoiceStatus(raw["status"] or "draft"),
        currency=raw["currency"].lower(),
        total=raw["total"],
        paid=raw["amount_paid"],
        remaining=raw["amount_remaining"],
        attempt=raw["attempt_count"],
        created=datetime.fromtimestamp(raw["created"], UTC),
        next_attempt=moment(raw.get("next_payment_attempt")),
        due=moment(raw.get("due_date")),
        automatic=raw.get("collection_method") != "send_invoice",
        first=raw.get("billing_reason") == "subscription_create",
        payment=_payment(raw),
        subscription=_subscription(subscription) if subscription else None,
    )


def _payment(raw: Json) -> Payment | None:
    tries = (raw.get("payments") or {}).get("data") or []
    latest = sorted(tries, key=lambda one: (one["is_default"], one["created"]))[-1:]
    for one in latest:
        intent = one["payment"].get("payment_intent")
        return _tried(intent) if isinstance(intent, Mapping) else Payment()
    return None


def _tried(intent: Json) -> Payment:
    error = intent.get("last_payment_error") or {}
    # A method that no longer stands in the error has been taken off the customer.
    method = error.get("payment_method") or {}
    kinds = intent.get("payment_method_types") or []
    return Payment(
        needs_action=intent["status"] == "requires_action",
        decline=_decline(error) if error else None,
        card=_card(method.get("card")),
        method=method.get("type") or (kinds[0] if len(kinds) == 1 else None),
    )


def _decline(error: Json) -> Decline:
    return Decline(
        code=error.get("code"),
        decline_code=error.get("decline_code"),
        advice_code=error.get("advice_code"),
    )


def _card(card: Json | None) -> Card | None:
    brand = cleaned((card or {}).get("brand")) or "unknown"
    if card is None or brand == "unknown":
        return None
    month, year = card.get("exp_month"), card.get("exp_year")
    return Card(
        brand=BRANDS.get(brand, brand),
        last_four=card["last4"],
        expires=(month, year) if month and year else None,
    )


def _subscription_of(raw: Json) -> Json | None:
    details = (raw.get("parent") or {}).get("subscription_details") or {}
    found = details.get("subscription")
    if found is None or isinstance(found, Mapping):
        return found
    return {"id": found, "metadata": details.get("metadata")}


def _subscription(raw: Json) -> Subscription:
    names = [
        name
        for price in _prices(raw)
        for name in (price["id"], _id(price.get("product")), price.get("lookup_key"))
        if name
    ]
    return Subscription(
        id=raw["id"],
        status=raw.get("status") or "unknown",
        prices=tuple(dict.fromkeys(names)),
        ends_at=moment(raw.get("ended_at") or raw.get("cancel_at")),
    )


def _prices(subscription: Json | None) -> Iterator[Json]:
    for item in ((subscription or {}).get("items") or {}).get("data") or []:
        if item.get("price"):
            yield item["price"]


def _customer(raw: Json) -> StripeCustomer:
    known = raw.get("customer")
    if not isinstance(known, Mapping):
        return _frozen(known or raw["customer_account"], raw)
    if known.get("deleted"):
        name = cleaned(raw.get("customer_name"))
        return StripeCustomer(id=known["id"], name=name, deleted=True, metadata={})
    return StripeCustomer(
        id=known["id"],
        name=cleaned(known.get("name")),
        email=known.get("email"),
        locales=tuple(filter(None, map(cleaned, known.get("preferred_locales") or []))),
        country=(known.get("address") or {}).get("country"),
        created=moment(known.get("created")),
        metadata=_texts(known),
    )


def _frozen(number: str, raw: Json) -> StripeCustomer:
    """Who an invoice says it is for, when there is no customer to read: an account may stand."""
    if not isinstance(number, str):
        raise TypeError("an invoice names a customer or an account")
    return StripeCustomer(
        id=number,
        name=cleaned(raw.get("customer_name")),
        email=raw.get("customer_email"),
        country=(raw.get("customer_address") or {}).get("country"),
        metadata={},
    )


def _texts(raw: Json | None) -> Mapping[str, str]:
    return dict((raw or {}).get("metadata") or {})


def _id(reference: str | Json | None) -> str | None:
    """The id of a thing that stands there by its id or whole."""
    return reference["id"] if isinstance(reference, Mapping) else reference
