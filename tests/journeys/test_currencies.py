"""Amounts are right in every currency, and written as the people who read them do."""

import pytest

from bot.case.money import Money
from bot.words.numbers import amounts
from tests.databases import ONE_DATABASE
from tests.journeys.stories import Story, readable

pytestmark = ONE_DATABASE

# Minor units as Stripe sends them; how the team reads it, how the customer does.
WRITTEN = [
    ("jpy", 4900, "en", "¥4,900", "¥4,900"),
    ("kwd", 4900, "en", "KWD 4.900", "KWD 4.900"),
    ("kwd", 4900, "fr", "KWD 4.900", "4,900 KWD"),
    ("eur", 44999, "fr", "€449.99", "449,99 €"),
    ("eur", 44950, "es", "€449.50", "449,50 €"),
    ("isk", 490000, "en", "ISK 4,900", "ISK 4,900"),
]


@pytest.mark.parametrize(("currency", "minor", "language", "on_card", "in_letter"), WRITTEN)
async def test_an_amount_is_written_as_its_reader_writes_it(  # noqa: PLR0913, PLR0917
    story: Story, currency: str, minor: int, language: str, on_card: str, in_letter: str
) -> None:
    story.world.fail_payment(
        story.subscribed(currency=currency, amount=minor, locales=[language]),
        decline_code="insufficient_funds",
    )
    await story.town.settle()
    assert f"Chloé Martin · {on_card} · attempt 1" in story.card()
    await story.approve()
    assert in_letter in story.mailed()[0]
    assert in_letter in readable(story.town.mails()[0].html_part())


async def test_two_currencies_are_two_sums_and_never_one(story: Story) -> None:
    customer = story.customer()
    story.world.fail_payment(story.world.subscribe(customer, "Team", currency="eur"))
    story.world.fail_payment(story.world.subscribe(customer, "Seats", currency="jpy", amount=300))
    await story.town.settle()
    assert "€49.00 and ¥300 · 2 invoices" in story.card()
    await story.approve()
    sums = (Money(minor=4900, currency="eur"), Money(minor=300, currency="jpy"))
    assert readable(amounts("fr", sums)) in story.mailed()[0]


async def test_a_two_currency_customer_pays_one_and_the_other_stays_owed(story: Story) -> None:
    customer = story.customer()
    first = story.world.fail_payment(story.world.subscribe(customer, "Team", currency="eur"))
    story.world.fail_payment(story.world.subscribe(customer, "Seats", currency="jpy", amount=300))
    await story.town.settle()
    story.world.pay(first)
    await story.town.settle()
    assert "Chloé Martin · ¥300 · attempt 1" in story.card()
    await story.approve()
    assert "49,00" not in story.mailed()[0]
