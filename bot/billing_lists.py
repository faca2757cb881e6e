"""Stripe's lists in our words: what was paid, what is still open, when it was tried. Pure.

A list comes in pages, newest first: https://docs.stripe.com/api/pagination. What every entry has is
demanded (LookupError, TypeError); all else may be missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from bot.billing_reading import Json, moment
from bot.case.ids import InvoiceId
from bot.case.money import Money, totals

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """A part of a list; `after` is where the next one begins, None at the list's end."""

    entries: tuple[T, ...]
    after: str | None


@dataclass(frozen=True, kw_only=True)
class PaidHistory:
    """What a customer has paid in all, per currency; at least that, unless `whole`."""

    lifetime: tuple[Money, ...]
    paid_invoices: int
    first_paid_at: datetime | None
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Unpaid:
    """An invoice that Stripe lists as open. `due` is set where Stripe mails it and never charges.

    `attempt` counts the tries so far, as far as Stripe counts them.
    """

    id: InvoiceId
    customer: str
    attempt: int
    attempted: bool
    remaining: int
    created: datetime
    due: datetime | None

    def failed(self, at: datetime) -> bool:
        """Whether money was asked for in vain, or is overdue."""
        late = self.due is not None and self.due <= at
        return self.remaining > 0 and (late or (self.due is None and self.attempted))


def page_of(raw: Json) -> Page[Json]:
    """A page as Stripe sends it."""
    entries: tuple[Json, ...] = tuple(raw["data"])
    return Page(entries=entries, after=entries[-1]["id"] if raw["has_more"] else None)


def unpaid(raw: Json) -> Unpaid:
    """One open invoice."""
    return Unpaid(
        id=InvoiceId(raw["id"]),
        customer=raw["customer"] or raw["customer_account"],
        attempt=raw["attempt_count"],
        attempted=raw["attempted"],
        remaining=raw["amount_remaining"],
        created=datetime.fromtimestamp(raw["created"], UTC),
        due=moment(raw.get("due_date")) if raw["collection_method"] == "send_invoice" else None,
    )


def last_try(payments: Iterable[Json]) -> datetime | None:
    """When a card was last asked for money, of an invoice's payments with intent and charge.

    None where no card was ever asked.
    """
    intents = [one["payment"].get("payment_intent") or {} for one in payments]
    tried = [(one.get("latest_charge") or one).get("created") for one in intents]
    return moment(max((at for at in tried if at is not None), default=None))


def history(paid: Iterable[Json], *, whole: bool) -> PaidHistory:
    """What these paid invoices come to; those over nothing count neither way."""
    with_money = [one for one in paid if one["amount_paid"] > 0]
    moments = [one["status_transitions"]["paid_at"] or one["created"] for one in with_money]
    return PaidHistory(
        lifetime=totals(
            Money(minor=one["amount_paid"], currency=one["currency"]) for one in with_money
        ),
        paid_invoices=len(with_money),
        first_paid_at=moment(min(moments, default=None)),
        whole=whole,
    )
