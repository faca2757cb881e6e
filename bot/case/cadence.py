"""When the next word is due, and when to stop. Quiet hours included.

Sending hours are read off the clock on the customer's wall: a moment is inside them when that
clock says so, also on the days it is put forward or back. All moments in and out are aware; what
is returned is UTC.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.case.facts import Invoice
from bot.case.policy import Policy, SendingHours
from bot.case.standing import Contact

# How far ahead a window's edge is looked for: a week, and another for a day that a zone left out
# (Samoa had no 30 December 2011).
HORIZON_DAYS = 15
# Stripe's try, and its news, come some time after the moment that was planned. News ends a wait at
# once: this is only for news that never comes, and too short a wait would ask about a letter while
# the card is being charged.
RETRY_TAKES = timedelta(hours=1)


def next_try(owed: Iterable[Invoice], at: datetime) -> datetime | None:
    """When Stripe tries again to charge one of these, as far as it plans to after `at`."""
    planned = (one.next_attempt for one in owed if one.next_attempt is not None)
    return min((one for one in planned if one > at), default=None)


def next_notice_at(anchor: datetime, notice: int, policy: Policy) -> datetime | None:
    """When notice `notice` (1 is the first) of the round that began at `anchor` is due.

    None when the round has no such notice.
    """
    after = (timedelta(0), *policy.cadence)
    return anchor + after[notice - 1] if 1 <= notice <= len(after) else None


def budget_free_at(contacts: Iterable[Contact], policy: Policy, at: datetime) -> datetime | None:
    """When the contact budget lets the next letter leave; None when it does at `at` already.

    `contacts` are this customer's and this address's: every one of them counts.
    """
    last = max((contact.at for contact in contacts), default=None)
    if last is None or last + policy.budget <= at:
        return None
    return last + policy.budget


def within(at: datetime, hours: SendingHours | None, zone: str) -> bool:
    """Whether `at` lies inside the hours on the clock of `zone` (an IANA name)."""
    if hours is None:
        return True
    there = at.astimezone(ZoneInfo(zone))
    clock, today = there.time(), there.weekday()
    if hours.opens < hours.closes:
        return today in hours.weekdays and hours.opens <= clock < hours.closes
    # Over midnight: the window belongs to the day on which it opened.
    opened_today = today in hours.weekdays and clock >= hours.opens
    opened_yesterday = (today - 1) % 7 in hours.weekdays and clock < hours.closes
    return opened_today or opened_yesterday


def opening(at: datetime, hours: SendingHours | None, zone: str) -> datetime:
    """The first moment at or after `at` that lies inside the hours; raises ValueError for none."""
    if within(at, hours, zone):
        return at.astimezone(UTC)
    for edge in _edges(at, hours, zone):
        if within(edge, hours, zone):
            return edge
    raise ValueError("these sending hours never open")


def working_hours_later(
    at: datetime, hours: SendingHours | None, zone: str, span: timedelta
) -> datetime:
    """The moment when so much time inside the hours has gone by since `at`."""
    since, left = opening(at, hours, zone), span
    while (closes := _closing(since, hours, zone)) is not None and closes - since < left:
        left -= closes - since
        since = opening(closes, hours, zone)
    return since + left


def _closing(at: datetime, hours: SendingHours | None, zone: str) -> datetime | None:
    """The first moment after `at` outside the hours, or None when they run on and on."""
    shut = (edge for edge in _edges(at, hours, zone) if not within(edge, hours, zone))
    return next(shut, None)


def _edges(at: datetime, hours: SendingHours | None, zone: str) -> list[datetime]:
    """Every moment after `at`, in order, at which the hours can begin or end there."""
    if hours is None:
        return []
    there = ZoneInfo(zone)
    today = at.astimezone(there).date()
    days = [today + timedelta(days=ahead) for ahead in range(-1, HORIZON_DAYS)]
    edges = _clock_changes(days, there)
    for day in days:
        edges |= _moments(day, hours.opens, there) | _moments(day, hours.closes, there)
    return sorted(edge for edge in edges if edge > at)


def _moments(day: date, clock: time, there: ZoneInfo) -> set[datetime]:
    """The moments at which that clock shows that time: one, two after it is put back."""
    shown = datetime.combine(day, clock, there)
    return {shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}


def _clock_changes(days: list[date], there: ZoneInfo) -> set[datetime]:
    """The moments, to the second, at which that clock is put forward or back in these days."""
    midnights = [datetime.combine(day, time(), UTC) for day in days]
    changes = set()
    for early, late in pairwise(midnights):
        before, after = early, late
        if _offset(before, there) == _offset(after, there):
            continue
        while after - before > timedelta(seconds=1):
            middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
            if _offset(middle, there) == _offset(early, there):
                before = middle
            else:
                after = middle
        changes.add(after)
    return changes


def _offset(at: datetime, there: ZoneInfo) -> timedelta | None:
    return at.astimezone(there).utcoffset()
