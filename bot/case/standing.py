"""What outlives a case: how a customer is to be treated, and what we remember of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.case.ids import Actor, CustomerKey, InvoiceId
from bot.case.money import Money


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

    `contacts` are those of this customer or this address that a budget may still count. `owner` is
    the Slack user to whom a person handed the customer over last.
    """

    override: Verdict | None = None
    override_by: Actor | None = None
    muted: frozenset[InvoiceId] = frozenset()
    suppressed: frozenset[str] = frozenset()
    contacts: tuple[Contact, ...] = ()
    owner: str | None = None


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
