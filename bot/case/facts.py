"""What one reading of Stripe says: invoices, the tries to collect them, and their customer."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.case.ids import InvoiceId
from bot.case.money import Money


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


def nameless(facts: Facts) -> Facts:
    """What counts of a reading, and nothing that names anybody: ids, sums, times."""
    customer = Customer(id=facts.customer.id, gone=facts.customer.gone)
    invoices = (
        replace(one, number=None, payment=None, subscription=None) for one in facts.invoices
    )
    return replace(facts, customer=customer, invoices=tuple(invoices))
