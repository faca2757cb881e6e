"""What can be read at Stripe's addresses: filters, states, and the permission each needs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of object that can be read, and how Stripe calls it in errors and permissions."""

    kind: str
    noun: str
    permission: str
    filters: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()


PAGING = frozenset({"limit", "starting_after", "ending_before", "expand", "created"})
INVOICE_STATES = frozenset({"draft", "open", "paid", "uncollectible", "void"})
SUBSCRIPTION_STATES = frozenset(
    {"active", "all", "canceled", "ended", "incomplete", "incomplete_expired"}
    | {"past_due", "paused", "trialing", "unpaid"}
)

RESOURCES: Mapping[str, Resource] = {
    "invoices": Resource(
        kind="invoice",
        noun="invoice",
        permission="rak_invoice_read",
        filters=frozenset({"customer", "status", "subscription", "collection_method"}),
        statuses=INVOICE_STATES,
    ),
    "invoice_payments": Resource(
        kind="invoice_payment",
        noun="invoice_payment",
        permission="rak_invoice_read",
        filters=frozenset({"invoice", "payment", "status"}),
        statuses=frozenset({"canceled", "open", "paid"}),
    ),
    "customers": Resource(
        kind="customer",
        noun="customer",
        permission="rak_customer_read",
        filters=frozenset({"email"}),
    ),
    "subscriptions": Resource(
        kind="subscription",
        noun="subscription",
        permission="rak_subscription_read",
        filters=frozenset({"customer", "status", "price", "collection_method"}),
        statuses=SUBSCRIPTION_STATES,
    ),
    "products": Resource(kind="product", noun="product", permission="rak_product_read"),
    "prices": Resource(kind="price", noun="price", permission="rak_plan_read"),
    "charges": Resource(
        kind="charge",
        noun="charge",
        permission="rak_charge_read",
        filters=frozenset({"customer", "payment_intent"}),
    ),
    "payment_intents": Resource(
        kind="payment_intent",
        noun="payment_intent",
        permission="rak_payment_intent_read",
        filters=frozenset({"customer"}),
    ),
    "payment_methods": Resource(
        kind="payment_method",
        noun="PaymentMethod",
        permission="rak_payment_method_read",
        filters=frozenset({"customer"}),
    ),
    "disputes": Resource(
        kind="dispute",
        noun="dispute",
        permission="rak_dispute_read",
        filters=frozenset({"charge", "payment_intent"}),
    ),
    "radar/early_fraud_warnings": Resource(
        kind="radar.early_fraud_warning",
        noun="early fraud warning",
        permission="rak_radar_read",
        filters=frozenset({"charge", "payment_intent"}),
    ),
}
PERMISSIONS = {resource.kind: resource.permission for resource in RESOURCES.values()}
