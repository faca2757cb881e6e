"""Amounts as people there write them."""

import pytest

from bot.case.money import Money
from bot.words import LOCALES
from bot.words.numbers import amount


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
