"""A signed body's JSON becomes ids and kinds; everything else in it is dropped here.

Endpoints send every shape from 2020 to today (https://docs.stripe.com/api/events/object), so only
what never changed its meaning is taken, and an id is looked for at each place it ever stood.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from bot.errors import RequestRefused

# Stripe's ids have at most 255 characters: https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_NAME = re.compile(r"[A-Za-z0-9_.]{1,255}")
_LATEST = 2**32  # the year 2106: far enough, and no date arithmetic overflows

# For each kind of object, where the ids that we follow stand; the first place that has one wins.
_PLACES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "invoice": {
        "invoice": ("id",),
        "customer": ("customer", "customer_account"),
        "subscription": ("subscription", "parent.subscription_details.subscription"),
    },
    "invoice_payment": {"invoice": ("invoice",)},
    "subscription": {"subscription": ("id",), "customer": ("customer", "customer_account")},
    "customer": {"customer": ("id",)},
    "payment_method": {"customer": ("customer", "customer_account")},
    "dispute": {"charge": ("charge",)},
    "radar.early_fraud_warning": {"charge": ("charge",)},
}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not a number of JSON")


# Made once: making it costs as much as reading a body with it.
_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """An event's outside. `account` "" is our own; `kind` is the object's; `created` is UTC."""

    id: str
    type: str
    created: datetime
    livemode: bool
    account: str
    kind: str
    invoice: str | None = None
    customer: str | None = None
    charge: str | None = None
    subscription: str | None = None


def opened(body: bytes) -> Envelope:
    """The envelope of a body whose signature was good; raises RequestRefused(400)."""
    return enveloped(_parsed(body))


def enveloped(parsed: object) -> Envelope:
    """The envelope of an event that was read already; raises RequestRefused(400)."""
    event = _object(parsed, "The body")
    thing = _object(_object(event.get("data"), "data").get("object"), "data.object")
    kind = _named(thing.get("object"), "data.object.object")
    links = {field: _link(thing, places) for field, places in _PLACES.get(kind, {}).items()}
    return Envelope(
        id=_identified(event.get("id"), "id"),
        type=_named(event.get("type"), "type"),
        created=_moment(event.get("created")),
        livemode=_mode(event.get("livemode")),
        account="" if event.get("account") is None else _identified(event["account"], "account"),
        kind=kind,
        **links,
    )


def _parsed(body: bytes) -> object:
    try:
        parsed: object = _DECODER.decode(body.decode("utf-8"))
        if rb"\ud" in body.lower():
            # Half a surrogate pair is valid JSON and can't be written anywhere afterwards.
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        # Unchained: the parser's own message quotes the body.
        raise RequestRefused(400, "The body is not usable JSON.") from None
    return parsed


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise RequestRefused(400, f"{where} is not an object.")
    return value


def _identified(value: object, where: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise RequestRefused(400, f"{where} is not an id.")
    return value


def _named(value: object, where: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise RequestRefused(400, f"{where} is not a name.")
    return value


def _moment(value: object) -> datetime:
    if type(value) is not int or not 0 <= value < _LATEST:
        raise RequestRefused(400, "created is not a Unix time.")
    return datetime.fromtimestamp(value, UTC)


def _mode(value: object) -> bool:
    if not isinstance(value, bool):
        raise RequestRefused(400, "livemode is neither true nor false.")
    return value


def _link(thing: Mapping[str, Any], places: tuple[str, ...]) -> str | None:
    for place in places:
        value: object = thing
        for step in place.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, dict):  # expanded, as some old endpoints send it
            value = value.get("id")
        if value is not None:
            return _identified(value, f"data.object.{place}")
    return None
