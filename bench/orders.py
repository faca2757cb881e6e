"""All orders and duplicates of a six-event life: does it always end in the same state?

Every event of Stripe's is only a hint that it should be read again, and a reading always shows
the latest truth. So the order in which events arrive, and how often, must not matter:
`python -m bench.orders` prints what was tried.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations

from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show
from bot.case.events import (
    AnyEvent,
    Approved,
    Delivered,
    Drafted,
    FactsRead,
    Hinted,
    Looked,
    News,
    Posted,
    TimeCame,
)
from bot.case.facts import Customer, Facts, Invoice, InvoiceStatus
from bot.case.ids import Actor, CaseId, CustomerKey, InvoiceId
from bot.case.letter import Author, Letter
from bot.case.machine import step, wanted
from bot.case.model import Case, Shown, State
from bot.case.policy import Policy
from bot.case.standing import Standing

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = InvoiceId("in_1")
ANA = Actor("slack:T1:U1")
WORDS = Letter(subject="Payment", body="{amount} {pay_link}", locale="en", by=Author.FIXED)
POLICY = Policy(sender="Acme <billing@acme.example>")
# What Stripe sends for a card that failed twice and then paid, with the invoice as it then stood.
LIFE = (
    ("invoice.payment_failed", 1, 4900),
    ("invoice.updated", 1, 4900),
    ("invoice.payment_failed", 2, 4900),
    ("invoice_payment.paid", 2, 0),
    ("invoice.paid", 2, 0),
    ("invoice.payment_succeeded", 2, 0),
)


@dataclass(frozen=True, kw_only=True)
class End:
    """Where a life ended, in all its cases, without the moments, which differ."""

    state: str
    joined: tuple[str, ...]
    facts: tuple[Invoice, ...]
    mailed_after_paid: int


class Played:
    """One order of events: each is delivered once its turn comes; Stripe is ahead of them all.

    `known` counts the events of the real life that have happened at Stripe by then: never fewer
    than the latest delivered one, so that a reading shows the newest truth.
    """

    def __init__(self) -> None:
        self.at = START
        self.known = 0
        self.mailed_after_paid = 0
        self.cases: list[tuple[Case, Standing]] = []
        self.ready: dict[str, Effect] = {}

    def arrives(self, number: int) -> None:
        """An event of Stripe's comes; only a failure opens a case."""
        self.known = max(self.known, number + 1)
        failed = LIFE[number][0] == "invoice.payment_failed"
        if not self.cases or not self.cases[-1][0].open:
            if not failed:
                return
            key = CustomerKey(account="", livemode=True, customer="cus_1")
            opened = Case(id=CaseId(f"case_{len(self.cases)}"), key=key, opened_at=self.moment())
            self.cases.append((opened, self.cases[-1][1] if self.cases else Standing()))
        news = News.FAILURE if failed else News.CHANGE
        self.tell(Hinted(at=self.moment(), news=news, invoice=NUMBER))

    def work(self) -> None:
        """Perform what is ready; people approve at once, and alarms ring while we are at it."""
        for _ in range(40):
            if not self.ready:
                return
            self.perform(self.ready.pop(min(self.ready)))

    def perform(self, effect: Effect) -> None:
        """Do an effect and tell what came of it."""
        case = self.cases[-1][0]
        read_at, at = self.moment(), self.moment()
        facts = Facts(
            read_at=read_at,
            customer=Customer(id="cus_1", recipient="maya@example.com"),
            invoices=(invoice(self.known),) if case.joined else (),
        )
        match effect:
            case Gather():
                self.tell(FactsRead(at=at, facts=facts))
            case Draft():
                self.tell(Drafted(at=at, revision=effect.revision, letter=WORDS))
            case Show():
                self.tell(Posted(at=at, shown=(Shown(ask=case.ask, channel="C", ts="1"),)))
            case Look():
                self.tell(Looked(at=at, revision=effect.revision, facts=facts))
            case _:
                return

    def approve(self) -> None:
        """Somebody approves what stands in review, and its undo window passes."""
        case = self.cases[-1][0] if self.cases else None
        if case is not None and case.state is State.IN_REVIEW:
            self.tell(Approved(at=self.moment(), who=ANA, revision=case.revision))
            wake = self.cases[-1][0].wake
            if wake is not None:
                self.at = max(self.at, wake)
                self.tell(TimeCame(at=self.moment(), wake=wake))
            self.work()

    def tell(self, event: AnyEvent) -> None:
        """The machine's answer, and what it asks for."""
        case, standing = self.cases[-1]
        taken = step(case, event, standing, POLICY)
        self.cases[-1] = (taken.case, taken.standing)
        for effect in taken.effects:
            if isinstance(effect, HandOver):
                self.mailed_after_paid += invoice(self.known).remaining == 0
                told = Delivered(
                    at=self.moment(),
                    revision=effect.revision,
                    receipt="250",
                    recipient="maya@example.com",
                )
                self.tell(told)
            else:
                self.ready[effect.key] = effect
        now = self.cases[-1][0]
        self.ready = {key: one for key, one in self.ready.items() if wanted(now, one)}

    def moment(self) -> datetime:
        """A later one each time."""
        self.at += timedelta(milliseconds=1)
        return self.at


def invoice(known: int) -> Invoice:
    """The invoice at Stripe once so many of its events have happened."""
    _, attempt, remaining = LIFE[max(known, 1) - 1]
    return Invoice(
        id=NUMBER,
        number="A-1",
        status=InvoiceStatus.OPEN if remaining else InvoiceStatus.PAID,
        currency="eur",
        total=4900,
        paid=4900 - remaining,
        remaining=remaining,
        attempt=attempt,
        created=START,
    )


def played(order: Sequence[int], *, eager: bool) -> End:
    """The end of a life whose events came in this order.

    `eager`: after every event all work is done and what is in review is approved; else the bot
    gets to work only once all have come.
    """
    life = Played()
    for number in order:
        life.arrives(number)
        if eager:
            life.work()
            life.approve()
    life.work()
    ends = [case for case, _ in life.cases]
    facts = ends[-1].facts
    return End(
        state="/".join(sorted({case.state for case in ends})),
        joined=tuple(sorted({number for case in ends for number in case.joined})),
        facts=facts.invoices if facts else (),
        mailed_after_paid=life.mailed_after_paid,
    )


def orders() -> Iterator[tuple[int, ...]]:
    """Each of the 720 orders; and each again with every event a second time, near and far."""
    for order in permutations(range(len(LIFE))):
        yield order
        yield tuple(number for number in order for _ in range(2))
        yield order + order
        yield order + order[::-1]


def ends() -> dict[End, int]:
    """Every different end, with how many orders led to it."""
    found: dict[End, int] = {}
    for order in orders():
        for eager in (True, False):
            end = played(order, eager=eager)
            found[end] = found.get(end, 0) + 1
    return found


def figure() -> str:
    """One line for `make figures`."""
    found = ends()
    late = sum(end.mailed_after_paid * count for end, count in found.items())
    return (
        f"orders of a six-event life: {sum(found.values())} tried, {len(found)} end"
        f"{'' if len(found) == 1 else 's'}, {late} mailed after paid"
    )


if __name__ == "__main__":
    print(figure())
