"""A worker with tiny real performers on a real database, and a clock that is moved by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import text

from bot.case.arrival import Arrival
from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.events import (
    AnyEvent,
    Approved,
    Delivered,
    Drafted,
    FactsRead,
    Looked,
    News,
    Posted,
    Unclear,
)
from bot.case.facts import Customer, Facts, Invoice
from bot.case.ids import Actor, CustomerKey, InvoiceId
from bot.case.model import Case, Shown, State
from bot.case.pause import Unsaid
from bot.case.policy import Policy
from bot.case.standing import CustomerRecord
from bot.casework import Casework
from bot.ledger import Ledger
from bot.memory import Memory
from bot.queue import Queue
from bot.recovery import catching_up, pauses
from bot.recovery.errand import Errand
from bot.recovery.pauses import Announcements
from bot.recovery.sweep import Sweep
from bot.recovery.timers import Timers
from bot.sandbox.clock import MovableClock
from bot.store import cases, inbox
from bot.store.arrival_rows import ArrivalClaim
from bot.store.db import Database
from bot.work import Outcome, Room
from bot.worker import Performer, Worker
from tests.case.life import ANA, MAYA, NOON, POLICY, WORDS, invoice

KEY = CustomerKey(account="", livemode=True, customer="cus_1")


@dataclass
class Outside:
    """The world: what Stripe would say, what stands in Slack, what was mailed."""

    invoices: tuple[Invoice, ...] = (invoice(),)
    calls: list[str] = field(default_factory=list)
    mailed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    announced: list[Unsaid] = field(default_factory=list)
    provider_has: set[str] = field(default_factory=set)
    # A performer of this kind first awaits this: to fail, to hang, to look around.
    before: dict[type[Effect], Callable[[], Awaitable[None]]] = field(default_factory=dict)


class Office:
    """One process: casework, queue, worker, timers and sweep, tied as the program ties them."""

    def __init__(  # noqa: PLR0913 - what it is made of, each by name
        self,
        database: Database,
        clock: MovableClock,
        outside: Outside,
        *,
        name: str = "ada",
        policy: Policy = POLICY,
        room: Room | None = None,
    ) -> None:
        self.database, self.clock, self.outside = database, clock, outside
        self.memory = Memory(database)
        self.casework = Casework(database, clock, policy, owner=name)
        self.queue = Queue(database, clock, owner=name)
        self.sweep = Sweep(
            database, self.casework, self.queue, clock, ask=self._asked, take=self._take
        )
        self.ledger = Ledger(database, clock)
        self.announcements = Announcements(database, clock, self._announce)
        self.timers = Timers(database, self.casework, clock, take=self._take)
        self.worker = Worker(
            queue=self.queue,
            casework=self.casework,
            performers={kind: self._performer(kind) for kind in _PERFORMED},
            arrived=self._arrived,
            ring=self.timers.ring,
            rounds=(self.sweep.round,),
            errands=(
                Errand(clock, catching_up.LOOKS_EVERY, partial(catching_up.catch_up, database)),
                Errand(clock, pauses.LOOKS_EVERY, self.announcements.look),
            ),
            room=room,
            alarm=self._alarm,
            clock=clock,
        )

    async def comes(self, number: int = 1, **fields: object) -> None:
        """Stripe says something; it is durable when this returns."""
        known: dict[str, object] = {
            "id": f"evt_{number}",
            "type": "invoice.payment_failed",
            "created": self.clock.now(),
            "livemode": True,
            "account": "",
            "news": News.FAILURE,
            "invoice": InvoiceId("in_1"),
            "customer": "cus_1",
        }
        arrival = Arrival(**(known | fields))  # type: ignore[arg-type]
        async with self.database.begin() as link:
            await inbox.remember(link, [arrival], self.clock.now())

    async def idle(self) -> Case:
        """Work until nothing is due; gives the customer's latest case."""
        await self.worker.idle()
        return await self.case()

    async def later(self, by: timedelta) -> Case:
        self.clock.move(by)
        return await self.idle()

    async def case(self) -> Case:
        async with self.database.read() as link:
            found = await cases.of_invoice(link, "in_1", account="", livemode=True)
        assert found is not None
        return found

    async def in_review(self) -> Case:
        await self.comes()
        case = await self.idle()
        assert case.state is State.IN_REVIEW
        return case

    async def approve(self, who: Actor = ANA) -> Outcome:
        case = await self.case()
        event = Approved(at=self.clock.now(), who=who, revision=case.revision)
        return await self.casework.happened(case.id, event)

    async def rows(self, effect: str = "%") -> list[tuple[str, str]]:
        """What stands in the outbox: key and state, oldest first."""
        async with self.database.read() as link:
            found = await link.execute(
                text("SELECT key, state FROM outbox WHERE key LIKE :effect ORDER BY id"),
                {"effect": effect},
            )
            return [(row.key, row.state) for row in found]

    def _take(self, effect: Effect) -> bool:
        return self.worker.take(effect)

    async def _asked(self, _case: Case, effect: HandOver) -> Delivered | Unclear:
        at, revision = self.clock.now(), effect.revision
        self.outside.calls.append(f"found {effect.key}")
        if effect.key not in self.outside.provider_has:
            return Unclear(at=at, revision=revision)
        return Delivered(at=at, revision=revision, receipt="found", recipient=MAYA)

    async def _arrived(self, claim: ArrivalClaim) -> Outcome | None:
        return await self.casework.arrived(claim, KEY, take=self._take)

    async def _announce(self, unsaid: Unsaid) -> None:
        self.outside.announced.append(unsaid)

    async def _alarm(self, claim: ArrivalClaim, trouble: str) -> None:
        self.outside.told.append(f"{claim.arrival.id}: {trouble}")

    def _performer(self, kind: type[Effect]) -> Performer:
        async def perform(case: Case, _known: CustomerRecord, effect: Effect) -> AnyEvent | None:
            read_at = self.clock.now()
            self.outside.calls.append(effect.key)
            if kind in self.outside.before:
                await self.outside.before[kind]()
            return self._performed(case, effect, read_at)

        return perform

    def _performed(self, case: Case, effect: Effect, read_at: datetime) -> AnyEvent | None:
        at = self.clock.now()
        facts = Facts(
            read_at=read_at,
            customer=Customer(id="cus_1", recipient=MAYA),
            invoices=tuple(one for one in self.outside.invoices if one.id in case.joined),
        )
        match effect:
            case Gather():
                return FactsRead(at=at, facts=facts)
            case Draft():
                return Drafted(at=at, revision=effect.revision, letter=WORDS)
            case Show():
                known = [one for one in case.shown if one.ask != case.ask]
                card = Shown(ask=case.ask, channel="C1", ts=str(case.ask))
                return Posted(at=at, shown=(*known, card))
            case Look():
                return Looked(at=at, revision=effect.revision, facts=facts)
            case HandOver():
                self.outside.mailed.append(effect.key)
                return Delivered(at=at, revision=effect.revision, receipt="250", recipient=MAYA)
            case Tell():
                self.outside.told.append(effect.lost)
                return None


_PERFORMED: tuple[type[Effect], ...] = (Gather, Draft, Show, Look, HandOver, Tell)


@asynccontextmanager
async def offices(url: str, *names: str, **options: object) -> AsyncIterator[list[Office]]:
    """Processes on one database, in one world; their workers run only when asked."""
    clock, outside = MovableClock(NOON), Outside()
    databases = [Database(url) for _ in names]
    try:
        yield [
            Office(database, clock, outside, name=name, **options)  # type: ignore[arg-type]
            for database, name in zip(databases, names, strict=True)
        ]
    finally:
        for database in databases:
            await database.close()
