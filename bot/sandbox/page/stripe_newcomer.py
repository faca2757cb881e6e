"""A visitor adds a customer: whatever they call them is text, whatever they type may be wrong."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.case.money import of_major
from bot.sandbox.page.cast import Character, enter
from bot.sandbox.page.desk import Desk, Json, Nonsense, NotNow
from bot.sandbox.slack import User

CURRENCIES = ("eur", "usd", "gbp", "chf", "jpy", "kwd")
LANGUAGES = ("en", "fr", "es", "de", "ja")
LONGEST_NAME = 256  # Stripe's limits
LONGEST_EMAIL = 512
DEAREST = 99_999_999  # minor units, eight digits: https://docs.stripe.com/currencies
MOST = 40  # customers on the page


async def add(desk: Desk, _: User, given: Mapping[str, Any]) -> Json:
    """{name, email, amount, currency, language}; gives {customer}: the id.

    NotNow names the `field` that is wrong; Nonsense for a currency or language that is no choice.
    """
    if len(desk.houses.stripe.world.tables.get("customer", {})) >= MOST:
        raise NotNow("stripe.add_enough", field="")
    return {"customer": enter(desk, newcomer(given))["id"]}


def newcomer(given: Mapping[str, Any]) -> Character:
    """Who was described, a customer for a month; NotNow with the first `field` that is wrong."""
    said = {key: str(given.get(key) or "").strip() for key in ("name", "email", "amount")}
    currency, language = given.get("currency"), given.get("language")
    if not 0 < len(said["name"]) <= LONGEST_NAME:
        raise NotNow("stripe.add_name", field="name")
    if len(said["email"]) > LONGEST_EMAIL:
        raise NotNow("stripe.add_email", field="email")
    if currency not in CURRENCIES or language not in LANGUAGES:
        raise Nonsense("no such currency or language")
    return Character(
        name=said["name"],
        email=said["email"] or None,
        amount=_minor(said["amount"], currency),
        plan="Solo",
        currency=currency,
        locales=(language,),
        months=1,
    )


def _minor(text: str, currency: str) -> int:
    """`49`, `49.00` and `49,00` of eur are 4900."""
    if re.fullmatch(r"[0-9]{1,8}([.,][0-9]{1,3})?", text):
        try:
            minor = of_major(Decimal(text.replace(",", ".")), currency).minor
        except ValueError:
            minor = 0
        if 0 < minor <= DEAREST:
            return minor
    raise NotNow("stripe.add_amount", field="amount")
