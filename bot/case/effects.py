"""What a transition asks the outside world to do. Data, not calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.case.ids import CaseId, InvoiceId


@dataclass(frozen=True, kw_only=True)
class Gather:
    """Read the case's invoices and its customer again from Stripe, from `due` on (None: now)."""

    case_id: CaseId
    due: datetime | None = None

    @property
    def key(self) -> str:
        """One ready row a case."""
        return f"gather/{self.case_id}"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Have words written for this revision; `since` is when they were asked for (None: now)."""

    case_id: CaseId
    revision: int
    since: datetime | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """Once a revision."""
        return f"draft/{self.case_id}/{self.revision}"


@dataclass(frozen=True, kw_only=True)
class Show:
    """Make Slack show the present case. `again`: an earlier try may have got through."""

    case_id: CaseId
    place: str = "slack"
    again: bool = False

    @property
    def key(self) -> str:
        """One ready row a case and place."""
        return f"show/{self.case_id}/{self.place}"


@dataclass(frozen=True, kw_only=True)
class Look:
    """The last look at Stripe before sending this revision; may be repeated."""

    case_id: CaseId
    revision: int

    @property
    def key(self) -> str:
        """One ready row a revision."""
        return f"look/{self.case_id}/{self.revision}"


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """Give the approved letter to the mail server, once.

    `links` are the payment pages found at the last look: used at once and never stored, because
    they are short-lived bearer credentials.
    """

    case_id: CaseId
    revision: int
    links: Mapping[InvoiceId, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Also our own Message-ID's local part: the provider can be asked by it."""
        return f"send/{self.case_id}/{self.revision}"


@dataclass(frozen=True, kw_only=True)
class Tell:
    """Tell the team that `lost` was given up after many tries."""

    case_id: CaseId
    lost: str

    @property
    def key(self) -> str:
        """One ready row a lost effect."""
        return f"tell/{self.lost}"


Effect = Gather | Draft | Show | Look | HandOver | Tell
