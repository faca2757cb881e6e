import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bot.case.events import News
from bot.errors import RequestRefused
from bot.intake.envelope import opened
from bot.intake.translate import TAKEN, Arrival, translate
from tests.intake.stripe_says import NEW_INVOICE, OLD_INVOICE, body_of, event

RECORDED = Path(__file__).parents[2] / "../shared/data/stripe/events"
THINGS: dict[str, dict[str, Any]] = {
    "invoice": NEW_INVOICE,
    "invoice_payment": {"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1"},
    "subscription": {"id": "sub_1", "object": "subscription", "customer": "cus_1"},
    "customer": {"id": "cus_1", "object": "customer"},
    "payment_method": {"id": "pm_1", "object": "payment_method", "customer": "cus_1"},
    "dispute": {"id": "dp_1", "object": "dispute", "charge": "ch_1"},
    "radar.early_fraud_warning": {
        "id": "issfr_1",
        "object": "radar.early_fraud_warning",
        "charge": "ch_1",
    },
}
FAILURES = {"invoice.payment_failed", "invoice.payment_action_required", "invoice.overdue"}


def arrived(kind: str, thing: dict[str, Any]) -> Arrival | None:
    return translate(opened(body_of(event(kind, thing))))


@pytest.mark.parametrize("kind", TAKEN)
def test_every_type_that_we_take_becomes_news(kind: str) -> None:
    arrival = arrived(kind, THINGS[TAKEN[kind][1]])
    assert arrival is not None
    assert arrival.type == kind
    assert (arrival.news is News.FAILURE) == (kind in FAILURES)
    assert any((arrival.invoice, arrival.customer, arrival.charge, arrival.subscription))


def test_disputes_and_fraud_warnings_are_news_of_their_own() -> None:
    dispute = arrived("charge.dispute.created", THINGS["dispute"])
    warning = arrived("radar.early_fraud_warning.created", THINGS["radar.early_fraud_warning"])
    assert dispute
    assert warning
    assert (dispute.news, dispute.charge) == (News.DISPUTE, "ch_1")
    assert (warning.news, warning.charge) == (News.FRAUD_WARNING, "ch_1")


@pytest.mark.parametrize("thing", [OLD_INVOICE, NEW_INVOICE], ids=["before", "since"])
def test_both_sides_of_the_2025_break_say_the_same(thing: dict[str, Any]) -> None:
    arrival = arrived("invoice.payment_failed", thing)
    assert arrival
    assert (arrival.invoice, arrival.customer, arrival.subscription) == (
        thing["id"],
        "cus_1",
        "sub_1",
    )


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("balance.available", {"object": "balance"}),
        ("invoice.upcoming", {"object": "invoice", "customer": "cus_1"}),
        ("invoice.created", NEW_INVOICE),
        ("charge.failed", {"id": "ch_1", "object": "charge"}),
        ("payment_method.attached", {"id": "pm_1", "object": "payment_method", "customer": None}),
    ],
)
def test_what_is_not_our_business_is_passed_over(kind: str, thing: dict[str, Any]) -> None:
    assert arrived(kind, thing) is None


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("invoice.paid", THINGS["customer"]),
        ("invoice.paid", {"object": "invoice"}),
        ("customer.deleted", {"object": "customer"}),
        ("charge.dispute.created", {"id": "dp_1", "object": "dispute"}),
    ],
)
def test_an_event_without_its_object_is_refused(kind: str, thing: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused) as refusal:
        arrived(kind, thing)
    assert refusal.value.status == 400


def test_an_arrival_holds_no_text_of_the_body() -> None:
    arrival = arrived("invoice.payment_failed", OLD_INVOICE)
    assert "example.com" not in repr(arrival)
    assert {field.name for field in fields(Arrival)} == {
        *("id", "type", "created", "livemode", "account", "news", "parked", "stale"),
        *("invoice", "customer", "charge", "subscription"),
    }


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every recorded event; those that are only an event's data are put into an envelope."""
    for path in sorted(RECORDED.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        kind = path.stem.split("__")[1].replace("subscription.", "customer.subscription.")
        if found.get("object") == "event":
            yield path.stem, found
        elif "data" in found or isinstance(found["object"], dict):
            yield path.stem, event(kind, found["object"])
        else:
            yield path.stem, event("invoice.updated", found)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded events are not here")
def test_every_recorded_event_is_understood() -> None:
    passed_over = {"charge.failed", "payment_intent.payment_failed"}
    seen = 0
    for name, said in recorded():
        arrival = translate(opened(body_of(said)))
        ours = said["type"] in TAKEN
        assert (arrival is not None) == ours, name
        assert ours or said["type"] in passed_over | {"customer.subscription.created"}, name
        if arrival and said["data"]["object"]["object"] == "invoice":
            assert arrival.invoice == said["data"]["object"]["id"], name
            assert arrival.customer, name
        seen += 1
    assert seen >= 18
