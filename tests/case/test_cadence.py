from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.case.cadence import (
    budget_free_at,
    next_notice_at,
    opening,
    within,
    working_hours_later,
)
from bot.case.policy import Policy, SendingHours
from bot.case.standing import Contact

ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour forward and back
    "America/Santiago",  # changes at midnight
    "Asia/Kathmandu",  # 5:45 ahead, never changes
)
WEEKDAYS = frozenset(range(5))
OFFICE = SendingHours(opens=time(9), closes=time(18), weekdays=WEEKDAYS)
EVERY_DAY = frozenset(range(7))
POLICY = Policy(sender="Acme <billing@acme.test>")


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[arg-type, misc]


def window(opens: str, closes: str, weekdays: frozenset[int] = EVERY_DAY) -> SendingHours:
    return SendingHours(
        opens=time.fromisoformat(opens), closes=time.fromisoformat(closes), weekdays=weekdays
    )


def test_the_follow_ups_are_due_three_seven_and_fourteen_days_after_the_first() -> None:
    anchor = datetime(2026, 11, 2, 12, tzinfo=UTC)
    due = [next_notice_at(anchor, notice, POLICY) for notice in (1, 2, 3, 4)]
    assert due == [anchor + timedelta(days=days) for days in (0, 3, 7, 14)]


@pytest.mark.parametrize("notice", [0, 5, -1])
def test_a_round_has_no_other_notices(notice: int) -> None:
    assert next_notice_at(datetime(2026, 11, 2, tzinfo=UTC), notice, POLICY) is None


def test_the_budget_counts_from_the_latest_contact_whatever_its_address() -> None:
    at = datetime(2026, 11, 10, 12, tzinfo=UTC)
    older = Contact(key="send/a/1", address="a@x.test", at=at - timedelta(hours=40))
    newer = Contact(key="send/b/1", address="b@x.test", at=at - timedelta(hours=10))
    assert budget_free_at((newer, older), POLICY, at) == at + timedelta(hours=38)


def test_a_budget_that_has_run_its_time_is_free() -> None:
    at = datetime(2026, 11, 10, 12, tzinfo=UTC)
    contact = Contact(key="send/a/1", address="a@x.test", at=at - POLICY.budget)
    assert budget_free_at((contact,), POLICY, at) is None
    assert budget_free_at((), POLICY, at) is None


def test_without_hours_every_moment_will_do() -> None:
    at = datetime(2026, 11, 8, 3, tzinfo=UTC)
    assert within(at, None, "UTC")
    assert opening(at, None, "UTC") == at
    assert working_hours_later(at, None, "UTC", timedelta(hours=4)) == at + timedelta(hours=4)


@pytest.mark.parametrize("zone", ZONES)
def test_a_letter_approved_at_night_leaves_in_the_customers_morning(zone: str) -> None:
    friday_night = local(zone, 2026, 11, 6, 22, 30)
    assert opening(friday_night, OFFICE, zone) == local(zone, 2026, 11, 9, 9)


@pytest.mark.parametrize("zone", ZONES)
def test_the_first_minute_is_inside_and_the_last_is_not(zone: str) -> None:
    assert within(local(zone, 2026, 11, 9, 9), OFFICE, zone)
    assert not within(local(zone, 2026, 11, 9, 18), OFFICE, zone)
    assert not within(local(zone, 2026, 11, 9, 8, 59), OFFICE, zone)


def test_the_morning_after_the_clock_is_put_forward_is_an_hour_nearer() -> None:
    saturday = local("Europe/Paris", 2026, 3, 28, 9)
    assert opening(saturday, window("09:00", "18:00"), "Europe/Paris") == saturday
    evening = local("Europe/Paris", 2026, 3, 28, 18)
    opens = opening(evening, window("09:00", "18:00"), "Europe/Paris")
    assert opens - evening == timedelta(hours=14)


def test_a_window_that_opens_in_the_missing_hour_opens_when_the_clock_has_jumped() -> None:
    night = local("America/New_York", 2026, 3, 8, 1)
    opens = opening(night, window("02:30", "05:00"), "America/New_York")
    assert opens == local("America/New_York", 2026, 3, 8, 3)


def test_a_window_inside_the_missing_hour_does_not_open_that_day() -> None:
    night = local("America/New_York", 2026, 3, 8, 1)
    opens = opening(night, window("02:15", "02:45"), "America/New_York")
    assert opens == local("America/New_York", 2026, 3, 9, 2, 15)


def test_a_window_in_the_repeated_hour_opens_twice() -> None:
    hours, zone = window("00:30", "01:30"), "America/New_York"
    closed_once = local(zone, 2026, 11, 1, 1, 40, fold=0)
    assert opening(closed_once, hours, zone) == local(zone, 2026, 11, 1, 1, fold=1)
    closed_twice = local(zone, 2026, 11, 1, 1, 40, fold=1)
    assert opening(closed_twice, hours, zone) == local(zone, 2026, 11, 2, 0, 30)


