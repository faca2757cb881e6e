"""When to try again: a pure function of the error and of how often it went wrong before."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BillingTrouble
from bot.retry import LONGEST, MOST, MOST_IF_PERMANENT, next_try

DOWN = BillingTrouble("down")
NO_KEY = BillingTrouble("no_key", permanent=True)


def test_it_waits_two_seconds_and_then_twice_as_long_each_time() -> None:
    waits = [next_try(DOWN, failures, 0.5) for failures in range(4)]
    assert waits == [timedelta(seconds=2**turn) for turn in range(1, 5)]


def test_after_eight_tries_it_gives_up() -> None:
    assert next_try(DOWN, MOST - 2, 0.5) is not None
    assert next_try(DOWN, MOST - 1, 0.5) is None


def test_what_cannot_be_mended_by_trying_is_tried_once_more() -> None:
    assert next_try(NO_KEY, MOST_IF_PERMANENT - 2, 0.5) is not None
    assert next_try(NO_KEY, MOST_IF_PERMANENT - 1, 0.5) is None


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
