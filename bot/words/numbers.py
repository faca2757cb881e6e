"""Amounts, dates and times as people there write them. Babel prints; we only divide."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import InvalidOperation
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_percent

from bot.case.money import Money

# CLDR wants a space between a currency's letters and a digit; Babel leaves it out:
# https://www.unicode.org/reports/tr35/tr35-numbers.html#Currencies
_CODE_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
_SPACE = "\u00a0"


def amount(locale: str, money: Money) -> str:
    """An amount with its currency: €49.00, 49,00 €, ¥4,900, KWD 4.900."""
    code = money.currency.upper()
    try:
        written = format_currency(money.major, code, locale=locale, currency_digits=True)
    except InvalidOperation:  # more digits than Babel rounds: no card may fail over a figure
        return f"{money.major:f}{_SPACE}{code}"
    return _CODE_MEETS_DIGIT.sub(_SPACE, written)


def amounts(locale: str, sums: tuple[Money, ...]) -> str:
    """Sums in several currencies as a list, never added up."""
    return listed(locale, (amount(locale, one) for one in sums))


def share(locale: str, part: int, whole: int) -> str:
    """A part of a whole in per cent: 25%, 25 %. Of nothing it is nothing."""
    return format_percent(part / whole if whole else 0, locale=locale)


def listed(locale: str, words: Iterable[str]) -> str:
    """Words as people list them: a, b, and c."""
    return format_list(list(words), locale=locale)


def day(locale: str, at: datetime, zone: str) -> str:
    """A date with its weekday there: Monday, November 23, 2026; lundi 23 novembre 2026."""
    return format_date(at.astimezone(ZoneInfo(zone)).date(), "full", locale=locale)


def hour(locale: str, at: datetime, zone: str) -> str:
    """A time of day there: 14:32 or 2:32 PM."""
    return format_time(at.astimezone(ZoneInfo(zone)), "short", locale=locale)


def moment(locale: str, at: datetime, zone: str) -> str:
    """A date and time there, short."""
    return format_datetime(at.astimezone(ZoneInfo(zone)), "medium", locale=locale)


def month(locale: str, at: datetime, zone: str) -> str:
    """A month and its year there: Nov 2026, nov. 2026."""
    return format_skeleton("yMMM", at.astimezone(ZoneInfo(zone)), locale=locale)


def weekday(locale: str, number: int) -> str:
    """A weekday's name; Monday is 0."""
    monday = date(2024, 1, 1)
    return format_date(monday + timedelta(days=number), "EEEE", locale=locale)


def weekday_hour(locale: str, at: datetime, zone: str) -> str:
    """A weekday and a time of day there: Monday 09:00, lundi 09:00."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{format_date(there.date(), 'EEEE', locale=locale)} {hour(locale, at, zone)}"


def language(locale: str, tag: str) -> str:
    """A language's name as people call it here: French, français, francés; else the tag itself."""
    try:
        known = Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):  # Stripe keeps whatever it is given
        return tag
    return known.get_language_name(locale) or tag
