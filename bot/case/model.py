"""A customer, and a case: their failed invoices, from the first decline to the last word."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.case.letter import Basis, Brief, Letter
from bot.case.money import Money, totals

CaseId = NewType("CaseId", str)
InvoiceId = NewType("InvoiceId", str)
# Who did something: "slack:T1:U1", "policy", "terminal" or "system".
Actor = NewType("Actor", str)

SYSTEM = Actor("system")
POLICY = Actor("policy")


@dataclass(frozen=True, kw_only=True)
class CustomerKey:
    """Whose conversation it is: a Stripe account ("" is our own), its mode and `customer` there."""

    account: str
    livemode: bool
    customer: str


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


class InvoiceStatus(StrEnum):
    """Stripe's invoice statuses, https://docs.stripe.com/invoicing/overview#invoice-statuses."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"
    GONE = "gone"  # ours: Stripe does not know it any more


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Stripe's words for a refusal: https://docs.stripe.com/declines/codes."""

    code: str | None
    decline_code: str | None = None
    advice_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """What may be told of a card."""

    brand: str
    last_four: str
    expires: tuple[int, int] | None = None  # month, year


@dataclass(frozen=True, kw_only=True)
class Payment:
    """The latest try to collect an invoice. `method` is Stripe's word: card, sepa_debit."""

    needs_action: bool = False
    decline: Decline | None = None
    card: Card | None = None
    method: str | None = None


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What is paid for. `prices` hold price ids, product ids and lookup keys; `plan` a name."""

    id: str
    status: str
    plan: str | None = None
    prices: tuple[str, ...] = ()
    ends_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether it is over for good."""
        return self.status in {"canceled", "incomplete_expired"}


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """An invoice as Stripe had it when it was read. Amounts are minor units of `currency`."""

    id: InvoiceId
    number: str | None
    status: InvoiceStatus
    currency: str
    total: int
    paid: int
    remaining: int
    attempt: int
    created: datetime
    next_attempt: datetime | None = None
    due: datetime | None = None
    automatic: bool = True  # collection_method is charge_automatically
    first: bool = False  # billing_reason is subscription_create
    payment: Payment | None = None
    subscription: Subscription | None = None

    @property
    def owed(self) -> bool:
        """Whether there is money to ask for."""
        return (
            self.status in {InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE} and self.remaining > 0
        )

    @property
    def owing(self) -> Money:
        """What remains to be paid."""
        return Money(minor=self.remaining, currency=self.currency)


class AddressTrouble(StrEnum):
    """Why there is nowhere to write to."""

    MISSING = "missing"
    SEVERAL = "several"
    INVALID = "invalid"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A customer as Stripe and our own memory have them.

    `email` is what Stripe holds, `recipient` the one validated address or None with its
    `trouble`. `metadata` holds only keys that the operator listed. `lifetime` is paid in all,
    per currency. `failures` and `recovered` count this customer's cases of the last 12 months.
    """

    id: str
    name: str | None = None
    first_name: str | None = None
    email: str | None = None
    recipient: str | None = None
    trouble: AddressTrouble | None = None
    locales: tuple[str, ...] = ()
    country: str | None = None
    zone: str | None = None
    gone: bool = False
    since: datetime | None = None
    manager: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    lifetime: tuple[Money, ...] = ()
    paid_invoices: int = 0
    failures: int = 0
    recovered: int = 0


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One whole reading of Stripe. `read_at` is when the reading *began* (UTC)."""

    read_at: datetime
    customer: Customer
    invoices: tuple[Invoice, ...]


class Verdict(StrEnum):
    """Which way a customer is treated."""

    VIP = "vip"
    STANDARD = "standard"


class Because(StrEnum):
    """Which rule spoke."""

    OVERRIDE = "override"
    AMOUNT = "amount"
    LIFETIME = "lifetime"
    PLAN = "plan"
    TENURE = "tenure"
    METADATA = "metadata"
    NO_THRESHOLD = "no_threshold"
    NO_RULE = "no_rule"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a verdict fell, with the figures compared; `name` is a plan, a key or an actor."""

    because: Because
    amount: Money | None = None
    limit: Money | None = None
    name: str | None = None
    years: int | None = None


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A letter that left, or may have: its send key, to whom, when."""

    key: str
    address: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What outlives a case: saved with it, in the same transaction.

    `contacts` are those of this customer or this address that a budget may still count.
    """

    override: Verdict | None = None
    override_by: Actor | None = None
    muted: frozenset[InvoiceId] = frozenset()
    suppressed: frozenset[str] = frozenset()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CustomerRecord:
    """What we remember of a customer between cases, so that Stripe need not be asked again.

    `lifetime` and `paid_invoices` are filled once, at `filled_at` (None: not yet), and kept true
    by each payment after that. `failures` and `recovered` count the last 12 months' cases.
    """

    key: CustomerKey
    lifetime: tuple[Money, ...] = ()
    paid_invoices: int = 0
    filled_at: datetime | None = None
    first_paid_at: datetime | None = None
    failures: int = 0
    recovered: int = 0
    standing: Standing = Standing()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message in Slack that asks question `ask`; `replies` name what its thread was told."""

    ask: int
    channel: str
    ts: str
    replies: tuple[str, ...] = ()
    retired: bool = False


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

    approved_by: Actor | None = None
    approved_at: datetime | None = None
    send_at: datetime | None = None
    good_until: datetime | None = None
    send_now: bool = False
    handed: int | None = None
    tries: int = 0

    owner: str | None = None
    taken_by: Actor | None = None
    taken_at: datetime | None = None
    contacted_by: Actor | None = None
    contacted_at: datetime | None = None
    reminders: int = 0

    ask: int = 0
    shown: tuple[Shown, ...] = ()
    last_sent_at: datetime | None = None
    last_sent_to: str | None = None
    last_approved_by: Actor | None = None
    decided_by: Actor | None = None  # who rejected, stopped or settled last
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    opening: tuple[Money, ...] = field(default=())  # owed when facts were first read

    @property
    def open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.state is not State.CLOSED


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
