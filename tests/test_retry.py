"""When to try again: a pure function of the error and of how often it went wrong before."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BillingTrouble, ChannelTrouble
from bot.retry import LONGEST, MOST, MOST_IF_PERMANENT, is_told, next_try, shared

DOWN = BillingTrouble("down")
NO_KEY = BillingTrouble("no_key", permanent=True)
ODD = ValueError("odd")


def test_it_waits_two_seconds_and_then_twice_as_long_each_time() -> None:
    waits = [next_try(DOWN, failures, 0.5) for failures in range(4)]
    assert waits == [timedelta(seconds=2**turn) for turn in range(1, 5)]


@given(failures=st.integers(0, 10_000))
def test_trouble_of_others_passes_and_is_never_given_up(failures: int) -> None:
    wait = next_try(DOWN, failures, 0.5)
    assert wait is not None
    assert wait <= LONGEST


def test_what_nobody_foresaw_is_given_up_after_eight_tries() -> None:
    assert next_try(ODD, MOST - 2, 0.5) is not None
    assert next_try(ODD, MOST - 1, 0.5) is None


def test_what_cannot_be_mended_by_trying_is_tried_once_more() -> None:
    assert next_try(NO_KEY, MOST_IF_PERMANENT - 2, 0.5) is not None
    assert next_try(NO_KEY, MOST_IF_PERMANENT - 1, 0.5) is None


@pytest.mark.parametrize(("error", "at"), [(NO_KEY, MOST_IF_PERMANENT), (DOWN, MOST), (ODD, MOST)])
def test_the_team_is_told_once_however_often_it_is_tried(error: Exception, at: int) -> None:
    assert [turn + 1 for turn in range(1000) if is_told(error, turn)] == [at]


def test_slacks_passing_troubles_are_not_told_in_slack() -> None:
    assert not any(is_told(ChannelTrouble("no_answer"), turn) for turn in range(1000))
    assert is_told(ChannelTrouble("is_archived", permanent=True), MOST_IF_PERMANENT - 1)


def test_who_says_when_to_come_back_is_asked_then_however_often_they_said_it() -> None:
    wait = next_try(ChannelTrouble("ratelimited", retry_after=3), 50, 0.5)
    assert wait == timedelta(seconds=3)


def test_an_error_that_nobody_foresaw_is_tried_like_any_other() -> None:
    assert next_try(ValueError("odd"), 0, 0.5) == timedelta(seconds=2)


def test_it_never_waits_less_than_the_other_side_asked() -> None:
    assert next_try(BillingTrouble("rate", retry_after=77), 0, 0.5) == timedelta(seconds=77)
    assert next_try(BillingTrouble("rate", retry_after=0.1), 0, 0.5) == timedelta(seconds=2)


@given(failures=st.integers(0, 100), chance=st.floats(0, 1))
def test_many_come_back_spread_over_a_fifth_more_or_less(failures: int, chance: float) -> None:
    wait, middle = next_try(DOWN, failures, chance), next_try(DOWN, failures, 0.5)
    assert (wait is None) == (middle is None)
    if wait is not None and middle is not None:
        assert 0.79 * middle <= wait <= 1.21 * middle
        assert wait <= 1.2 * LONGEST


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (BillingTrouble("timeout"), "stripe/timeout"),
        (BillingTrouble("authentication", permanent=True), "stripe/authentication"),
        (BillingTrouble("wrong_mode", permanent=True), None),
        (ChannelTrouble("is_archived", permanent=True), "slack/is_archived"),
        (ChannelTrouble("invalid_blocks", permanent=True), None),
        (ODD, None),
    ],
)
def test_what_is_one_cases_own_is_told_apart_from_what_holds_up_everybody(
    error: Exception, named: str | None
) -> None:
    assert shared(error) == named
