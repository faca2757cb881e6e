"""Figures made coarse: enough to choose a tone by, too little to know anybody by."""

from datetime import datetime, timedelta

from bot.case.segment import whole_years
from bot.drafting.prompt import Attempt, Paid, Tenure

_MONTH = timedelta(days=30)
_MANY_YEARS = 3


def attempt(tries: int) -> Attempt:
    """The band of Stripe's attempt count; before the first there is none."""
    if tries < 1:
        return Attempt.UNKNOWN
    floors = ((4, Attempt.LATER), (2, Attempt.SECOND_OR_THIRD))
    return next((band for floor, band in floors if tries >= floor), Attempt.FIRST)


def tenure(since: datetime | None, at: datetime) -> Tenure:
    """The band of the calendar years (UTC) completed from `since` to `at`."""
    if since is None:
        return Tenure.UNKNOWN
    years = whole_years(since, at)
    if years < 1:
        return Tenure.MONTH if at - since < _MONTH else Tenure.YEAR
    return Tenure.YEARS if years < _MANY_YEARS else Tenure.MANY_YEARS


def paid(invoices: int | None) -> Paid:
    """The band of how many invoices were paid; None: nobody knows."""
    if invoices is None:
        return Paid.UNKNOWN
    floors = ((25, Paid.VERY_MANY), (6, Paid.MANY), (1, Paid.FEW))
    return next((band for floor, band in floors if invoices >= floor), Paid.NONE)
