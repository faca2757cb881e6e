"""When to try again: a pure function of the error and of how often it went wrong before."""

from datetime import timedelta

from bot.errors import DunningError, OutsideTrouble

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=15)
MOST = 8  # tries; then the team is told
MOST_IF_PERMANENT = 2


def next_try(error: Exception, failures: int, chance: float) -> timedelta | None:
    """How long to wait after so many earlier failures, or None to give up and tell.

    Doubles from two seconds up to a quarter of an hour, within a fifth more or less as `chance`
    (0 to 1) has it, so that many do not come back at once; never sooner than the other side asked.
    """
    permanent = isinstance(error, DunningError) and error.permanent
    if failures + 1 >= (MOST_IF_PERMANENT if permanent else MOST):
        return None
    wished = error.retry_after if isinstance(error, OutsideTrouble) else None
    doubled: timedelta = min(FIRST * 2**failures, LONGEST) * (0.8 + 0.4 * chance)
    return max(doubled, timedelta(seconds=wished or 0))
