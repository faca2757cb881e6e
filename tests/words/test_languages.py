import pytest

from bot.case.model import Customer
from bot.case.policy import Policy
from bot.words.languages import letter_locale


def locale(
    *preferred: str,
    country: str | None = None,
    languages: tuple[str, ...] = ("en", "es", "fr"),
    company: str = "en",
) -> str:
    customer = Customer(id="cus_1", locales=preferred, country=country)
    return letter_locale(customer, Policy(sender="b@a.test", languages=languages, locale=company))


def test_the_customers_first_wish_that_the_team_can_read_wins() -> None:
    assert locale("de", "fr-CA", "en", country="ES") == "fr"


def test_a_country_speaks_when_the_customer_did_not() -> None:
    assert locale(country="MX") == "es"
    assert locale(country="FR") == "fr"


@pytest.mark.parametrize("country", ["BE", "CH", "BR", "ZZ", None])
def test_in_doubt_it_is_the_companys_language(country: str | None) -> None:
    assert locale(country=country) == "en"


def test_a_regional_file_goes_before_the_general_one() -> None:
    assert locale("es-CO", languages=("en", "es", "es_co")) == "es_co"
    assert locale("es-MX", languages=("en", "es", "es_co")) == "es"


def test_a_language_the_team_cannot_read_is_never_written() -> None:
    assert locale("fr", country="FR", languages=("es",), company="en") == "es"


@pytest.mark.parametrize("wish", ["", "-", "fr_", "x" * 99])
def test_a_wish_that_is_no_language_does_no_harm(wish: str) -> None:
    assert locale(wish) in {"en", "fr"}
