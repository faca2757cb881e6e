import pytest

from bot.case.letter import locale_for

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
