import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.billing_reading import link_allowed, reading
from bot.case.facts import Card, Decline, InvoiceStatus, Payment, Subscription

Json = dict[str, Any]

SHARED = Path(__file__).parents[2] / "shared/data/stripe"


def intent(**changes: object) -> Json:
    return {
        "id": "pi_1",
        "status": "requires_payment_method",
        "payment_method_types": ["card"],
        "last_payment_error": {
            "code": "card_declined",
            "decline_code": "insufficient_funds",
            "advice_code": "try_again_later",
            "payment_method": {
                "type": "card",
                "card": {"brand": "visa", "last4": "0341", "exp_month": 3, "exp_year": 2028},
            },
        },
    } | changes


def tried(payment_intent: object, *, default: bool = True, created: int = 1_790_000_000) -> Json:
    return {
        "is_default": default,
        "created": created,
        "payment": {"type": "payment_intent", "payment_intent": payment_intent},
    }


def invoice(**changes: object) -> Json:
    return {
        "id": "in_1",
        "number": "A-12",
        "status": "open",
        "currency": "eur",
        "total": 4900,
        "amount_paid": 0,
        "amount_remaining": 4900,
        "attempt_count": 1,
        "created": 1_790_000_000,
        "next_payment_attempt": 1_790_259_200,
        "due_date": None,
        "collection_method": "charge_automatically",
        "billing_reason": "subscription_cycle",
        "livemode": False,
        "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1/test_1",
        "customer": {
            "id": "cus_1",
            "name": "Marie Dupont",
            "email": "marie@acme.example",
            "preferred_locales": ["fr-FR"],
            "address": {"country": "FR"},
            "created": 1_700_000_000,
            "metadata": {"tier": "gold"},
        },
        "customer_account": None,
        "customer_name": "Frozen Name",
        "customer_email": "frozen@acme.example",
        "parent": {
            "subscription_details": {
                "subscription": {
                    "id": "sub_1",
                    "status": "past_due",
                    "metadata": {"account_manager": "U1"},
                    "items": {
                        "data": [
                            {
                                "price": {
                                    "id": "price_1",
                                    "product": "prod_1",
                                    "lookup_key": "team-monthly",
                                }
                            }
                        ]
                    },
                }
            }
        },
        "payments": {"data": [tried(intent())]},
    } | changes


def test_an_invoice_is_read_whole() -> None:
    found = reading(invoice())
    one = found.invoice
    assert (one.number, one.status, one.remaining, one.attempt) == (
        "A-12",
        InvoiceStatus.OPEN,
        4900,
        1,
    )
    assert one.created == datetime.fromtimestamp(1_790_000_000, UTC)
    assert one.next_attempt == datetime.fromtimestamp(1_790_259_200, UTC)
    assert one.payment == Payment(
        decline=Decline(
            code="card_declined",
            decline_code="insufficient_funds",
            advice_code="try_again_later",
        ),
        card=Card(brand="Visa", last_four="0341", expires=(3, 2028)),
        method="card",
    )
    assert one.subscription == Subscription(
        id="sub_1", status="past_due", prices=("price_1", "prod_1", "team-monthly")
    )
    assert (found.product, found.link) == ("prod_1", "https://invoice.stripe.com/i/acct_1/test_1")
    assert found.customer.email == "marie@acme.example"
    assert found.subscription_metadata == {"account_manager": "U1"}


def test_an_invoice_without_a_subscription_is_normal() -> None:
    found = reading(invoice(parent=None))
    assert found.invoice.subscription is None
    assert found.product is None


def test_a_subscription_that_was_not_expanded_is_known_by_its_id() -> None:
    details = {"subscription": "sub_9", "metadata": {"account_manager": "U9"}}
    found = reading(invoice(parent={"subscription_details": details}))
    assert found.invoice.subscription == Subscription(id="sub_9", status="unknown")
    assert found.subscription_metadata == {"account_manager": "U9"}


def test_the_default_payment_goes_before_later_ones() -> None:
    other = tried(intent(last_payment_error=None), default=False, created=1_800_000_000)
    found = reading(invoice(payments={"data": [tried(intent()), other]})).invoice.payment
    assert found is not None
    assert found.decline is not None


def test_without_a_default_the_latest_payment_counts() -> None:
    early = tried(intent(), default=False, created=1)
    late = tried(intent(status="requires_action"), default=False, created=2)
    found = reading(invoice(payments={"data": [late, early]})).invoice.payment
    assert found is not None
    assert found.needs_action


def test_waiting_for_the_bank_is_no_decline() -> None:
    waits = intent(status="requires_action", last_payment_error=None)
    found = reading(invoice(payments={"data": [tried(waits)]})).invoice.payment
    assert found == Payment(needs_action=True, method="card")


@pytest.mark.parametrize("payments", [None, {"data": []}])
def test_an_invoice_that_was_never_tried_has_no_payment(payments: object) -> None:
    assert reading(invoice(payments=payments)).invoice.payment is None


def test_a_payment_that_is_no_intent_is_still_a_payment() -> None:
    assert reading(invoice(payments={"data": [tried(None)]})).invoice.payment == Payment()


def test_a_card_of_an_unknown_brand_is_not_talked_of() -> None:
    method = {"type": "card", "card": {"brand": "unknown", "last4": "1234"}}
    error = {"code": "card_declined", "payment_method": method}
    found = reading(invoice(payments={"data": [tried(intent(last_payment_error=error))]}))
    assert found.invoice.payment == Payment(decline=Decline(code="card_declined"), method="card")


