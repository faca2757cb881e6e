"""One event that came by webhook is enough to know that they come."""

from datetime import timedelta

import pytest

from bot.case.arrival import Arrival
from bot.case.events import News
from bot.recovery.hearing import Hearing
from tests.case.life import NOON

MINUTE = timedelta(minutes=1)
NOW = NOON + 30 * MINUTE


def at(minute: int) -> Arrival:
    """An event of so many minutes after our start."""
    return Arrival(
        id=f"evt_{minute}",
        type="invoice.updated",
        created=NOON + minute * MINUTE,
        livemode=False,
        account="",
        news=News.CHANGE,
    )


@pytest.mark.parametrize(
    ("minutes", "heard", "is_deaf"),
    [
        ((5, 6, 7), (), True),
        ((5, 6), (), False),  # one or two may be lost
        ((5, 6, 7, 8), (5,), False),
        ((5, 6, 7, 8), (8,), False),
        ((-3, -2, -1), (), False),  # nobody listened yet
        ((28, 29, 30), (), False),  # the last two may be on their way
    ],
)
def test_several_events_and_not_one_by_webhook_are_told(
    minutes: tuple[int, ...], heard: tuple[int, ...], is_deaf: bool
) -> None:
    hearing = Hearing(NOON)
    new = {at(one).id for one in minutes if one not in heard}
    hearing.judge(map(at, minutes), new, seen=NOON - MINUTE, now=NOW + 30 * timedelta(seconds=1))
    assert hearing.is_deaf == is_deaf


def test_what_was_judged_before_counts_once_and_one_webhook_clears_it() -> None:
    hearing = Hearing(NOON)
    for seen in (NOON, NOON + 6 * MINUTE):
        hearing.judge([at(5), at(6)], {"evt_5", "evt_6"}, seen=seen, now=NOW)
    assert not hearing.is_deaf
    hearing.judge([at(7)], {"evt_7"}, seen=NOON + 6 * MINUTE, now=NOW)
    assert hearing.is_deaf
    hearing.judge([at(8)], set(), seen=NOON + 7 * MINUTE, now=NOW)
    assert not hearing.is_deaf
