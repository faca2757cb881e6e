"""The only place a case changes: read, step, save, add what follows. One transaction."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.case import machine
from bot.case.arrival import Arrival
from bot.case.effects import Effect, HandOver
from bot.case.events import (
    AnyEvent,
    Delivered,
    Differed,
    Event,
    FactsRead,
    Forgotten,
    Hinted,
    Looked,
    News,
    NotSent,
    Unclear,
)
from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.model import Case, State, Why
from bot.case.money import Money
from bot.case.pause import Held, holds
from bot.case.policy import Policy
from bot.case.standing import CustomerRecord
from bot.clock import Clock
from bot.errors import CaseMoved, CaseUnknown, FenceMoved
from bot.store import cases, erasing, inbox, journal, marks, outbox, standing, waiting
from bot.store.arrival_rows import ArrivalClaim
from bot.store.cases import Locked
from bot.store.chain import Head
from bot.store.db import Database, Link
from bot.store.effect_rows import Claim
from bot.work import Outcome, Take, Work, nothing

T = TypeVar("T")

MOST_RACES = 20
# In these states effects may wait that a step makes pointless.
HAS_WORK = frozenset({State.DRAFTING, State.APPROVED})
# How a hand-over's row ends; every other effect is simply done.
FINISHED: dict[type[Event], str] = {
    Delivered: "sent",
    NotSent: "not_sent",
    Differed: "not_sent",
    Unclear: "unknown",
}


class Casework:
    """Changes cases. Safe to be used by many tasks and many processes at once."""

    def __init__(self, database: Database, clock: Clock, policy: Policy, *, owner: str) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy
        self.owner = owner

    @property
    def paused(self) -> bool:
        """Whether nothing may leave: last looks then wait."""
        return self._policy.paused

    async def happened(self, case_id: CaseId, event: AnyEvent, *, take: Take = nothing) -> Outcome:
        """Something happened to a case. An event handled twice changes nothing."""

        async def within(link: Link) -> Outcome:
            return await self._happened(
                link, await _locked(link, case_id, event.at), event, take=take
            )

        return await self._racing(within)

    async def reported(self, claim: Claim, event: AnyEvent, *, take: Take = nothing) -> Outcome:
        """A performer's fact: its effect is finished in the same transaction.

        Raises FenceMoved when the claim was taken away, except for what a mail server said: that
        is true whoever holds the claim.
        """

        async def within(link: Link) -> Outcome:
            locked = await _locked(link, claim.effect.case_id, event.at)
            await self._finish(link, claim, event)
            erased = locked.case.why is Why.ERASED
            if isinstance(event, FactsRead) and event.known is not None and not erased:
                await standing.remember(link, event.known)
            return await self._happened(link, locked, event, take=take)

        return await self._racing(within)

    async def arrived(
        self, claim: ArrivalClaim, key: CustomerKey | None, *, take: Take = nothing
    ) -> Outcome | None:
        """A Stripe event: hint its case, or open one for a failure; handled in one transaction."""

        async def within(link: Link) -> Outcome | None:
            stale = claim.arrival.is_stale(self._clock.now())
            case = await self._case_for(link, claim.arrival, key, stale=stale)
            left = stale and case is None
            case_id = case.id if case else None
            if not await inbox.finish(link, claim, case_id=case_id, stale=left):
                raise FenceMoved(claim.arrival.id)
            if case is None:
                return None
            event = _hint(claim.arrival, self._clock.now())
            locked = await _locked(link, case.id, event.at)
            return await self._happened(link, locked, event, take=take, source=claim.arrival.id)

        return await self._racing(within)

    async def forget(self, case_id: CaseId) -> bool:
        """A closed case's words have had their time; False when they are gone, or it is open."""

        async def within(link: Link) -> bool:
            now = self._clock.now()
            locked = await _locked(link, case_id, now)
            if locked.case.open or locked.case.forgotten_at is not None:
                return False
            await self._happened(link, locked, Forgotten(at=now), take=nothing)
            return True

        return await self._racing(within)

    async def payment_counted(self, key: CustomerKey, invoice: str, paid: Money) -> bool:
        """A paid invoice is added, once, to a lifetime value that was filled before."""
        async with self._database.begin() as link:
            return await standing.add_payment(link, key, invoice, paid)

    async def _racing(self, within: Callable[[Link], Awaitable[T]]) -> T:
        """Run in a transaction of its own, and again when somebody else was faster."""
        for _ in range(MOST_RACES):
            try:
                async with self._database.begin() as link:
                    return await within(link)
            except CaseMoved:
                continue
        raise CaseMoved("too many others at once")

    async def _happened(
        self,
        link: Link,
        locked: Locked,
        event: AnyEvent,
        *,
        take: Take,
        source: str | None = None,
    ) -> Outcome:
        case = locked.case
        known = await self._known(link, case, event)
        before = known.standing
        paused = self._policy.paused or locked.held is not None
        step = machine.step(case, event, before, replace(self._policy, paused=paused))
        rules = self._policy.version
        head = await journal.append(link, locked, event, step, policy_version=rules, source=source)
        saved = await _saved(link, case, step.case, event.at, head)
        await standing.save(link, case.key, before, step.standing, event.at)
        await erasing.dropped(link, case, saved, step.standing.suppressed - before.suppressed)
        if case.state in HAS_WORK and (case.state, case.revision) != (saved.state, saved.revision):
            await waiting.cancel_unwanted(link, saved, event.at)
        claims = await self._written(link, step.effects, take, locked.held)
        known = replace(known, standing=step.standing)
        work = tuple(Work(claim=claim, case=saved, known=known) for claim in claims)
        return Outcome(
            case=saved, refused=step.refused, work=work, left=len(claims) < len(step.effects)
        )

    async def _known(self, link: Link, case: Case, event: AnyEvent) -> CustomerRecord:
        facts = case.facts
        if case.why is Why.ERASED:
            return await standing.record(link, case.key, event.at)
        if isinstance(event, FactsRead | Looked) and (
            facts is None or event.facts.read_at > facts.read_at
        ):
            facts = event.facts
        address = facts.customer.recipient if facts else None
        if isinstance(event, Looked) and address is not None:
            await standing.lock_address(link, address)
        test = None if case.key.livemode else self._policy.test_recipient
        return await standing.record(link, case.key, event.at, address=address, written_to=test)

    async def _written(
        self, link: Link, effects: tuple[Effect, ...], take: Take, held: Held | None
    ) -> list[Claim]:
        now = self._clock.now()

        def is_ours(effect: Effect) -> bool:
            return isinstance(effect, HandOver) or (not holds(held, effect) and take(effect))

        claims = [
            await outbox.add(
                link,
                effect,
                now=now,
                owner=self.owner if is_ours(effect) else None,
            )
            for effect in effects
        ]
        return [claim for claim in claims if claim is not None]

    async def _finish(self, link: Link, claim: Claim, event: AnyEvent) -> None:
        """Raises FenceMoved, except for what a mail server said: that is true in any hands."""
        state = FINISHED.get(type(event), "done")
        if await outbox.finish(link, claim, state=state, now=event.at):
            return
        if not isinstance(claim.effect, HandOver):
            raise FenceMoved(claim.effect.key)
        await outbox.settle(link, claim.effect, state=state, now=event.at)

    async def _case_for(
        self, link: Link, arrival: Arrival, key: CustomerKey | None, *, stale: bool
    ) -> Case | None:
        if key is None:
            return None
        case = await cases.open_of(link, key)
        if stale and (case is None or arrival.invoice not in case.joined):
            return None
        if case is not None:
            return case
        if arrival.news is News.FAILURE and arrival.invoice is not None:
            return await self._opened(link, arrival, arrival.invoice, key)
        if arrival.invoice is None:
            return None
        last = await cases.of_invoice(
            link, arrival.invoice, account=key.account, livemode=key.livemode
        )
        return last if last is not None and _still_owes(last) else None

    async def _opened(
        self, link: Link, arrival: Arrival, invoice: InvoiceId, key: CustomerKey
    ) -> Case | None:
        if await standing.is_muted(link, key, invoice):
            return None
        doubted = await marks.restored_since(link, arrival.created)
        case_id = CaseId(f"case_{secrets.token_hex(8)}")
        case = Case(id=case_id, key=key, opened_at=self._clock.now(), restored_at=doubted)
        if not await cases.add(link, case):
            raise CaseMoved(key.customer)
        return case


async def _locked(link: Link, case_id: CaseId, now: datetime) -> Locked:
    locked = await cases.lock(link, case_id, now)
    if locked is None:
        raise CaseUnknown(case_id)
    return locked


async def _saved(link: Link, before: Case, after: Case, at: datetime, head: Head) -> Case:
    """The case as it now stands; one that did not change keeps its version."""
    if after == before:
        await cases.save_head(link, before.id, head)
        return before
    return await cases.save(link, before, after, at=at, head=head)


def _still_owes(case: Case) -> bool:
    """Late news of a closed case is read only while money may still come."""
    return case.facts is not None and any(one.owed for one in case.facts.invoices)


def _hint(arrival: Arrival, now: datetime) -> Hinted:
    return Hinted(at=now, news=arrival.news, invoice=arrival.invoice)
