"""A visitor adds a customer: what they type is read as it is meant, or refused at its field."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.page import stripe_part
from bot.sandbox.page.cast import CAST
from bot.sandbox.page.desk import Json, Nonsense, NotNow
from tests.sandbox.page.shop import Shop, shop

SOMEBODY = {"name": "Ines <b>", "email": "", "amount": "49", "currency": "eur", "language": "fr"}


@pytest.fixture
async def stage() -> AsyncIterator[Shop]:
    async with shop() as found:
        yield found


async def added(stage: Shop, **changed: object) -> Json:
    add = stripe_part.PART.acts["add"]
    answer = await add(stage.desk, stage.desk.houses.people.maya, SOMEBODY | changed)
    assert answer is not None
    rows = stage.screen()["customers"]
    found: Json = next(row for row in rows if row["id"] == answer["customer"])
    return found


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("49", "eur", 4900),
        ("49,90", "eur", 4990),
        ("3900", "jpy", 3900),
        ("14.500", "kwd", 14_500),
    ],
)
async def test_an_amount_is_read_as_it_is_written(
    stage: Shop, typed: str, currency: str, minor: int
) -> None:
    assert (await added(stage, amount=typed, currency=currency))["amount"] == minor


async def test_whoever_was_added_stands_paid_up_and_their_payment_can_fail(stage: Shop) -> None:
    row = await added(stage)
    await stripe_part.fail(stage.desk, row["id"], "insufficient_funds")

    assert (row["name"], row["email"], row["status"]) == ("Ines <b>", None, "paid")
    assert stage.ear.types()[0] == "invoice.payment_failed"


@pytest.mark.parametrize(
    ("field_", "typed"),
    [
        ("name", " "),
        ("name", "x" * 257),
        ("email", "x" * 513),
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "1e5"),
        ("amount", "49.001"),
        ("amount", "٤٩"),
        ("amount", "99999999"),
    ],
)
async def test_what_cannot_be_a_customer_is_refused_at_its_field(
    stage: Shop, field_: str, typed: str
) -> None:
    with pytest.raises(NotNow) as refused:
        await added(stage, **{field_: typed})

    assert refused.value.values["field"] == field_
    assert len(stage.screen()["customers"]) == len(CAST)


@pytest.mark.parametrize("changed", [{"currency": "xxx"}, {"language": ["fr"]}])
async def test_a_currency_or_language_that_was_not_offered_is_nonsense(
    stage: Shop, changed: Json
) -> None:
    with pytest.raises(Nonsense):
        await added(stage, **changed)
