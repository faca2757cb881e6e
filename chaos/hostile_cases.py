"""A case as it comes of Stripe's words, with an order hidden in one of eight places."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.billing_reading import reading
from bot.case.facts import Facts
from bot.case.ids import CaseId, CustomerKey
from bot.case.letter import Brief, Family
from bot.case.model import Case, State
from bot.customer import known_customer
from bot.foreign_text import cleaned

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LISTED = frozenset({"tier"})
CUSTOMER = CustomerKey(account="", livemode=False, customer="cus_1")

Json = dict[str, Any]


def _stripe(at: str, text: str) -> Json:
    """Stripe's invoice with the text at one dotted place."""
    raw = deepcopy(_INVOICE)
    *path, last = at.split(".")
    inner = raw
    for step in path:
        inner = inner[step]
    inner[last] = text
    return raw


# Where people can write what they like: seven fields of Stripe's, and our reviewer's note.
FIELDS: Mapping[str, Callable[[str], Json]] = {
    "customer name": lambda text: _stripe("customer.name", text),
    "e-mail local part": lambda text: _stripe("customer.email", f"{text}@kurz.example"),
    "plan name": lambda text: _stripe("plan", text),
    "invoice memo": lambda text: _stripe("description", text),
    "invoice number": lambda text: _stripe("number", text),
    "metadata value": lambda text: _stripe("customer.metadata.tier", text),
    "account manager": lambda text: _stripe("customer.metadata.account_manager", text),
    "reviewer's note": lambda text: _stripe("note", text),
}


def hostile_case(field: str, text: str, locale: str) -> Case:
    """A case that asks for a letter in this language, read from Stripe's words."""
    raw = FIELDS[field](text)
    read = reading(raw)
    customer = known_customer(read.customer, read.subscription_metadata, LISTED, NOON)
    invoice = read.invoice
    if invoice.subscription is not None:
        plan = cleaned(raw["plan"])  # as the product's name is read
        invoice = replace(invoice, subscription=replace(invoice.subscription, plan=plan))
    return Case(
        id=CaseId("case_1"),
        key=CUSTOMER,
        opened_at=NOON,
        state=State.DRAFTING,
        revision=1,
        brief=Brief(notice=1, family=Family.SOFT, locale=locale, note=raw["note"]),
        facts=Facts(read_at=NOON, customer=customer, invoices=(invoice,)),
    )


_INVOICE: Json = {
    "id": "in_1",
    "object": "invoice",
    "livemode": False,
    "number": "A-1",
    "status": "open",
    "currency": "eur",
    "total": 4900,
    "amount_paid": 0,
    "amount_remaining": 4900,
    "attempt_count": 1,
    "created": int(NOON.timestamp()),
    "description": None,
    "collection_method": "charge_automatically",
    "customer": {
        "id": "cus_1",
        "name": "Anna Kurz",
        "email": "anna@kurz.example",
        "preferred_locales": [],
        "created": int(NOON.timestamp()),
        "metadata": {},
    },
    "parent": {
        "subscription_details": {
            "subscription": {"id": "sub_1", "status": "past_due", "metadata": {}}
        }
    },
    # Ours, beside Stripe's: the product is read by a call of its own, the note is a person's.
    "plan": "Team",
    "note": "",
}
