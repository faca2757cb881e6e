"""How an operator writes a setting: text in, a typed value out, or what is wrong with it.

Every function is pure and raises Unusable, whose key is a sentence in bot/words.
"""

import csv
import re
from collections.abc import Callable, Iterable
from datetime import time
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency
from email_validator import EmailNotValidError, validate_email

from bot.case.money import Money, of_major
from bot.case.policy import SendingHours, TenureRule

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAME_LENGTH = 64  # characters: it stands in every subject

_AMOUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?([A-Za-z]{3})")
_TENURE = re.compile(r"([0-9]{1,2}) years? and (.+)")
_HOURS = re.compile(r"([0-9]{2}):([0-9]{2}) ?- ?([0-9]{2}):([0-9]{2})(?: (.+))?")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{6,20}")
_CHANNEL = re.compile(rf"{_CHANNEL_ID.pattern}|#?[\w-]{{1,80}}")
_T = TypeVar("_T")


class Unusable(Exception):
    """A setting's text can't be used; `key` names the sentence, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number in a range, both ends included."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise Unusable("not_whole", least=least, most=most)
        return int(text)

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """One of a few words, in any case."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise Unusable("not_a_choice", choices=", ".join(choices))
        return text.lower()

    return read


def whether(yes: str, no: str) -> Callable[[str], bool]:
    """One of two words, as a bool."""
    one = one_of(no, yes)
    return lambda text: one(text) == yes


def some_of(*choices: str) -> Callable[[str], tuple[str, ...]]:
    """One or more of a few words, in the operator's own order, none twice."""
    one = one_of(*choices)
    return lambda text: tuple(dict.fromkeys(one(part) for part in parts(text)))


def shaped(pattern: str, key: str) -> Callable[[str], str]:
    """A word of a known shape, such as a token with its prefix."""

    def read(text: str) -> str:
        if "…" in text:
            raise Unusable("not_filled_in")
        if not re.fullmatch(r"[!-~]+", text):
            raise Unusable("not_a_word")
        if not re.fullmatch(pattern, text):
            raise Unusable(key)
        return text

    return read


def several(one: Callable[[str], _T]) -> Callable[[str], tuple[_T, ...]]:
    """A comma-separated list, at least one long."""
    return lambda text: tuple(one(part) for part in parts(text))


def parts(text: str) -> list[str]:
    """The parts between commas; raises Unusable when there is none."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    if not found:
        raise Unusable("empty_list")
    return found


def quoted(text: str) -> tuple[str, ...]:
    """The parts between commas, where a part in double quotes may hold commas itself."""
    try:
        [row] = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        raise Unusable("open_quote") from None
    if any('"' in part for part in row):  # csv takes a quote in the middle for a letter
        raise Unusable("open_quote")
    return tuple(part.strip() for part in row if part.strip())


def channel(text: str) -> str:
    """A channel's id, or its name without the `#`: Slack knows names in small letters only."""
    if not _CHANNEL.fullmatch(text):
        raise Unusable("not_a_channel")
    return text if _CHANNEL_ID.fullmatch(text) else text.removeprefix("#").lower()


def company(text: str) -> str:
    """A name that can stand in a subject: one line, and nothing invisible in it."""
    if not text.isprintable() or len(text) > _NAME_LENGTH:
        raise Unusable("not_a_name", most=_NAME_LENGTH)
    return text


def address(text: str) -> str:
    """Exactly one e-mail address, without a name. A comma in it would be two recipients."""
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise Unusable("not_one_address") from None
    return found.normalized


def sender(text: str) -> str:
    """Exactly one e-mail address, with a name before it or without: Ana at Acme <ana@acme.com>."""
    try:
        found = validate_email(
            text, allow_display_name=True, check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        raise Unusable("not_one_sender") from None
    shown = found.display_name
    return f"{shown} <{found.normalized}>" if shown else found.normalized


def zone(text: str) -> str:
    """An IANA time zone's name."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unusable("no_such_zone") from None


def money(text: str) -> Money:
    """`500 USD`: more than nothing, of a real currency, no finer than its smallest part."""
    found = _AMOUNT.fullmatch(text)
    if not found or not is_currency(found[2].upper()) or not Decimal(found[1]):
        raise Unusable("not_an_amount")
    try:
        return of_major(Decimal(found[1]), found[2].lower())
    except ValueError:
        raise Unusable("too_fine", currency=found[2].upper()) from None


def amounts(text: str) -> tuple[Money, ...]:
    """`500 USD, 450 EUR`, one for each currency; `none` is none."""
    if text.lower() == "none":
        return ()
    found = several(money)(text)
    _once(one.currency.upper() for one in found)
    return found


def tenures(text: str) -> tuple[TenureRule, ...]:
    """`2 years and 300 USD`, as often as wanted."""
    return several(_tenure)(text)


def metadata(text: str) -> frozenset[tuple[str, str]]:
    """`tier=enterprise, plan=gold`."""
    pairs = [_pair(part) for part in quoted(text)]
    if not pairs or not all(key and value for key, value in pairs):
        raise Unusable("not_metadata")
    return frozenset(pairs)


def hours(text: str) -> SendingHours | None:
    """`09:00-18:00 mon-fri`, `22:00-02:00 fri,sat`; `always` is None."""
    if text.lower() == "always":
        return None
    found = _HOURS.fullmatch(text.lower())
    try:
        if not found:
            raise Unusable("not_hours")
        opens, closes = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        raise Unusable("not_hours") from None
    if opens == closes:
        raise Unusable("not_hours")
    return SendingHours(opens=opens, closes=closes, weekdays=_weekdays(found[5] or "mon-sun"))


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key.strip(), value.strip()


def _tenure(text: str) -> TenureRule:
    found = _TENURE.fullmatch(text.lower())
    if not found or not int(found[1]):
        raise Unusable("not_a_tenure")
    return TenureRule(years=int(found[1]), amount=money(found[2]))


def _weekdays(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in parts(text):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise Unusable("not_hours")
        start, end = DAYS.index(first), DAYS.index(last or first)
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return frozenset(days)


def _once(currencies: Iterable[str]) -> None:
    seen: set[str] = set()
    for currency in currencies:
        if currency in seen:
            raise Unusable("currency_twice", currency=currency)
        seen.add(currency)
