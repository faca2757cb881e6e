"""What changed is told in a line each, old → new, and nothing foreign in it can mention or link."""

from dataclasses import replace
from typing import Any

import pytest

from bot.case.letter import Basis
from bot.case.money import Money
from bot.review.difference import Reading, differences
from bot.words import LOCALES
from tests.review.stories import BASIS

ONE = BASIS.invoices[0]
SECOND = replace(ONE, id="in_2", number="A-13")
TEXT = "Hello Ana,\n\n" + "One more line of this letter, as long as letters are.\n" * 9


def reading(basis: Basis = BASIS, *, subject: str = "Your payment", text: str = TEXT) -> Reading:
    return Reading(basis=basis, subject=subject, text=text)


def told(new: Reading, old: Reading | None = None, locale: str = "en") -> tuple[str, ...]:
    return differences(old or reading(), new, locale)


def with_invoices(*invoices: Any) -> Reading:
    return reading(replace(BASIS, invoices=invoices))


def test_nothing_is_told_of_what_is_the_same_or_is_not_approved() -> None:
    assert told(reading()) == ()
    untold = replace(ONE, plan="Solo", card="Visa 1", method="link", number="B-2")
    assert told(reading(replace(BASIS, customer_name="Eva", invoices=(untold,)))) == ()


def test_of_a_long_text_both_are_shown_from_where_they_differ() -> None:
    new = reading(text=TEXT + "Thank you! ")
    (line,) = told(new, reading(text=TEXT + "Goodbye. "))
    assert line.startswith("Text: “… ")
    assert "Goodbye." in line
    assert "Thank you!" in line
    (line,) = told(reading(text="Dear" + TEXT[5:]))
    assert line.startswith("Text: “Hello Ana, One more line")
    assert "” → “Dear Ana, One more line" in line
    assert len(line) < 400


def test_of_several_invoices_each_is_named() -> None:
    old = with_invoices(ONE, SECOND)
    less = replace(SECOND, remaining=Money(minor=100, currency="eur"), status="uncollectible")
    assert told(with_invoices(ONE, less), old) == (
        "A-13: €49.00 → €1.00",
        "A-13: open → marked uncollectible",
    )
    assert told(with_invoices(SECOND), old) == ("Invoice A-12 (€49.00) is no longer asked for.",)
    assert told(old, with_invoices(SECOND)) == ("Invoice A-12 (€49.00) is new.",)


def test_a_status_that_we_have_no_word_for_is_told_as_stripe_says_it() -> None:
    (line,) = told(with_invoices(replace(ONE, status="<@U1> new_one")))
    assert line == "Status in Stripe: open → &lt;＠U1&gt; new_one"


def test_no_more_lines_are_told_than_can_be_read_at_a_glance() -> None:
    many = [replace(ONE, id=f"in_{number}") for number in range(40)]
    assert len(told(with_invoices(*many))) == 10


@pytest.mark.parametrize("locale", LOCALES)
def test_foreign_text_in_it_mentions_links_and_formats_nothing(locale: str) -> None:
    evil = "<!channel> <https://evil.test|you> *now* `x` @here"
    number = replace(ONE, number=evil, id="in_2")
    basis = replace(BASIS, recipient=evil, sender=evil, link=evil, invoices=(number,))
    lines = told(reading(basis, subject=evil, text=evil), locale=locale)
    assert len(lines) == 7
    for line in lines:
        assert not set("<>*`") & set(line)
