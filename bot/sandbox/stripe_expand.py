"""Expansion: ids become objects where a request asked for it, four levels deep at most.

https://docs.stripe.com/expand
"""

from collections.abc import Callable, Mapping, Sequence

from bot.sandbox import stripe_refusals as refusals
from bot.sandbox.stripe_objects import Json, list_of

DEEPEST = 4

# What can be expanded on each kind of object, and the kind that is found there.
REFERENCES: Mapping[str, Mapping[str, str]] = {
    "invoice": {
        "customer": "customer",
        "default_payment_method": "payment_method",
        "lines.data.pricing.price_details.price": "price",
        "parent.subscription_details.subscription": "subscription",
        "payments": "list of invoice_payment",
    },
    "invoice_payment": {
        "invoice": "invoice",
        "payment.charge": "charge",
        "payment.payment_intent": "payment_intent",
    },
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
    },
    "charge": {
        "customer": "customer",
        "payment_intent": "payment_intent",
    },
    "subscription": {
        "customer": "customer",
        "default_payment_method": "payment_method",
        "items.data.price.product": "product",
        "latest_invoice": "invoice",
    },
    "customer": {"invoice_settings.default_payment_method": "payment_method"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_method": {"customer": "customer"},
    "price": {"product": "product"},
    "product": {"default_price": "price"},
}

Lookup = Callable[[str], Json]
Payments = Callable[[str], list[Json]]


def kinds_on(kind: str, path: str) -> list[str]:
    """Check one path; the kinds of object that it reads.

    Raises RefusalError when it is deeper than four levels, or no reference of that kind.
    """
    if len(path.split(".")) > DEEPEST:
        raise refusals.too_deep(path)
    kinds: list[str] = []
    rest = path
    while rest:
        if kind.startswith("list of "):
            if rest != "data" and not rest.startswith("data."):
                raise refusals.not_expandable(path)
            kind, rest = kind.removeprefix("list of "), rest.removeprefix("data").lstrip(".")
            continue
        step = _reference(kind, rest)
        if step is None:
            raise refusals.not_expandable(path)
        kind, rest = REFERENCES[kind][step], rest.removeprefix(step).lstrip(".")
        kinds.append(kind.removeprefix("list of "))
    if not kinds:
        raise refusals.not_expandable(path)
    return kinds


def expanded(thing: Json, paths: Sequence[str], find: Lookup, payments: Payments) -> Json:
    """The object with the checked paths expanded; what is changed is copied, the rest shared."""
    result = dict(thing)
    for path in paths:
        _expand(result, path.split("."), find, payments)
    return result


def _reference(kind: str, rest: str) -> str | None:
    for step in REFERENCES.get(kind, {}):
        if rest == step or rest.startswith(f"{step}."):
            return step
    return None


def _expand(node: Json, path: Sequence[str], find: Lookup, payments: Payments) -> None:
    name, rest = path[0], path[1:]
    value = node.get(name)
    if name == "payments" and node.get("object") == "invoice" and value is None:
        url = f"/v1/invoice_payments?invoice={node['id']}"
        value = list_of(payments(node["id"]), url)
    if isinstance(value, str):
        value = find(value)
    if isinstance(value, list):
        value = [dict(child) for child in value]
    elif isinstance(value, dict):
        value = dict(value)
    node[name] = value
    for child in value if isinstance(value, list) else [value]:
        if rest and isinstance(child, dict):
            _expand(child, rest, find, payments)
