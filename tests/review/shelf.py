"""A ledger that answers from a shelf, and a reception that asks nobody else: for what is read."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.case.credit import Credit
from bot.case.erasure import Erasure
from bot.case.ids import Actor, CaseId, CustomerKey, InvoiceId
from bot.case.model import Shown, State, Why
from bot.case.money import Money
from bot.case.pause import Held, Pause
from bot.case.policy import Policy, SegmentRules, SendingHours, TenureRule
from bot.case.standing import Because, Reason, Verdict
from bot.ledger import Came, Counts, Found, Queue, Stats
from bot.store.journal import Entry
from tests.review.stories import (
    ANNE,
    APPROVED,
    INVOICE,
    NOW,
    REVIEW,
    SENT,
    VIP,
    closed,
    facts,
)

Json = dict[str, Any]


def euros(minor: int) -> Money:
    return Money(minor=minor, currency="eur")


YEN = Money(minor=9800, currency="jpy")
URL = "https://acme.slack.com/archives"
ON_SHOW = (Shown(ask=1, channel="C1", ts="1795181400.000100"),)
MAX = Actor("slack:T1:U1MAX")


def came(type_: str, ago: timedelta, **fields: Any) -> Came:
    known = {"state": "done", "trouble": None, "customer": "cus_1", "case": None}
    return Came(at=NOW - ago, type=type_, **(known | fields))


def entry(number: int, event: str, before: State, after: State, **fields: Any) -> Entry:
    """A row of the journal, as far as a timeline reads it."""
    known: Json = {"who": "system", "source": None, "why_after": None, "effects": ()}
    known |= {"refused": None, "seen": None, "text": "{}", "policy_version": 1}
    known |= {"revision_before": 1, "revision_after": 1}
    at = NOW - timedelta(days=3) + timedelta(minutes=number)
    return Entry(
        case_id=CaseId("case-1"),
        sequence=number,
        at=at,
        event=event,
        state_before=before,
        state_after=after,
        **(known | fields),
    )


CASE = replace(
    SENT,
    shown=ON_SHOW,
    notice=2,
    reasons=(Reason(because=Because.AMOUNT, amount=euros(4900), limit=euros(45000)),),
)
GRAND = replace(
    VIP,
    id=CaseId("case-2"),
    key=replace(VIP.key, customer="cus_2"),
    shown=(Shown(ask=1, channel="C2", ts="1795181500.000100"),),
    facts=facts(
        replace(INVOICE, id=InvoiceId("in_2"), total=190000, remaining=190000),
        id="cus_2",
        name="Grand Hôtel <!channel>",
        email="caisse@grand.example",
    ),
)
EARLIER = closed(Why.RECOVERED, id=CaseId("case-0"), opened_at=datetime(2026, 3, 5, tzinfo=UTC))
ANA = Found(key=CASE.key, name="Ana Torres", cases=(CASE, EARLIER))
HOTEL = Found(key=GRAND.key, name="Grand Hôtel <!channel>", cases=(GRAND,))
PAST = Found(key=EARLIER.key, name="Ana Torres", cases=(EARLIER,))
ENTRIES = (
    entry(1, "Hinted", State.WAITING, State.WAITING),
    entry(2, "FactsRead", State.WAITING, State.DRAFTING),
    entry(3, "Drafted", State.DRAFTING, State.IN_REVIEW),
    entry(4, "Posted", State.IN_REVIEW, State.IN_REVIEW),
    entry(5, "Edited", State.IN_REVIEW, State.IN_REVIEW, who=MAX),
    entry(6, "Approved", State.IN_REVIEW, State.APPROVED, who=ANNE),
    entry(7, "Approved", State.APPROVED, State.APPROVED, who=MAX, refused="already_decided"),
    entry(8, "Looked", State.APPROVED, State.SENDING),
    entry(9, "Delivered", State.SENDING, State.WAITING),
)
PAUSED = Pause(
    what=Held.SENDING,
    until=NOW + timedelta(hours=2),
    reason="checkout is *down*, see <#C1>",
    by=ANNE,
    at=NOW - timedelta(minutes=5),
)
FINE = Counts(
    oldest_due=None,
    ready=0,
    dead=0,
    parked=0,
    last_event_at=NOW - timedelta(minutes=3),
    last_sent_at=NOW - timedelta(hours=1),
    revision="0004",
)
POLICY = Policy(
    sender="billing@acme.example",
    zone="Europe/Paris",
    rules=SegmentRules(amounts=(euros(45000), Money(minor=60000, currency="jpy"))),
)
ALL_RULES = replace(
    POLICY,
    auto_send=True,
    after_retry=True,
    rules=SegmentRules(
        lifetimes=(Money(minor=2000000, currency="usd"),),
        plans=frozenset({"Enterprise", "Team & more"}),
        tenures=(TenureRule(years=2, amount=euros(30000)),),
        metadata=frozenset({("tier", "gold")}),
    ),
    hours=SendingHours(
        opens=time(9),
        closes=time(18),
        weekdays=frozenset(range(5)),
    ),
)

WAITING = Queue(
    waiting=14,
    oldest=NOW - timedelta(days=3),
    at_stake=(euros(194900), YEN),
    states={State.WAITING: 4, State.IN_REVIEW: 12, State.BY_HAND: 2},
    first=(REVIEW, replace(APPROVED, shown=ON_SHOW), GRAND),
)
COUNTED = Stats(
    since=NOW - timedelta(days=30),
    failed=12,
    recovered=7,
    open=4,
    lost=1,
    by={Credit.RETRY: 2, Credit.LETTER: 4, Credit.PERSON: 1},
    at_failure=(euros(58800), YEN),
    back=(euros(24500), YEN),
    back_by={Credit.RETRY: (YEN,), Credit.LETTER: (euros(19600),), Credit.PERSON: ()},
    still_open=(euros(19600),),
)


@dataclass(kw_only=True)
class Shelf:
    """What the ledger would say, and what it was told."""

    waiting: Queue = WAITING
    came: tuple[Came, ...] = (
        came("invoice.paid", timedelta(minutes=3)),
        came("invoice.payment_failed", timedelta(minutes=9), case=GRAND),
        came("invoice.updated", timedelta(minutes=10), case=CASE),
        came("customer.updated", timedelta(hours=1), customer=None, state="ready"),
        came("invoice.paid", timedelta(hours=2), state="ready", trouble="no_answer"),
        came("invoice.paid", timedelta(hours=3), state="parked", customer=None),
        came("invoice.payment_failed", timedelta(hours=4), trouble="stale"),
    )
    counted: Stats = COUNTED
    found: tuple[Found, ...] = (ANA,)
    pauses: tuple[Pause, ...] = ()
    counts: Counts = FINE
    trouble: Exception | None = None
    said: list[object] = field(default_factory=list)
    erasing: bool = False  # somebody asked already

    async def queue(self, most: int = 10) -> Queue:
        if self.trouble is not None:
            raise self.trouble
        return replace(self.waiting, first=self.waiting.first[:most])

    async def history(self, most: int = 20) -> tuple[Came, ...]:
        return self.came[:most]

    async def stats(self, since: datetime) -> Stats:
        return replace(self.counted, since=since)

    async def find(self, query: str) -> tuple[Found, ...]:
        self.said.append(query)
        return self.found

    async def paused(self) -> tuple[Pause, ...]:
        return self.pauses

    async def pause(self, what: Held, until: datetime | None, reason: str, by: Actor) -> None:
        self.said.append(Pause(what=what, until=until, reason=reason, by=by, at=NOW))

    async def resume(self, by: Actor) -> bool:
        self.said.append(by)
        return bool(self.pauses)

    async def overrule(self, key: CustomerKey, verdict: Verdict, by: Actor) -> None:
        self.said.append((key, verdict, by))

    @property
    def erasures(self) -> "Shelf":
        return self

    async def ask(self, key: CustomerKey, by: Actor) -> tuple[Erasure, bool]:
        """The second time somebody else was first."""
        new = Erasure(number=1, key=key, asked_by=by, asked_at=NOW)
        before = Erasure(number=1, key=key, asked_by=MAX, asked_at=NOW - timedelta(days=1))
        return (before, False) if self.erasing else (new, True)

    async def health(self) -> Counts:
        return self.counts


def without_case(found: Found) -> Found:
    return replace(found, cases=())
