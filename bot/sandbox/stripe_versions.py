"""The same object in the shape of another API version, as an endpoint of that version gets it.

The great break is 2025-03-31.basil: before it an invoice carried `subscription`, `charge`,
`payment_intent` and `paid` itself. https://docs.stripe.com/changelog/basil
"""

import copy
from collections.abc import Callable

from bot.sandbox.stripe_ledger import PLATFORM, Event
from bot.sandbox.stripe_objects import Json

TODAY = "2026-10-28.endive"
BASIL = "2025-03-31.basil"
FLAT = "2024-06-20"
OLDEST = "2020-08-27"
VERSIONS = (OLDEST, FLAT, BASIL, TODAY)

_NEW_ON_INVOICES = ("amount_overpaid", "parent", "total_pretax_credit_amounts", "total_taxes")
_NEWER_THAN_2020 = (
    "amount_shipping",
    "application",
    "automatically_finalizes_at",
    "billing_mode",
    "cancellation_details",
    "effective_at",
    "from_invoice",
    "issuer",
    "latest_revision",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "subscription_details",
    "subtotal_excluding_tax",
    "total_excluding_tax",
)

Lookup = Callable[[str], Json | None]


def exists_in(event_type: str, version: str) -> bool:
    """Whether endpoints of that version hear of such events at all."""
    return version >= BASIL or not event_type.startswith("invoice_payment.")


def envelope(event: Event, version: str, find: Lookup, *, pending: int) -> Json:
    """The event as `GET /v1/events` and the webhook's body show it."""
    data: Json = {"object": rendered(event.object, version, event.aside, find)}
    if event.previous is not None:
        data["previous_attributes"] = event.previous
    account = {} if event.home.account == PLATFORM else {"account": event.home.account}
    return account | {
        "id": event.id,
        "object": "event",
        "api_version": version,
        "created": event.created,
        "data": data,
        "livemode": event.home.livemode,
        "pending_webhooks": pending,
        "request": {"id": None, "idempotency_key": None},
        "type": event.type,
    }


def rendered(thing: Json, version: str, aside: Json, find: Lookup) -> Json:
    """One object in the shape of a version; `aside` holds what today's shape keeps elsewhere."""
    if version >= TODAY:
        return thing
    result = copy.deepcopy(thing)
    result.pop("customer_account", None)
    for line in result.get("lines", {}).get("data", []):
        line.pop("subtotal", None)
    if version >= BASIL:
        return result
    flatten = {
        "invoice": _flat_invoice,
        "subscription": _flat_subscription,
        "charge": _with_invoice,
        "payment_intent": _with_invoice,
    }.get(result.get("object", ""))
    if flatten is not None and not result.get("deleted"):
        flatten(result, aside, find)
    if version <= OLDEST:
        for name in _NEWER_THAN_2020:
            result.pop(name, None)
    return result


def _with_invoice(thing: Json, aside: Json, _: Lookup) -> None:
    thing["invoice"] = aside.get("invoice")


def _flat_invoice(invoice: Json, aside: Json, find: Lookup) -> None:
    details = (invoice.get("parent") or {}).get("subscription_details")
    for name in _NEW_ON_INVOICES:
        invoice.pop(name, None)
    invoice |= {
        "application_fee_amount": None,
        "charge": aside.get("charge"),
        "discount": None,
        "paid": invoice["status"] == "paid",
        "paid_out_of_band": aside.get("paid_out_of_band", False),
        "payment_intent": aside.get("payment_intent"),
        "quote": None,
        "subscription": details["subscription"] if details else None,
        "subscription_details": {"metadata": details["metadata"] if details else None},
        "tax": None,
        "total_tax_amounts": [],
        "transfer_data": None,
    }
    for line in invoice["lines"]["data"]:
        _flat_line(line, find)


def _flat_line(line: Json, find: Lookup) -> None:
    parent, pricing = line.pop("parent"), line.pop("pricing")
    for name in ("invoice", "pretax_credit_amounts", "taxes"):
        line.pop(name, None)
    details = parent[parent["type"]]
    price = find(pricing["price_details"]["price"])
    line |= {
        "plan": plan(price) if price else None,
        "price": price,
        "proration": details["proration"],
        "proration_details": details["proration_details"],
        "tax_amounts": [],
        "tax_rates": [],
        "unit_amount_excluding_tax": pricing["unit_amount_decimal"],
    }
    own = parent["type"].removesuffix("_details")
    line["type"] = "invoiceitem" if own == "invoice_item" else "subscription"
    line[own] = details[own]


def _flat_subscription(subscription: Json, _: Json, __: Lookup) -> None:
    items = subscription["items"]["data"]
    first = items[0]
    subscription |= {
        "current_period_end": first["current_period_end"],
        "current_period_start": first["current_period_start"],
        "discount": None,
        "plan": plan(first["price"]),
        "quantity": first["quantity"],
    }
    for item in items:
        item["plan"] = plan(item["price"])
        del item["current_period_end"], item["current_period_start"]


def plan(price: Json) -> Json:
    """A price in the words of the time when prices were plans."""
    return {
        "id": price["id"],
        "object": "plan",
        "active": True,
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": 1,
        "livemode": price["livemode"],
        "metadata": {},
        "nickname": price["nickname"],
        "product": price["product"],
        "usage_type": "licensed",
    }
