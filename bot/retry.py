"""When to try again, and when to tell: pure functions of the error and of how often it went wrong.

What others' troubles hold up is tried until it works: they pass. What trying can't mend, or nobody
foresaw, is given up for now.
"""

from datetime import timedelta
from typing import Final

from bot.errors import BillingTrouble, ChannelTrouble, DunningError, OutsideTrouble

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=5)
MOST = 8  # tries; then the team is told
MOST_IF_PERMANENT = 2
# Codes that say nothing of a case: a key, a token or a channel is not as it should be.
_OF_THE_SETTINGS: Final = frozenset(
    {"authentication", "permission", "missing_scope", "invalid_auth", "not_authed"}
    | {"token_expired", "token_revoked", "account_inactive", "is_archived", "not_in_channel"}
    | {"channel_not_found", "channel_not_private"}
)


def next_try(error: Exception, failures: int, chance: float) -> timedelta | None:
    """How long to wait after so many earlier failures, or None to give up.

    Doubles from two seconds up to five minutes, within a fifth more or less as `chance` (0 to 1)
    has it, so that many do not come back at once; never sooner than the other side asked. Who says
    when to come back is asked again then, without the doubling.
    """
    if not _passes(error) and failures + 1 >= _most(error):
        return None
    wished = error.retry_after if isinstance(error, OutsideTrouble) else None
    doubled: timedelta = min(FIRST * 2 ** min(failures, MOST), LONGEST)
    spread = 0.8 + 0.4 * chance
    return max(
        doubled * spread if wished is None else FIRST * spread, timedelta(seconds=wished or 0)
    )


def is_told(error: Exception, failures: int) -> bool:
    """Whether the team is to hear of it now: once, however often it is tried.

    Slack's passing troubles are not told in Slack.
    """
    passing_of_slack = isinstance(error, ChannelTrouble) and not error.permanent
    return failures + 1 == _most(error) and not passing_of_slack


def shared(error: Exception) -> str | None:
    """The name of a system's trouble that holds up everybody; None for what is one case's own."""
    if not isinstance(error, BillingTrouble | ChannelTrouble):
        return None
    if error.permanent and error.code not in _OF_THE_SETTINGS:
        return None
    return f"{'stripe' if isinstance(error, BillingTrouble) else 'slack'}/{error.code}"


def _most(error: Exception) -> int:
    permanent = isinstance(error, DunningError) and error.permanent
    return MOST_IF_PERMANENT if permanent else MOST


def _passes(error: Exception) -> bool:
    return isinstance(error, OutsideTrouble) and not error.permanent
