"""Amounts as people there write them."""

import pytest

from bot.case.money import Money
from bot.words import LOCALES
from bot.words.numbers import amount, listed, share, weekday


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (10**30, "jpy", f"1{'0' * 30}\u00a0JPY"),
        (10**40 + 1, "kwd", f"1{'0' * 37}.001\u00a0KWD"),
        (-(10**30), "eur", f"-1{'0' * 28}.00\u00a0EUR"),
    ],
)
def test_an_amount_too_large_for_babel_is_written_in_plain_digits(
    locale: str, minor: int, currency: str, written: str
) -> None:
    assert amount(locale, Money(minor=minor, currency=currency)) == written


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en", "58% Monday a, b, and c"),
        ("es", "58 % lunes a, b y c"),
        ("fr", "58 % lundi a, b et c"),
    ],
)
def test_shares_weekdays_and_lists_are_written_as_people_there_write_them(
    locale: str, written: str
) -> None:
    found = f"{share(locale, 7, 12)} {weekday(locale, 0)} {listed(locale, 'abc')}"
    assert found.replace("\u00a0", " ").replace("\u202f", " ") == written


def test_a_share_of_nothing_is_nothing() -> None:
    assert share("en", 0, 0) == "0%"
