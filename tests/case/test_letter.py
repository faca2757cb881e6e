from dataclasses import replace

import pytest

from bot.case.letter import (
    Author,
    Basis,
    BasisInvoice,
    Letter,
    fingerprint,
    locale_for,
    told_by,
)
from bot.case.money import Money

WRITTEN = ("en", "es", "fr")


@pytest.mark.parametrize(
    ("wishes", "locale"),
    [
        (("de", "fr-CA", "en"), "fr"),
        (("es_CO",), "es"),
        (("FR",), "fr"),
        (("nl",), "en"),
        ((), "en"),
    ],
)
def test_the_customers_first_wish_that_the_team_can_read_wins(
    wishes: tuple[str, ...], locale: str
) -> None:
    assert locale_for(wishes, WRITTEN, "en") == locale


def test_a_language_the_team_cannot_read_is_never_written() -> None:
    assert locale_for(("fr",), ("es",), "en") == "es"


@pytest.mark.parametrize("wish", ["", "-", "_fr", "x" * 99])
def test_a_wish_that_is_no_language_does_no_harm(wish: str) -> None:
    assert locale_for((wish,), WRITTEN, "fr") == "fr"


def basis(**changes: object) -> Basis:
    one = BasisInvoice(
        id="in_1",
        number="A-1",
        status="open",
        remaining=Money(minor=4900, currency="eur"),
        plan="Team",
        subscribed=True,
        card="visa 4242",
        method="card",
    )
    known: dict[str, object] = {
        "recipient": "ana@example.com",
        "sender": "billing@acme.example",
        "customer_name": "Ana Torres",
        "first_name": "Ana",
        "invoices": (one, replace(one, id="in_2", number="A-2")),
    }
    return Basis(**(known | changes))  # type: ignore[arg-type]


def first(**changes: object) -> Basis:
    one, other = basis().invoices
    return basis(invoices=(replace(one, **changes), other))  # type: ignore[arg-type]


SEEN = fingerprint(basis(), "Your payment", "Hello Ana")


@pytest.mark.parametrize(
    "changed",
    [
        fingerprint(basis(recipient="eve@example.com"), "Your payment", "Hello Ana"),
        fingerprint(basis(recipient=None), "Your payment", "Hello Ana"),
        fingerprint(basis(sender="eve@acme.example"), "Your payment", "Hello Ana"),
        fingerprint(basis(link="pay_page"), "Your payment", "Hello Ana"),
        fingerprint(basis(invoices=basis().invoices[:1]), "Your payment", "Hello Ana"),
        fingerprint(basis(invoices=basis().invoices[::-1]), "Your payment", "Hello Ana"),
        fingerprint(first(id="in_9"), "Your payment", "Hello Ana"),
        fingerprint(first(status="uncollectible"), "Your payment", "Hello Ana"),
        fingerprint(
            first(remaining=Money(minor=4901, currency="eur")), "Your payment", "Hello Ana"
        ),
        fingerprint(
            first(remaining=Money(minor=4900, currency="usd")), "Your payment", "Hello Ana"
        ),
        fingerprint(basis(), "Your payments", "Hello Ana"),
        fingerprint(basis(), "Your payment", "Hello Eva"),
    ],
)
def test_each_fact_that_a_person_approves_is_in_the_fingerprint(changed: str) -> None:
    assert changed != SEEN
    assert len(changed) == 64


def test_nothing_else_is_in_the_fingerprint() -> None:
    untold = first(number="B", plan="Solo", subscribed=False, card=None, method="link")
    assert fingerprint(untold, "Your payment", "Hello Ana") == SEEN
    other = basis(customer_name="Eva", first_name=None)
    assert fingerprint(other, "Your payment", "Hello Ana") == SEEN


def words(body: str) -> Letter:
    return Letter(subject="Your payment", body=body, locale="en", by=Author.MODEL)


@pytest.mark.parametrize(
    ("change", "telling"),
    [
        ({"plan": "Solo"}, "{plan}"),
        ({"subscribed": False}, "{plan}"),
        ({"card": None}, "{card}"),
        ({"method": "link"}, "{card}"),
    ],
)
def test_a_fact_matters_only_to_a_letter_that_tells_it(
    change: dict[str, object], telling: str
) -> None:
    silent, tells = words("{amount} {pay_link}"), words(f"{telling} {{amount}} {{pay_link}}")
    assert told_by(silent, first(**change)) == told_by(silent, basis())
    assert told_by(tells, first(**change)) != told_by(tells, basis())
    one, other = basis().invoices
    second = basis(invoices=(one, replace(other, **change)))  # type: ignore[arg-type]
    assert told_by(tells, second) == told_by(tells, basis())


def test_an_invoices_number_is_told_by_a_list_and_by_its_placeholder() -> None:
    alone = basis(invoices=basis().invoices[:1])
    renumbered = replace(alone, invoices=(replace(alone.invoices[0], number="B-1"),))
    silent, tells = words("{amount} {pay_link}"), words("{invoice} {pay_link}")
    assert told_by(silent, alone) == told_by(silent, renumbered)
    assert told_by(tells, alone) != told_by(tells, renumbered)
    assert told_by(silent, basis()) != told_by(silent, first(number="B-1"))
