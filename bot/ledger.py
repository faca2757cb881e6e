"""What a command or the Home asks the database: the queue, what came, what came back, who it is.

Read only, but for a pause, its end, and a person's word on a customer without an open case. Every
question is answered by indexes and columns, never by reading a thousand bodies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.case.credit import Credit, Ended
from bot.case.ids import Actor, CaseId, CustomerKey
from bot.case.model import Case, State
from bot.case.money import Money, totals
from bot.case.pause import Held, Pause
from bot.case.standing import Verdict
from bot.clock import Clock
from bot.erasures import Erasures
from bot.errors import CaseMoved
from bot.store import cases, counts, figures, finding, gauges, inbox, pauses, standing
from bot.store.counts import Counts
from bot.store.db import Database
from bot.store.figures import Sum
from bot.store.gauges import Gauges

__all__ = ["Came", "Counts", "Credit", "Found", "Held", "Ledger", "Pause", "Queue", "Stats"]

MOST_FOUND = 7  # one more than a person gets to choose from, so that it can be told
MOST_CASES = 5  # of each customer that was found
MOST_RACES = 20


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What waits for a person: in review, unclear, or by hand and not seen to.

    `oldest` is since when the first of them does, `first` are those that have waited longest.
    `at_stake` is what all open cases ask for, and `states` counts those by where they stand.
    """

    waiting: int
    oldest: datetime | None
    at_stake: tuple[Money, ...]
    states: Mapping[State, int]
    first: tuple[Case, ...]


@dataclass(frozen=True, kw_only=True)
class Came:
    """An event of Stripe's, and which way it went: `case` is the one that it joined or opened.

    `state` is ready, claimed, done or parked; `trouble` is what last kept it from being read.
    """

    at: datetime
    type: str
    state: str
    trouble: str | None
    customer: str | None
    case: Case | None


@dataclass(frozen=True, kw_only=True)
class Stats:
    """What became of the cases opened `since` that were about money (docs/glossary.md).

    failed = recovered + open + lost. Sums are per currency: `at_failure` when each invoice was
    first read, `back` on the invoices of recovered cases, `still_open` owed by open ones.
    """

    since: datetime
    failed: int
    recovered: int
    open: int
    lost: int
    by: Mapping[Credit, int]
    at_failure: tuple[Money, ...]
    back: tuple[Money, ...]
    back_by: Mapping[Credit, tuple[Money, ...]]
    still_open: tuple[Money, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A customer that was asked for, with the newest cases, newest first; none for a mere standing.

    `name` is as Stripe had it last.
    """

    key: CustomerKey
    name: str | None
    cases: tuple[Case, ...]


class Ledger:
    """Asks, and says a person's word. Each method is one short transaction."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.erasures = Erasures(database, clock)

    async def queue(self, most: int = 10) -> Queue:
        """What waits for a person, and the `most` that have waited longest."""
        async with self._database.read() as link:
            waiting = await figures.waiting(link)
            at_stake = await figures.owed(link)
            states = await figures.states(link)
            first = await cases.longest_waiting(link, most)
        return Queue(
            waiting=waiting.cases,
            oldest=waiting.oldest,
            at_stake=at_stake,
            states=states,
            first=tuple(first),
        )

    async def history(self, most: int = 20) -> tuple[Came, ...]:
        """Stripe's events, newest first, with the case where each of them went."""
        async with self._database.read() as link:
            newest = list(reversed(await inbox.newest(link, most)))
            ids = list({one.case_id for one in newest if one.case_id})
            by_id = await cases.load_many(link, ids) if ids else {}
        return tuple(
            Came(
                at=one.received_at,
                type=one.type,
                state=one.state,
                trouble=one.trouble,
                customer=one.customer or (case.key.customer if case else None),
                case=case,
            )
            for one in newest
            for case in [by_id.get(CaseId(one.case_id or ""))]
        )

    async def stats(self, since: datetime) -> Stats:
        """What became of the cases that were opened since then."""
        async with self._database.read() as link:
            return _stats(since, await figures.sums(link, since))

    async def find(self, query: str) -> tuple[Found, ...]:
        """Whom a person means by an id, an invoice's id or number, an e-mail address or a name.

        Exact before partial, seven at most. Capitals, accents and spaces make no difference.
        """
        async with self._database.read() as link:
            keys = await finding.keys(link, query, MOST_FOUND)
            if not keys:
                return ()
            ids = await finding.newest_ids(link, keys, MOST_CASES)
            by_id = await cases.load_many(link, ids) if ids else {}
        theirs = [by_id[CaseId(one)] for one in ids if one in by_id]
        return tuple(_found(key, [one for one in theirs if one.key == key]) for key in keys)

    async def paused(self) -> tuple[Pause, ...]:
        """The pauses that hold now."""
        async with self._database.read() as link:
            return tuple(await pauses.in_force(link, self._clock.now()))

    async def holds_letters(self) -> bool:
        """Whether a pause keeps approved letters from leaving now."""
        return bool(await self.paused())

    async def pause(self, what: Held, until: datetime | None, reason: str, by: Actor) -> None:
        """Nothing leaves until then, or until somebody resumes; takes the place of a pause before.

        `until` is UTC. The review channel hears of it within seconds.
        """
        for _ in range(MOST_RACES):
            begun = Pause(what=what, until=until, reason=reason, by=by, at=self._clock.now())
            try:
                async with self._database.begin() as link:
                    if not await pauses.begin(link, begun):
                        raise CaseMoved("pause")  # noqa: TRY301 - so that nothing is committed
                    return
            except CaseMoved:
                continue
        raise CaseMoved("too many pause at once")

    async def resume(self, by: Actor) -> bool:
        """What holds ends now; False when nothing did."""
        async with self._database.begin() as link:
            return await pauses.end(link, self._clock.now(), by)

    async def overrule(self, key: CustomerKey, verdict: Verdict, by: Actor) -> None:
        """A person's word on how a customer is treated, kept for their next case.

        An open case is told by Rerouted, which journals it; it also knows of this word when it next
        thinks.
        """
        async with self._database.begin() as link:
            await standing.overrule(link, key, verdict, by)

    async def health(self) -> Counts:
        """What is due, what was given up, what came and left last."""
        async with self._database.read() as link:
            return await counts.counts(link, self._clock.now())

    async def gauges(self) -> Gauges:
        """All that /metrics tells."""
        async with self._database.read() as link:
            return await gauges.gauges(link, self._clock.now())


def _found(key: CustomerKey, theirs: list[Case]) -> Found:
    names = (case.facts.customer.name for case in theirs if case.facts)
    return Found(key=key, name=next((name for name in names if name), None), cases=tuple(theirs))


def _stats(since: datetime, sums: list[Sum]) -> Stats:
    by_credit = {one: [part for part in sums if part.credit is one] for one in Credit}
    return Stats(
        since=since,
        failed=_count(sums),
        recovered=_count(one for one in sums if one.ended is Ended.RECOVERED),
        open=_count(one for one in sums if one.ended is Ended.OPEN),
        lost=_count(one for one in sums if one.ended is Ended.LOST),
        by={credit: _count(parts) for credit, parts in by_credit.items()},
        at_failure=_money(one.at_failure for one in sums),
        back=_money(one.back for one in sums),
        back_by={credit: _money(one.back for one in parts) for credit, parts in by_credit.items()},
        still_open=_money(one.owed for one in sums),
    )


def _count(sums: Iterable[Sum]) -> int:
    return sum(one.cases for one in sums)


def _money(amounts: Iterable[Money]) -> tuple[Money, ...]:
    return tuple(one for one in totals(amounts) if one.minor)
