"""A case: one customer's failed invoices, from the first decline to the last word."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.case.facts import Facts, Invoice
from bot.case.ids import Actor, CaseId, CustomerKey, InvoiceId
from bot.case.letter import Basis, Brief, Letter
from bot.case.money import Money, totals
from bot.case.standing import Reason, Standing


class State(StrEnum):
    """Where a case stands."""

    WAITING = "waiting"
    DRAFTING = "drafting"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SENDING = "sending"
    UNCLEAR = "unclear"
    BY_HAND = "by_hand"
    CLOSED = "closed"


class Why(StrEnum):
    """Why a case stands there."""

    # waiting
    FACTS = "facts"
    CHECKOUT = "checkout"
    NEXT_NOTICE = "next_notice"
    FIRST_RETRY = "first_retry"  # before the first letter, Stripe is let try once more
    SNOOZED = "snoozed"
    INCIDENT = "incident"
    END = "end"
    # by_hand
    DISPUTED = "disputed"
    FRAUD = "fraud"
    VIP = "vip"
    REPLIED = "replied"
    NO_ADDRESS = "no_address"
    FIRST_INVOICE = "first_invoice"
    # closed
    RECOVERED = "recovered"
    VOIDED = "voided"
    WRITTEN_OFF = "written_off"
    NOTHING_OWED = "nothing_owed"
    SUBSCRIPTION_ENDED = "subscription_ended"
    CUSTOMER_GONE = "customer_gone"
    STOPPED = "stopped"
    EXHAUSTED = "exhausted"
    ERASED = "erased"


class Decision(StrEnum):
    """What a person decided last about a letter, for the card to tell."""

    REJECTED = "rejected"
    CALLS = "calls"  # not sent, because they get in touch themselves
    EARLY = "early"
    ANEW = "anew"
    STOPPED = "stopped"


class Doubt(StrEnum):
    """Why a first letter waits for a person although the operator lets such letters go."""

    AGAIN = "again"  # a person was asked, or it was to go before and something came between
    TOUCHED = "touched"  # a person has had a hand in the case
    OVERRULED = "overruled"
    SEVERAL = "several"
    NO_THRESHOLD = "no_threshold"
    NO_REASON = "no_reason"
    SECRET = "secret"  # noqa: S105 - the bank's, and no password
    PARTLY_PAID = "partly_paid"
    SEND_INVOICE = "send_invoice"
    NO_SUBSCRIPTION = "no_subscription"
    ENDING = "ending"
    UNCOLLECTIBLE = "uncollectible"
    OLD = "old"
    STRANGE_TEXT = "strange_text"
    RECENT = "recent"
    NOWHERE = "nowhere"
    RESTORED = "restored"  # it may have left before the database was restored


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message in Slack that asks question `ask`; `replies` name what its thread was told.

    An older question's is `retired`; `ended` is the outcome that it shows since the case closed.
    """

    ask: int
    channel: str
    ts: str
    replies: tuple[str, ...] = ()
    retired: bool = False
    ended: Why | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """One customer's failed invoices. A change makes a new one; only the machine makes changes.

    The fields are grouped as docs/machine.md explains them. All times are UTC.
    """

    id: CaseId
    key: CustomerKey
    opened_at: datetime
    state: State = State.WAITING
    why: Why | None = Why.FACTS
    wake: datetime | None = None
    version: int = 0

    joined: tuple[InvoiceId, ...] = ()  # every invoice whose failure was reported
    joined_at: datetime | None = None  # when the last of them joined
    counted: tuple[InvoiceId, ...] = ()  # those seen owed in the present round or before
    unticked: frozenset[InvoiceId] = frozenset()
    facts: Facts | None = None
    hinted_at: datetime | None = None
    ever_owed: bool = False
    vip: bool = False
    reasons: tuple[Reason, ...] = ()
    disputed: Why | None = None  # DISPUTED or FRAUD, once Stripe said so
    replied: bool = False
    held: bool = False
    checkout_over: bool = False  # a first payment: the customer has left the checkout
    written_by_hand: bool = False  # a person asked for a letter that code would not write

    not_before: datetime | None = None
    retry_waited: datetime | None = None
    retry_known: tuple[tuple[InvoiceId, int], ...] = ()  # attempts when that wait began
    begun: bool = False  # this round's first letter was asked for, or put off by a person
    snoozed_by: Actor | None = None  # who asked for quiet last
    snoozed_at: datetime | None = None
    notice: int = 1
    sent: int = 0
    anchor: datetime | None = None
    earlier: tuple[Letter, ...] = ()

    revision: int = 0
    brief: Brief | None = None
    letter: Letter | None = None
    basis: Basis | None = None
    redrafts: int = 0
    note: str = ""
    manual: bool = False
    undone_by: Actor | None = None  # who took the approval of the letter in review back
    undone_at: datetime | None = None
    by_itself: bool = False  # in review, and policy approves it once its card stands
    doubts: tuple[Doubt, ...] = ()  # why policy left the letter in question to a person
    differed: bool = False  # a setting or our words changed the letter in review, and no fact did
    overdue: bool = False  # nobody answered: asked anew as soon as Stripe was read again

    approved_by: Actor | None = None
    approved_at: datetime | None = None
    seen: str | None = None  # the fingerprint of what was approved
    send_at: datetime | None = None
    good_until: datetime | None = None
    send_now: bool = False
    over_budget: bool = False  # the contact budget, not the hour, holds the letter back
    handed: int | None = None
    tries: int = 0

    owner: str | None = None  # the customer's owner (bot/case/standing.py), as a VIP's thread tags
    passed: int = 0  # how often that happened; who did so last, when, and their note
    passed_by: Actor | None = None
    passed_at: datetime | None = None
    passed_note: str = ""
    taken_by: Actor | None = None
    taken_at: datetime | None = None
    contacted_by: Actor | None = None
    contacted_at: datetime | None = None
    reminders: int = 0

    restored_at: datetime | None = None  # a letter may have left that we know nothing of
    revisions_from: int = 0  # those below this number may have been used for other words

    ask: int = 0
    shown: tuple[Shown, ...] = ()
    last_sent_at: datetime | None = None
    last_sent_to: str | None = None
    last_approved_by: Actor | None = None
    decided_by: Actor | None = None  # who rejected, snoozed, stopped or settled last
    decided_at: datetime | None = None
    decision: Decision | None = None
    decided_note: str = ""  # what they wrote for the team
    closed_at: datetime | None = None
    forgotten_at: datetime | None = None  # when its words were, after their time
    opening: tuple[Money, ...] = field(default=())  # owed by each when it failed

    @property
    def open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.state is not State.CLOSED

    @property
    def bare(self) -> bool:
        """Whether its words and names are gone: by a person's wish, or after their time."""
        return self.why is Why.ERASED or self.forgotten_at is not None


def next_revision(case: Case) -> int:
    """The number of the next letter: never one that other words may have had."""
    return max(case.revision + 1, case.revisions_from)


def owed_invoices(case: Case, standing: Standing) -> tuple[Invoice, ...]:
    """The invoices this case may write about, oldest first."""
    if case.facts is None:
        return ()
    left_out = standing.muted | case.unticked
    owed = [one for one in case.facts.invoices if one.owed and one.id not in left_out]
    return tuple(sorted(owed, key=lambda one: (one.created, one.id)))


def owing(invoices: tuple[Invoice, ...]) -> tuple[Money, ...]:
    """What is owed, one sum per currency."""
    return totals(one.owing for one in invoices)


def waits_for_a_person(case: Case) -> bool:
    """Whether it goes on only when somebody presses or acts, and nobody sees to it yet.

    Who took a VIP on sees to it until the clock had to ask them whether they reached them.
    """
    match case.state:
        case State.IN_REVIEW:
            return not case.by_itself
        case State.BY_HAND:
            asked_for = case.reminders > 0 and case.contacted_by is None
            return case.taken_by is None or asked_for
        case _:
            return case.state is State.UNCLEAR