def test_where_midnight_itself_is_missing_the_day_opens_at_one() -> None:
    zone = "America/Santiago"
    saturday = local(zone, 2026, 9, 5, 23)
    assert opening(saturday, window("00:00", "02:00"), zone) == local(zone, 2026, 9, 6, 1)


def test_half_an_hour_of_daylight_saving_is_half_an_hour() -> None:
    zone = "Australia/Lord_Howe"
    evening = local(zone, 2026, 10, 3, 18)
    opens = opening(evening, window("09:00", "18:00"), zone)
    assert opens - evening == timedelta(hours=14, minutes=30)


def test_the_leap_day_is_a_day() -> None:
    evening = local("Asia/Kathmandu", 2028, 2, 28, 19)
    assert opening(evening, OFFICE, "Asia/Kathmandu") == local("Asia/Kathmandu", 2028, 2, 29, 9)


def test_a_window_over_midnight_belongs_to_the_day_it_opened_on() -> None:
    fridays = window("22:00", "02:00", frozenset({4}))
    saturday_one = local("UTC", 2026, 11, 7, 1)
    assert within(saturday_one, fridays, "UTC")
    assert not within(local("UTC", 2026, 11, 6, 1), fridays, "UTC")
    assert opening(local("UTC", 2026, 11, 7, 2), fridays, "UTC") == local("UTC", 2026, 11, 13, 22)


def test_a_zone_that_leaves_out_a_friday_waits_for_the_next() -> None:
    zone = "Pacific/Apia"
    thursday = local(zone, 2011, 12, 29, 12)
    fridays = window("09:00", "18:00", frozenset({4}))
    assert opening(thursday, fridays, zone) == local(zone, 2012, 1, 6, 9)


def test_hours_without_a_day_never_open() -> None:
    with pytest.raises(ValueError, match="never open"):
        opening(datetime(2026, 11, 9, tzinfo=UTC), window("09:00", "18:00", frozenset()), "UTC")


def test_four_working_hours_on_friday_afternoon_end_on_monday_morning() -> None:
    friday = local("Europe/Paris", 2026, 11, 6, 16)
    later = working_hours_later(friday, OFFICE, "Europe/Paris", timedelta(hours=4))
    assert later == local("Europe/Paris", 2026, 11, 9, 11)


def test_four_working_hours_at_night_begin_in_the_morning() -> None:
    night = local("Europe/Paris", 2026, 11, 9, 3)
    later = working_hours_later(night, OFFICE, "Europe/Paris", timedelta(hours=4))
    assert later == local("Europe/Paris", 2026, 11, 9, 13)


def test_hours_that_never_close_are_counted_straight_through() -> None:
    at = local("Europe/Paris", 2026, 11, 9, 3)
    all_day = window("00:00", "00:00")
    assert working_hours_later(at, all_day, "Europe/Paris", timedelta(days=40)) == at + timedelta(
        days=40
    )


QUARTERS = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
HOURS = st.builds(
    SendingHours,
    opens=QUARTERS,
    closes=QUARTERS,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
)
# Around the days on which the zones change their clocks, and the leap day.
AROUND = st.sampled_from(
    [
        datetime(2026, 3, 7, tzinfo=UTC),
        datetime(2026, 3, 28, tzinfo=UTC),
        datetime(2026, 4, 4, tzinfo=UTC),
        datetime(2026, 9, 5, tzinfo=UTC),
        datetime(2026, 10, 3, tzinfo=UTC),
        datetime(2026, 10, 24, tzinfo=UTC),
        datetime(2026, 10, 31, tzinfo=UTC),
        datetime(2028, 2, 28, tzinfo=UTC),
    ]
)


@settings(max_examples=150, deadline=None)
@given(around=AROUND, quarter=st.integers(0, 191), hours=HOURS, zone=st.sampled_from(ZONES))
def test_the_opening_is_the_first_moment_inside(
    around: datetime, quarter: int, hours: SendingHours, zone: str
) -> None:
    step = timedelta(minutes=15)
    at = around + quarter * step
    opens = opening(at, hours, zone)
    assert within(opens, hours, zone)
    earlier = [at + n * step for n in range((opens - at) // step + 1) if at + n * step < opens]
    assert not any(within(moment, hours, zone) for moment in earlier)


@settings(max_examples=100, deadline=None)
@given(
    around=AROUND,
    quarter=st.integers(0, 191),
    hours=HOURS,
    zone=st.sampled_from(ZONES),
    span=st.integers(1, 40),
)
def test_working_hours_are_the_quarters_of_an_hour_spent_inside(
    around: datetime, quarter: int, hours: SendingHours, zone: str, span: int
) -> None:
    step = timedelta(minutes=15)
    at = around + quarter * step
    later = working_hours_later(at, hours, zone, span * step)
    inside = [n for n in range((later - at) // step) if within(at + n * step, hours, zone)]
    assert len(inside) == span
