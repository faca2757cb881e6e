"""That one of Stripe's events came: whose it may be, and what kind of news."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.case.events import News
from bot.case.ids import InvoiceId

# Stripe tries to deliver an event for three days. A failure that nobody told us of for a week is
# history: a letter about it would come out of nowhere (docs/decisions/0013-stale-failures.md).
STALE_AFTER = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """That an event came: ids and kinds, nothing personal. `created` is UTC.

    `account` "" is our own. `parked`: from an account that nobody told us about; it is kept and
    told, and joins no case. `stale`: a failure from before our time, kept and counted in the same
    way. At least one of the four ids at the end is there.
    """

    id: str
    type: str
    created: datetime
    livemode: bool
    account: str
    news: News
    parked: bool = False
    stale: bool = False
    invoice: InvoiceId | None = None
    customer: str | None = None
    charge: str | None = None
    subscription: str | None = None

    def is_stale(self, now: datetime) -> bool:
        """Whether this is a failure of so long ago that nobody is to be written to about it."""
        return self.stale or (self.news is News.FAILURE and self.created + STALE_AFTER < now)
