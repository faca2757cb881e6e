"""Whether Stripe's webhooks reach us at all, judged by what no webhook had brought when we asked.

A wrong signing secret, or an endpoint that leads elsewhere, is hidden by polling: every card comes,
and minutes late. https://docs.stripe.com/webhooks#verify-events
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from bot.case.arrival import Arrival

SETTING = "STRIPE_WEBHOOK_SECRET"
NO_WEBHOOKS = (SETTING, "no_webhooks")
DELIVERED_WITHIN = timedelta(minutes=1)  # Stripe takes seconds; what is younger may be on its way
ENOUGH = 3  # events in a row: one or two are lost while a process or a network stumbles


class Hearing:
    """Counts the events since `since` (our start: before it nobody listened) that came unheard."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._unheard = 0

    @property
    def is_deaf(self) -> bool:
        """Whether nothing has come by webhook for several events."""
        return self._unheard >= ENOUGH

    def judge(
        self, arrivals: Iterable[Arrival], new: AbstractSet[str], *, seen: datetime, now: datetime
    ) -> None:
        """Of these events those `new` were unknown, and all up to `seen` were judged before."""
        begins = max(self._since, seen)
        due = [one for one in arrivals if begins < one.created <= now - DELIVERED_WITHIN]
        if all(one.id in new for one in due):
            self._unheard += len(due)
        else:
            self._unheard = 0