def test_a_debit_is_no_card() -> None:
    error = {"code": "insufficient_funds", "payment_method": {"type": "sepa_debit"}}
    found = reading(invoice(payments={"data": [tried(intent(last_payment_error=error))]}))
    payment = found.invoice.payment
    assert payment is not None
    assert (payment.card, payment.method) == (None, "sepa_debit")


def test_a_deleted_customer_keeps_the_invoices_name_and_no_address() -> None:
    found = reading(invoice(customer={"id": "cus_1", "deleted": True})).customer
    assert (found.deleted, found.name, found.email) == (True, "Frozen Name", None)


def test_an_account_may_stand_for_the_customer() -> None:
    found = reading(invoice(customer=None, customer_account="acct_7")).customer
    assert (found.id, found.name, found.email) == ("acct_7", "Frozen Name", "frozen@acme.example")


def test_an_invoice_for_nobody_cannot_be_read() -> None:
    with pytest.raises(TypeError):
        reading(invoice(customer=None))


def test_partial_payment_leaves_what_remains() -> None:
    one = reading(invoice(amount_paid=2000, amount_remaining=2900)).invoice
    assert (one.total, one.paid, one.remaining, one.owed) == (4900, 2000, 2900, True)


def test_zero_is_not_owed() -> None:
    assert not reading(invoice(total=0, amount_remaining=0)).invoice.owed


def test_an_invoice_stripe_mails_itself_has_no_retry() -> None:
    mailed = invoice(
        collection_method="send_invoice", next_payment_attempt=None, due_date=1_790_000_000
    )
    one = reading(mailed).invoice
    assert (one.automatic, one.next_attempt) == (False, None)
    assert one.due == datetime.fromtimestamp(1_790_000_000, UTC)


def test_the_first_invoice_of_a_subscription_is_marked() -> None:
    assert reading(invoice(billing_reason="subscription_create")).invoice.first
    assert not reading(invoice()).invoice.first


def test_the_end_of_a_subscription_is_known() -> None:
    raw = invoice()
    raw["parent"]["subscription_details"]["subscription"]["cancel_at"] = 1_800_000_000
    subscription = reading(raw).invoice.subscription
    assert subscription is not None
    assert subscription.ends_at == datetime.fromtimestamp(1_800_000_000, UTC)


def test_foreign_text_is_cleaned_at_this_edge() -> None:
    raw = invoice(number="A\u202e-12\n")
    raw["customer"]["name"] = "Eve\x00\u2066 <!channel>\r\n" + "x" * 300
    found = reading(raw)
    assert found.invoice.number == "A-12"
    assert found.customer.name is not None
    assert found.customer.name.startswith("Eve <!channel> xxx")
    assert len(found.customer.name) == 256


BASE = "https://api.stripe.com"


@pytest.mark.parametrize(
    "link",
    [
        "https://invoice.stripe.com/i/acct_1/x",
        "https://pay.stripe.com/x",
        "https://INVOICE.stripe.com/x",
        "https://billing.acme.example/i/x",
    ],
)
def test_links_to_stripe_and_to_named_hosts_are_allowed(link: str) -> None:
    assert link_allowed(link, frozenset({"billing.acme.example"}), BASE)


@pytest.mark.parametrize(
    "link",
    [
        "http://invoice.stripe.com/x",
        "https://stripe.com.evil.example/x",
        "https://evilstripe.com/x",
        "https://invoice.stripe.com@evil.example/x",
        "https://eve:pw@invoice.stripe.com/x",
        "https://evil.example/invoice.stripe.com",
        "javascript:alert(1)",
        "https://[broken/x",
        "http://127.0.0.1:8000/x",
        "//invoice.stripe.com/x",
        "",
    ],
)
def test_links_elsewhere_are_not(link: str) -> None:
    assert not link_allowed(link, frozenset(), BASE)


def test_loopback_links_are_allowed_on_a_loopback_stripe_only() -> None:
    link = "http://127.0.0.1:9000/invoice/in_1"
    assert link_allowed(link, frozenset(), "http://127.0.0.1:8000")
    assert not link_allowed("http://10.0.0.1/in_1", frozenset(), "http://10.0.0.1")


@pytest.mark.skipif(not SHARED.exists(), reason="recorded objects are not part of the project")
def test_stripes_own_samples_can_be_read() -> None:
    def sample(kind: str) -> Json:
        found: Json = json.loads((SHARED / f"objects/openapi2026__{kind}.json").read_text())
        return found

    raw = sample("invoice") | {"customer": sample("customer")}
    payment = sample("invoice_payment")
    payment["payment"]["payment_intent"] = sample("payment_intent")
    raw["payments"] = {"data": [payment]}
    raw["parent"]["subscription_details"]["subscription"] = sample("subscription")
    found = reading(raw)
    assert found.invoice.status is InvoiceStatus.DRAFT
    assert found.invoice.subscription is not None
    assert found.product == "prod_QXg1hqf4jFNsqG"
    assert found.customer.id == "cus_QXg1o8vcGmoR32"


@pytest.mark.skipif(not SHARED.exists(), reason="recorded objects are not part of the project")
def test_a_recorded_invoice_with_the_shapes_of_two_ages_can_be_read() -> None:
    raw = json.loads((SHARED / "events/pay-basil__invoice.json").read_text())
    found = reading(raw)
    assert (found.invoice.status, found.invoice.paid) == (InvoiceStatus.PAID, 24512)
    assert found.customer.id == "cus_S9YwWMaQEgeJYO"
