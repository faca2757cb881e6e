"""Lives of cases: told event by event, each step held to the invariants and to "twice is once"."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.case.effects import Effect
from bot.case.events import (
    AnyEvent,
    Approved,
    Delivered,
    Differed,
    DraftAsked,
    Drafted,
    Erased,
    FactsRead,
    Forgotten,
    Held,
    Hinted,
    Looked,
    News,
    NotSent,
    Posted,
    Rejected,
    Released,
    Rerouted,
    Settled,
    Snoozed,
    Stopped,
    Ticked,
    TimeCame,
    Unclear,
    Undone,
    WaitAsked,
)
from bot.case.facts import Customer, Decline, Facts, Invoice, InvoiceStatus, Payment
from bot.case.ids import Actor, CaseId, CustomerKey, InvoiceId
from bot.case.letter import Author, Letter
from bot.case.machine import step
from bot.case.model import Case, Shown
from bot.case.policy import Policy
from bot.case.standing import Standing, Verdict
from bot.case.steps import Step
from tests.case import invariants

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
ANA = Actor("slack:T1:U_ANA")
BEN = Actor("slack:T1:U_BEN")
MAYA = "maya@example.com"
POLICY = Policy(sender="Acme <billing@acme.example>")
WORDS = Letter(
    subject="Your payment", body="Hello. {amount} {pay_link}", locale="en", by=Author.MODEL
)
NOBODY = Standing()
SEEN = "5ee" * 21 + "5"  # a fingerprint's length
OWN_WORDS = replace(WORDS, body="By hand. {amount} {pay_link}", by=Author.PERSON)


def invoice(number: str = "in_1", remaining: int = 4900, **more: object) -> Invoice:
    fields: dict[str, object] = {
        "id": InvoiceId(number),
        "number": number.upper(),
        "status": InvoiceStatus.OPEN,
        "currency": "eur",
        "total": 4900,
        "paid": 4900 - remaining,
        "remaining": remaining,
        "attempt": 1,
        "created": NOON - timedelta(days=1),
        "next_attempt": NOON + timedelta(days=5),
        "payment": Payment(decline=Decline(code="card_declined", decline_code="expired_card")),
    }
    return Invoice(**(fields | more))  # type: ignore[arg-type]


def paid(number: str = "in_1") -> Invoice:
    return invoice(number, 0, status=InvoiceStatus.PAID)


class Life:
    """One case, its standing and the clock. `step` is the latest step."""

    def __init__(self, policy: Policy = POLICY, standing: Standing = NOBODY) -> None:
        self.policy = policy
        self.at = NOON
        key = CustomerKey(account="", livemode=True, customer="cus_1")
        self.case = Case(id=CaseId("case_1"), key=key, opened_at=NOON)
        self.step = Step(case=self.case, standing=standing)

    @property
    def standing(self) -> Standing:
        return self.step.standing

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.step.effects

    def asks_for(self, kind: type[Effect]) -> bool:
        return any(isinstance(one, kind) for one in self.effects)

    def later(self, by: timedelta) -> "Life":
        self.at += by
        return self

    def happens(self, event: AnyEvent) -> "Life":
        before, standing = self.case, self.standing
        self.step = step(before, event, standing, self.policy)
        self.case = self.step.case
        again = step(self.case, event, self.standing, self.policy)
        assert (again.case, again.standing) == (self.case, self.standing), "twice is not once"
        broken = invariants.broken(before, event, self.step, self.policy)
        assert not broken, broken
        return self

    # Stripe and time

    def failed(self, number: str = "in_1") -> "Life":
        return self.happens(Hinted(at=self._moment(), news=News.FAILURE, invoice=InvoiceId(number)))

    def hinted(self, news: News = News.CHANGE) -> "Life":
        return self.happens(Hinted(at=self._moment(), news=news))

    def read(self, *invoices: Invoice, **customer: object) -> "Life":
        return self.happens(FactsRead(at=self._moment(), facts=self.facts(*invoices, **customer)))

    def facts(self, *invoices: Invoice, **customer: object) -> Facts:
        who: dict[str, object] = {"id": "cus_1", "name": "Maya", "recipient": MAYA} | customer
        return Facts(
            read_at=self.at,
            customer=Customer(**who),  # type: ignore[arg-type]
            invoices=invoices or (invoice(),),
        )

    def alarm(self) -> "Life":
        """Until the alarm, which then rings."""
        assert self.case.wake is not None
        self.at = max(self.at, self.case.wake)
        return self.happens(TimeCame(at=self.at, wake=self.case.wake))

    def forgotten(self) -> "Life":
        return self.happens(Forgotten(at=self._moment()))

    # Performers

    def drafted(self, letter: Letter = WORDS) -> "Life":
        return self.happens(Drafted(at=self._moment(), revision=self.case.revision, letter=letter))

    def posted(self) -> "Life":
        card = Shown(ask=self.case.ask, channel="C1", ts=str(self.case.ask))
        others = tuple(one for one in self.case.shown if one.ask != card.ask)
        return self.happens(
            Posted(
                at=self._moment(),
                shown=(*others, card),
                revision=self.case.revision,
                seen=SEEN if self.case.letter else None,
            )
        )

    def looked(self, *invoices: Invoice, **customer: object) -> "Life":
        self._moment()
        facts = self.facts(*invoices, **customer)
        return self.happens(Looked(at=self.at, revision=self.case.revision, facts=facts))

    def delivered(self) -> "Life":
        revision = self.case.handed or self.case.revision
        return self.happens(
            Delivered(at=self._moment(), revision=revision, receipt="250", recipient=MAYA)
        )

    def not_sent(self, *, permanent: bool = False) -> "Life":
        revision = self.case.handed or self.case.revision
        return self.happens(
            NotSent(at=self._moment(), revision=revision, permanent=permanent, code="451")
        )

    def differed(self) -> "Life":
        revision = self.case.handed or self.case.revision
        return self.happens(Differed(at=self._moment(), revision=revision))

    def became_unclear(self) -> "Life":
        return self.happens(
            Unclear(at=self._moment(), revision=self.case.handed or self.case.revision)
        )

    # People

    def approved(self, who: Actor = ANA) -> "Life":
        return self.happens(
            Approved(at=self._moment(), who=who, revision=self.case.revision, seen=SEEN)
        )

    def rejected(self) -> "Life":
        return self.happens(Rejected(at=self._moment(), who=ANA, revision=self.case.revision))

    def wait_asked(self) -> "Life":
        return self.happens(WaitAsked(at=self._moment(), who=ANA, revision=self.case.revision))

    def undone(self) -> "Life":
        return self.happens(Undone(at=self._moment(), who=ANA, revision=self.case.revision))

    def draft_asked(self, note: str = "") -> "Life":
        return self.happens(
            DraftAsked(at=self._moment(), who=ANA, revision=self.case.revision, note=note)
        )

    def settled(self, *, arrived: bool) -> "Life":
        return self.happens(
            Settled(at=self._moment(), who=ANA, revision=self.case.revision, arrived=arrived)
        )

    def snoozed(self, by: timedelta, retry: datetime | None = None) -> "Life":
        until = self._moment() + by
        return self.happens(Snoozed(at=self.at, who=ANA, until=until, retry=retry))

    def rerouted(self, verdict: Verdict) -> "Life":
        return self.happens(Rerouted(at=self._moment(), who=ANA, verdict=verdict))

    def ticked(self, *unticked: str) -> "Life":
        left_out = frozenset(InvoiceId(one) for one in unticked)
        return self.happens(Ticked(at=self._moment(), who=ANA, unticked=left_out))

    def held(self) -> "Life":
        return self.happens(Held(at=self._moment()))

    def released(self) -> "Life":
        return self.happens(Released(at=self._moment()))

    def stopped(self) -> "Life":
        return self.happens(Stopped(at=self._moment(), who=ANA))

    def erased(self) -> "Life":
        return self.happens(Erased(at=self._moment(), who=ANA))

    def _moment(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at
