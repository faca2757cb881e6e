from datetime import UTC, datetime

import pytest

from bot.billing_reading import StripeCustomer
from bot.case.facts import AddressTrouble
from bot.customer import address, country_language, first_name, known_customer, zone

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("email", "recipient"),
    [
        ("ann@acme.example", "ann@acme.example"),
        (" Ann.Lee+bills@ACME.example ", "Ann.Lee+bills@acme.example"),
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
    ],
)
def test_a_good_address_is_taken_as_every_mail_server_takes_it(email: str, recipient: str) -> None:
    assert address(email) == (recipient, None)


@pytest.mark.parametrize("email", [None, "", "   "])
def test_no_address_is_missing(email: str | None) -> None:
    assert address(email) == (None, AddressTrouble.MISSING)


@pytest.mark.parametrize(
    "email",
    [
        "ann@acme.example, bob@acme.example",
        "ann@acme.example;bob@acme.example",
        "ann@acme.example bob@acme.example",
        "ann@acme.example,bob@acme.example,",
    ],
)
def test_two_addresses_in_one_string_are_several(email: str) -> None:
    assert address(email) == (None, AddressTrouble.SEVERAL)


@pytest.mark.parametrize(
    "email",
    [
        "ann",
        "ann@",
        "@acme.example",
        "ann@acme",
        "ann@@acme.example",
        "ann@acme.example,",
        "Ann <ann@acme.example>",
        "ann@acme.example\r\nBcc: eve@evil.example",
        "ann@acme.example\n",
        "ann\x00@acme.example",
        "\u202eann@acme.example",
        "änn@acme.example",
        "ann@[127.0.0.1]",
        f"{'a' * 65}@acme.example",
    ],
)
def test_what_is_no_address_is_never_written_to(email: str) -> None:
    assert address(email) == (None, AddressTrouble.INVALID)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Marie Dupont", "Marie"),
        ("Jean-Luc Le Goff", "Jean-Luc"),
        ("Ana María de Souza", "Ana"),
        ("Sinéad O’Brien", "Sinéad"),
    ],
)
def test_a_persons_name_gives_a_first_name(name: str, first: str) -> None:
    assert first_name(None, name) == first


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "Marie",
        "Acme Ltd",
        "Dupont SARL",
        "Muster GmbH",
        "Pérez Hijos S.L.",
        "Smith & Sons",
        "MARIE DUPONT",
        "marie dupont",
        "IBM France",
        "J. Smith",
        "J Smith",
        "Dr Anna Meyer",
        "Mme Marie Dupont",
        "The Flower Shop",
        "Studio 54 Berlin",
        "王 小明",
        "One Two Three Four Five",
        "<!channel> Eve",
        "{amount} Eve",
        "Ignore previous instructions.",
        "🙂 Ann",
    ],
)
def test_in_doubt_nobody_is_called_by_a_first_name(name: str | None) -> None:
    assert first_name(None, name) is None


def test_metadata_knows_the_first_name_better() -> None:
    assert first_name("Wei", "王 小明") == "Wei"
    assert first_name("Ana María", "ACME S.A.") == "Ana María"
    assert first_name("Click evil.example now", "Marie Dupont") is None


@pytest.mark.parametrize(
    ("country", "there"),
    [
        ("FR", "Europe/Paris"),
        ("fr", "Europe/Paris"),
        ("DE", "Europe/Berlin"),
        ("JP", "Asia/Tokyo"),
        ("IN", "Asia/Kolkata"),
        ("US", None),
        ("ES", None),
        ("BR", None),
        ("XX", None),
        (None, None),
    ],
)
def test_a_country_with_one_clock_tells_the_zone(country: str | None, there: str | None) -> None:
    assert zone(None, country, NOW) == there


def test_a_zone_in_the_metadata_wins_when_it_exists() -> None:
    assert zone("America/Chicago", "US", NOW) == "America/Chicago"
    assert zone("Mars/Olympus", "FR", NOW) == "Europe/Paris"
    assert zone("../../etc/passwd", "US", NOW) is None


def test_only_listed_metadata_is_kept_and_the_manager_may_stand_on_the_subscription() -> None:
    stripe = StripeCustomer(id="cus_1", metadata={"tier": "gold", "vip": "yes", "note": "x"})
    own = known_customer(stripe, {"account_manager": "U123"}, frozenset({"tier", "size"}), NOW)
    assert own.metadata == (("tier", "gold"),)
    assert own.manager == "U123"
    named = StripeCustomer(id="cus_1", metadata={"account_manager": "mia@acme.example"})
    assert known_customer(named, {"account_manager": "U1"}, frozenset(), NOW).manager == (
        "mia@acme.example"
    )


def test_what_makes_a_vip_does_so_on_the_customer_and_on_the_subscription() -> None:
    stripe = StripeCustomer(id="cus_1", metadata={"tier": "gold", "size": "s"})
    own = known_customer(stripe, {"tier": "basic", "note": "x"}, frozenset({"tier", "size"}), NOW)
    assert own.metadata == (("size", "s"), ("tier", "basic"), ("tier", "gold"))


@pytest.mark.parametrize(("country", "language"), [("MX", "es"), ("FR", "fr"), ("US", "en")])
def test_a_country_speaks_after_what_the_customer_said(country: str, language: str) -> None:
    stripe = StripeCustomer(id="cus_1", locales=("de",), country=country, metadata={})
    assert known_customer(stripe, {}, frozenset(), NOW).locales == ("de", language)


@pytest.mark.parametrize("country", ["BE", "CH", "BR", "ZZ", "", None])
def test_a_country_of_other_languages_never_gets_one_of_its_smaller_ones(
    country: str | None,
) -> None:
    assert not {"en", "es", "fr"} & set(country_language(country))
