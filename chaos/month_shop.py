"""Two hundred customers in twenty zones, and what becomes of what they owe: a script by chance.

Everything is drawn from one seed, so that a month can be lived again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from bot.sandbox.stripe_world import World

Json = dict[str, Any]

# Samoa to California. Within the month New Zealand (27 September), Lord Howe (by half an hour) and
# Sydney (4 October) put their clocks forward, and Paris and London (25 October) theirs back.
ZONES = (
    *("Pacific/Apia", "Pacific/Auckland", "Australia/Lord_Howe", "Australia/Sydney"),
    *("Asia/Tokyo", "Asia/Shanghai", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran"),
    *("Asia/Dubai", "Africa/Nairobi", "Europe/Istanbul", "Europe/Paris", "Europe/London"),
    *("Africa/Lagos", "America/Sao_Paulo", "America/St_Johns", "America/Santiago"),
    *("America/New_York", "America/Los_Angeles"),
)
LANGUAGES = ("en", "fr", "es")
DECLINES = ("insufficient_funds", "expired_card", "do_not_honor", "generic_decline", "lost_card")
RETRY = timedelta(days=3)
TRIES = 4
# How an invoice ends, and how often in a hundred.
FATES = {
    "retry": 28,
    "link": 26,
    "never": 20,
    "in part": 6,
    "void": 5,
    "elsewhere": 5,
    "disputed": 4,
    "cancelled": 3,
    "uncollectible": 3,
}
VIP_IN = 11  # one customer of so many pays 900.00
NO_ADDRESS_IN = 13
TWICE_IN = 8  # one of so many has a second invoice that fails


@dataclass(order=True)
class Due:
    """Something that is going to happen at Stripe, or a moment at which somebody looks."""

    at: datetime
    number: int
    happens: Callable[[], None] = field(compare=False)


@dataclass
class Customer:
    """Who they are, by our own books: `fate` is what becomes of what they owe."""

    id: str
    zone: str
    vip: bool
    fate: str
    subscription: Json
    invoices: list[Json] = field(default_factory=list)
    failed_at: list[datetime] = field(default_factory=list)
    recovered_by: list[str] = field(default_factory=list)


class Shop:
    """The customers, and an agenda of what happens to them; `do_next` lives up to a moment."""

    def __init__(
        self,
        world: World,
        random: Random,
        start: datetime,
        *,
        customers: int,
        fails_within: timedelta,
    ) -> None:
        self.world = world
        self.random = random
        self.start = start
        self._fails_within = fails_within
        self.customers: dict[str, Customer] = {}
        self._agenda: list[Due] = []
        self._number = count()
        for number in range(customers):
            self._moves_in(number)

    @property
    def next_at(self) -> datetime | None:
        """When something happens next."""
        return self._agenda[0].at if self._agenda else None

    def live_until(self, now: datetime) -> None:
        """Let everything happen that was to happen by now."""
        while self._agenda and self._agenda[0].at <= now:
            heappop(self._agenda).happens()

    def later(self, at: datetime, happens: Callable[[], None]) -> None:
        """Put something on the agenda."""
        heappush(self._agenda, Due(at=at, number=next(self._number), happens=happens))

    def mailed(self, invoice: str, at: datetime) -> None:
        """A letter has arrived: who pays by its link does so within two days."""
        customer = self.customers[self.world.find(invoice)["customer"]]
        soon = at + timedelta(minutes=self.random.randint(2, 48 * 60))
        if customer.fate == "link" and self.random.random() < 0.7:  # noqa: PLR2004 - most do
            self.later(soon, lambda: self._paid(customer, invoice, "link"))
        if customer.fate == "in part":
            self.later(soon, lambda: self._paid_partly(customer, invoice))

    def _moves_in(self, number: int) -> None:
        zone, language = ZONES[number % len(ZONES)], self.random.choice(LANGUAGES)
        made = self.world.add_customer(
            name=f"Mika {chr(65 + number // 26 % 26)}{chr(97 + number % 26)}lund",
            email=f"customer{number}@example.com" if (number + 1) % NO_ADDRESS_IN else None,
            locales=[language],
            metadata={"time_zone": zone},
            created=self.start - timedelta(days=200),
        )
        vip = (number + 1) % VIP_IN == 0
        terms: Json = {"amount": 90000 if vip else 4900}
        since = self.start - timedelta(days=100)
        subscription = self.world.subscribe(made, "Team", since=since, **terms)
        fate = self.random.choices(list(FATES), list(FATES.values()))[0]
        customer = Customer(id=made["id"], zone=zone, vip=vip, fate=fate, subscription=subscription)
        self.customers[customer.id] = customer
        self._plan(customer, self.start + self.random.random() * self._fails_within)
        if self.random.randrange(TWICE_IN) == 0:
            self._plan(customer, self.start + self.random.random() * self._fails_within)

    def _plan(self, customer: Customer, at: datetime) -> None:
        self.later(at, lambda: self._fails(customer))

    def _fails(self, customer: Customer) -> None:
        at = self.world.clock.now()
        if customer.subscription["status"] == "canceled":
            return
        invoice = self.world.fail_payment(
            customer.subscription, decline_code=self.random.choice(DECLINES)
        )
        customer.invoices.append(invoice)
        customer.failed_at.append(at)
        pays_at = self.random.randint(2, TRIES)
        self.later(at + RETRY, lambda: self._tried_again(customer, invoice, pays_at, at + RETRY))
        ends = at + timedelta(minutes=self.random.randint(1, 12 * 24 * 60))
        self.later(ends, lambda: self._ends(customer, invoice))

    def _tried_again(self, customer: Customer, invoice: Json, pays_at: int, at: datetime) -> None:
        if invoice["status"] != "open" or invoice["next_payment_attempt"] is None:
            return
        attempt = invoice["attempt_count"] + 1
        if customer.fate == "retry" and attempt >= pays_at:
            self._paid(customer, invoice["id"], "retry")
            return
        retry_in = RETRY if attempt < TRIES else None
        self.world.fail_payment(
            invoice, decline_code=self.random.choice(DECLINES), retry_in=retry_in
        )
        self.later(at + RETRY, lambda: self._tried_again(customer, invoice, pays_at, at + RETRY))

    def _ends(self, customer: Customer, invoice: Json) -> None:
        if invoice["status"] not in {"open", "uncollectible"}:
            return
        match customer.fate:
            case "void":
                self.world.void(invoice)
            case "elsewhere":
                self.world.pay(invoice, out_of_band=True)
                customer.recovered_by.append("elsewhere")
            case "disputed":
                self.world.dispute(invoice)
            case "cancelled":
                if customer.subscription["status"] != "canceled":
                    self.world.cancel_subscription(customer.subscription)
            case "uncollectible":
                self.world.mark_uncollectible(invoice)

    def _paid(self, customer: Customer, number: str, how: str) -> None:
        invoice = self.world.find(number)
        if invoice["status"] in {"open", "uncollectible"}:
            self.world.pay(invoice)
            customer.recovered_by.append(how)

    def _paid_partly(self, customer: Customer, number: str) -> None:
        invoice = self.world.find(number)
        if invoice["status"] != "open":
            return
        if invoice["amount_paid"] or invoice["amount_remaining"] < 2000:  # noqa: PLR2004 - cents
            self._paid(customer, number, "in part, then the rest")
        else:
            self.world.pay_partly(invoice, 1900)
