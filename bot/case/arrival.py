"""That one of Stripe's events came: whose it may be, and what kind of news."""

from dataclasses import dataclass
from datetime import datetime

from bot.case.events import News
from bot.case.ids import InvoiceId


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """That an event came: ids and kinds, nothing personal. `created` is UTC.

    `account` "" is our own. `parked`: from an account that nobody told us about; it is kept and
    told, and joins no case. At least one of the four ids at the end is there.
    """

    id: str
    type: str
    created: datetime
    livemode: bool
    account: str
    news: News
    parked: bool = False
    invoice: InvoiceId | None = None
    customer: str | None = None
    charge: str | None = None
    subscription: str | None = None
