"""What can happen to a case. Past tense: facts, not wishes.

Every event carries `at` (UTC). What a person did carries `who`; what concerns a letter `revision`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.case.facts import Facts
from bot.case.ids import Actor, InvoiceId
from bot.case.letter import Letter
from bot.case.model import Shown
from bot.case.standing import CustomerRecord, Verdict


class News(StrEnum):
    """What kind of hint came."""

    FAILURE = "failure"  # the only one that opens a case
    CHANGE = "change"
    END = "end"  # what was owed may be owed no more: read at once
    DISPUTE = "dispute"
    FRAUD_WARNING = "fraud_warning"


@dataclass(frozen=True, kw_only=True)
class Event:
    """What all events have."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class PersonEvent(Event):
    """Something a person (or policy) did."""

    who: Actor


# From Stripe and from time


@dataclass(frozen=True, kw_only=True)
class Hinted(Event):
    """Stripe says that something changed; what it is now must be read."""

    news: News = News.CHANGE
    invoice: InvoiceId | None = None


@dataclass(frozen=True, kw_only=True)
class FactsRead(Event):
    """Stripe was read. `known` is set when the reading filled what we remember of the customer."""

    facts: Facts
    known: CustomerRecord | None = None


@dataclass(frozen=True, kw_only=True)
class TimeCame(Event):
    """The alarm that was set for `wake` went off."""

    wake: datetime


@dataclass(frozen=True, kw_only=True)
class Forgotten(Event):
    """The time for which a closed case's words are kept is over."""


# From performers


@dataclass(frozen=True, kw_only=True)
class Drafted(Event):
    """Words were written."""

    revision: int
    letter: Letter


@dataclass(frozen=True, kw_only=True)
class Posted(Event):
    """Slack shows these messages (all that stand for the case)."""

    shown: tuple[Shown, ...]
    revision: int | None = None  # what the present question's message shows,
    seen: str | None = None  # and the fingerprint of its letter


@dataclass(frozen=True, kw_only=True)
class Looked(Event):
    """The last look was made. `links` go to the hand-over and are never stored."""

    revision: int
    facts: Facts
    links: Mapping[InvoiceId, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Delivered(Event):
    """The mail server took the letter and said `receipt`; `recipient` None: test mode kept it."""

    revision: int
    receipt: str
    recipient: str | None


@dataclass(frozen=True, kw_only=True)
class NotSent(Event):
    """The letter certainly did not leave. `permanent`: this address will never take it."""

    revision: int
    permanent: bool
    code: str


@dataclass(frozen=True, kw_only=True)
class Differed(Event):
    """A setting or our own words changed this letter after it was shown, so it did not leave."""

    revision: int


@dataclass(frozen=True, kw_only=True)
class Unclear(Event):
    """Nobody knows whether the letter left."""

    revision: int


# From elsewhere


@dataclass(frozen=True, kw_only=True)
class Bounced(Event):
    """An address sent a letter back; `revision` if it was the one in flight."""

    address: str
    revision: int | None = None


@dataclass(frozen=True, kw_only=True)
class Replied(Event):
    """The customer answered."""


@dataclass(frozen=True, kw_only=True)
class Held(Event):
    """An incident holds everything back."""


@dataclass(frozen=True, kw_only=True)
class Released(Event):
    """The incident is over."""


@dataclass(frozen=True, kw_only=True)
class Restored(Event):
    """The database is a restored or a moved one: what happened after `known` is not in it.

    `at` is when that was noticed, the same for all cases.
    """

    known: datetime


# From people


@dataclass(frozen=True, kw_only=True)
class Approved(PersonEvent):
    """A person (or policy) approved; `seen` is what would leave, compared with what they saw."""

    revision: int
    seen: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hurried(PersonEvent):
    """A person said: send now, whatever the hour."""

    revision: int


@dataclass(frozen=True, kw_only=True)
class Edited(PersonEvent):
    """A person wrote the words themselves; `approve` also approves them, as `seen`."""

    revision: int
    letter: Letter
    approve: bool
    seen: str | None = None


@dataclass(frozen=True, kw_only=True)
class DraftAsked(PersonEvent):
    """A person wants new words, with a note to the writer; `answers` as in Stopped."""

    revision: int
    answers: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rejected(PersonEvent):
    """A person does not want this notice sent; `calls`: they get in touch themselves."""

    revision: int
    calls: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class WaitAsked(PersonEvent):
    """A person wants to see first what becomes of Stripe's next try."""

    revision: int


@dataclass(frozen=True, kw_only=True)
class Undone(PersonEvent):
    """A person took an approval back."""

    revision: int


@dataclass(frozen=True, kw_only=True)
class Settled(PersonEvent):
    """A person said whether an unclear letter arrived."""

    revision: int
    arrived: bool


@dataclass(frozen=True, kw_only=True)
class Snoozed(PersonEvent):
    """A person wants quiet until `until`; `retry` names the Stripe retry it waits for."""

    until: datetime
    retry: datetime | None = None
    revision: int | None = None  # the letter that it answers, which must still be in review
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rerouted(PersonEvent):
    """A person overruled the segment."""

    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Ticked(PersonEvent):
    """A person chose which invoices to write about: these are left out."""

    unticked: frozenset[InvoiceId]


@dataclass(frozen=True, kw_only=True)
class Owned(PersonEvent):
    """A person took the customer on, got in touch, or handed over to `owner`, a Slack user."""

    contacted: bool = False
    owner: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Stopped(PersonEvent):
    """A person wants nothing ever written about these invoices.

    `revision` is their card's. `answers`: they were asked about its letter, still in review.
    """

    revision: int | None = None
    answers: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Erased(PersonEvent):
    """Words, names and addresses are to be forgotten."""


AnyEvent = (
    # From Stripe and from time
    Hinted | FactsRead | TimeCame | Forgotten
    # From performers
    | Drafted | Posted | Looked | Delivered | NotSent | Differed | Unclear
    # From elsewhere
    | Bounced | Replied | Held | Released | Restored
    # From people
    | Approved | Hurried | Edited | DraftAsked | Rejected | WaitAsked | Undone | Settled
    | Snoozed | Rerouted | Ticked | Owned | Stopped | Erased
)  # fmt: skip
