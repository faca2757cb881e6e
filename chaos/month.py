"""A month of two hundred customers in twenty zones: no letter out of hours, twice or unasked.

Payments fail at all hours; some are paid by Stripe's retry, some by the letter's link, in part,
elsewhere or never; some invoices are void or disputed. Webhooks are lost, doubled and late, people
decide, edit, reject, wait or look away, and sending is paused for two days. The clock is moved from
one thing to happen to the next: nothing waits in real time.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import func, select

from bench.databases import POSTGRESQL, SQLITE, databases
from bench.figure import Bound, Figure
from bot.case.ids import Actor
from bot.case.pause import Held
from bot.ledger import Ledger
from bot.sandbox.clock import MovableClock
from bot.sandbox.stripe_ledger import Event
from bot.sandbox.town import Town, town
from bot.store.tables import cases, inbox, outbox
from chaos.month_judge import Letter, Lived, held_back, letter, violations
from chaos.month_people import Reviewers, offers
from chaos.month_shop import Shop
from chaos.proof import held

START = datetime(2026, 9, 21, tzinfo=UTC)  # a Monday
DAYS = 36  # until the Tuesday after Europe's clocks are put back
DAYS_IN_SHORT = 15  # until the Monday after Lord Howe's are put forward
CUSTOMERS = 200
CUSTOMERS_IN_SHORT = 4
SEED = 20260921
PAUSE = (START + timedelta(days=8, hours=10), START + timedelta(days=10, hours=10))
FAILING = 0.55  # the part of the time in which payments fail
STEP = timedelta(minutes=5)
LOOKS = timedelta(hours=6)  # somebody looks at least so often, when nothing happens
POLLS = timedelta(minutes=5)
CHECKED_EVERY = timedelta(days=7)
LIVE = ("ready", "claimed", "sending")


def run(short: bool) -> list[str]:
    """The whole month on one database (`short`: two weeks of a few customers)."""
    with databases() as found:
        name = POSTGRESQL if POSTGRESQL in found and not short else SQLITE
        with found[name]() as url:
            count = CUSTOMERS_IN_SHORT if short else CUSTOMERS
            days = DAYS_IN_SHORT if short else DAYS
            lived = asyncio.run(month(url, customers=count, days=days))
    return held(ledger(lived))


def ledger(lived: Lived) -> Iterator[Figure]:
    """What happened, and the rules with where they were broken: every one has to be nowhere."""
    failed = sum(len(one.invoices) for one in lived.customers.values())
    yield Figure(name="moves of the clock", value=lived.steps)
    yield Figure(name="invoices that failed", value=failed, remark=_counts(lived.seen))
    yield Figure(name="letters", value=len(lived.letters), remark=_counts(_notices(lived)))
    zones = Counter(lived.customers[one.customer].zone for one in lived.letters)
    for zone, count in sorted(zones.items()):
        yield Figure(name=f"letters to {zone}", value=count)
    for what, count in held_back(lived).most_common():
        yield Figure(name=f"approvals held back by {what}", value=count)
    ways = Counter(how for one in lived.customers.values() for how in one.recovered_by)
    for how, count in ways.most_common():
        yield Figure(name=f"invoices paid: {how}", value=count)
    yield Figure(name="cases", value=sum(lived.ends.values()), remark=_counts(lived.ends))
    for rule, broken in violations(lived).items():
        where = "; ".join(broken[:3])
        yield Figure(name=rule, value=len(broken), bound=Bound.EXACTLY, limit=0, remark=where)


async def month(
    url: str,
    *,
    customers: int,
    days: int = DAYS,
    seed: int = SEED,
    settings: Mapping[str, str] | None = None,
) -> Lived:
    """Live a month in a town on this migrated database."""
    clock = MovableClock(START)
    async with town(url, clock, settings, polls=True) as here:
        return await Month(here, customers=customers, days=days, seed=seed).lived()


class Month:
    """A town and those who live in it; `lived` moves the clock from one event to the next."""

    def __init__(self, here: Town, *, customers: int, days: int, seed: int) -> None:
        self.here = here
        self.random = Random(seed)  # noqa: S311 - chance that can be repeated, not a secret
        self.ends = START + timedelta(days=days)
        fails = timedelta(days=days) * FAILING
        self.shop = Shop(
            here.stripe.world, self.random, START, customers=customers, fails_within=fails
        )
        here.stripe.take()  # that they moved in is nobody's news
        self.people = Reviewers(here, self.random, self.shop.later)
        self.letters: list[Letter] = []
        self.steps = 0
        self.seen: Counter[str] = Counter()
        self.forgotten: list[str] = []
        self._late: list[Event] = []
        self._checked_at = START
        self.shop.later(PAUSE[0], lambda: self._plans.append("pause"))
        self._plans: list[str] = []

    async def lived(self) -> Lived:
        """Everything that happened, for its judge."""
        while (now := self.here.clock.now()) < self.ends:
            self.here.clock.move(min(await self._next(now), self.ends) - now)
            self.steps += 1
            await self._happens()
        await self.here.later(POLLS)
        await self.here.later(POLLS)
        await self._check()
        return Lived(
            customers=self.shop.customers,
            letters=self.letters,
            events=self.shop.world.events,
            approvals=self.people.approvals,
            pauses=[PAUSE],
            opened=await self._opened(),
            forgotten=self.forgotten,
            still_asking=list(self._still_asking()),
            seen=self.seen + Counter(f"cards: {one}" for one in self.people.moods),
            ends=await self._ends(),
            steps=self.steps,
        )

    async def _happens(self) -> None:
        now = self.here.clock.now()
        self.shop.live_until(now)
        await self._tell(now)
        if self._plans:
            self._plans.clear()
            book = Ledger(self.here.parts.database, self.here.clock)
            await book.pause(Held.SENDING, PAUSE[1], "stock-taking", Actor("slack:T1:U1"))
        await self.people.act()
        await self.here.idle()
        self._read_mails()
        self.people.look()
        if now - self._checked_at >= CHECKED_EVERY:
            self._checked_at = now
            await self._check()

    async def _tell(self, now: datetime) -> None:
        """Stripe's webhooks, as life has them: in any order, lost, doubled, days late."""
        late, self._late = self._late, []
        for event in late:
            await self.here.stripe.deliver(event)
        fresh = self.here.stripe.take()
        self.random.shuffle(fresh)
        for event in fresh:
            how = self.random.choices(["in time", "lost", "doubled", "late"], [82, 6, 5, 7])[0]
            self.seen[f"webhooks {how}"] += 1
            if how in {"lost", "late"}:
                for polls in (1, 2):
                    self.shop.later(now + polls * POLLS, lambda: None)
            if how == "late":
                at = now + timedelta(minutes=self.random.randint(1, 3 * 24 * 60))
                self.shop.later(at, lambda event=event: self._late.append(event))
            elif how != "lost":
                await self.here.stripe.deliver(event, times=2 if how == "doubled" else 1)

    def _read_mails(self) -> None:
        invoices = self.shop.world.tables.get("invoice", {})
        customer_of = {number: one["customer"] for number, one in invoices.items()}
        for mail in self.here.mails()[len(self.letters) :]:
            found = letter(mail, customer_of)
            self.letters.append(found)
            self.shop.mailed(found.invoice, mail.at)

    async def _next(self, now: datetime) -> datetime:
        """When something happens, or the bot has something to do."""
        earliest = [now + LOOKS]
        if self.shop.next_at is not None:
            earliest.append(self.shop.next_at)
        async with self.here.parts.database.read() as link:
            for query in (
                select(func.min(cases.c.wake)).where(cases.c.wake > now),
                select(func.min(outbox.c.due)).where(outbox.c.state == "ready", outbox.c.due > now),
                select(func.min(inbox.c.due)).where(inbox.c.state == "ready", inbox.c.due > now),
            ):
                due = (await link.execute(query)).scalar_one()
                if due is not None:
                    earliest.append(due)
        return max(_on_the_grid(min(earliest)), now)

    async def _check(self) -> None:
        """An open case that nothing and nobody will ever take up is forgotten."""
        now = self.here.clock.now()
        shown = {
            (one.metadata or {}).get("event_payload", {}).get("case")
            for one in (*self.here.cards(), *self.here.vip_cards())
            if not one.deleted
        }
        async with self.here.parts.database.read() as link:
            still_open = (await link.execute(select(cases).where(cases.c.state != "closed"))).all()
            live = select(outbox.c.case_id).where(outbox.c.state.in_(LIVE))
            at_work = set((await link.execute(live)).scalars())
        for case in still_open:
            asleep = case.wake is None or now - case.wake > timedelta(hours=1)
            asks = case.id in shown and case.state == "by_hand"
            if asleep and case.id not in at_work and case.why != "incident" and not asks:
                self.forgotten.append(f"{case.id} of {case.customer}: {case.state}, {case.why}")

    async def _opened(self) -> dict[str, datetime]:
        first = func.min(cases.c.opened_at).label("first")
        query = select(cases.c.customer, first).group_by(cases.c.customer)
        async with self.here.parts.database.read() as link:
            return {row.customer: row.first for row in await link.execute(query)}

    async def _ends(self) -> Counter[str]:
        query = select(cases.c.state, cases.c.why)
        async with self.here.parts.database.read() as link:
            rows = (await link.execute(query)).all()
        return Counter(row.why if row.state == "closed" else f"open: {row.state}" for row in rows)

    def _still_asking(self) -> Iterator[str]:
        owing = {
            one["customer"]
            for one in self.shop.world.tables["invoice"].values()
            if one["status"] in {"open", "uncollectible"} and one["amount_remaining"] > 0
        }
        names = {self.shop.world.find(one)["name"]: one for one in self.shop.customers}
        for card in self.here.cards():
            customer = next((one for name, one in names.items() if name in card.text), None)
            if "approve" in offers(card) and customer and customer not in owing:
                yield f"{card.ts} about {customer}"


def _on_the_grid(at: datetime) -> datetime:
    """The next full step: what falls within one happens together."""
    over = (at - START) % STEP
    return at + STEP - over if over else at


def _notices(lived: Lived) -> Counter[str]:
    """How many first, second, … letters their customers got."""
    before: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for one in lived.letters:
        before[one.customer] += 1
        found[f"no. {before[one.customer]}"] += 1
    return found


def _counts(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))
