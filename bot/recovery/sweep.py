"""Claims that nobody finished: their worker died, or lost its way.

A living worker renews its claims every ten seconds, so one that is thirty seconds old is nobody's.
Most are simply ready again. A hand-over never is: whether the mail left is asked of the provider,
where it can be, else of a person.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from logging import ERROR

from bot.case.effects import HandOver
from bot.case.events import Delivered, Unclear
from bot.case.model import Case
from bot.casework import Casework
from bot.clock import Clock
from bot.errors import CaseUnknown
from bot.log import about, tell
from bot.queue import Queue
from bot.store import cases, inbox, leases, outbox
from bot.store.db import Database
from bot.store.effect_rows import Claim
from bot.work import Take, Work

SWEEP_EVERY = timedelta(seconds=5)
RENEW_EVERY = timedelta(seconds=10)

# What is known of a hand-over whose worker died.
Ask = Callable[[Case, HandOver], Awaitable[Delivered | Unclear]]


class Sweep:
    """Keeps our claims alive and takes up what others left lying."""

    def __init__(  # noqa: PLR0913 - what it is tied to, each by name
        self,
        database: Database,
        casework: Casework,
        queue: Queue,
        clock: Clock,
        *,
        ask: Ask,
        take: Take,
    ) -> None:
        self._database = database
        self._casework = casework
        self._queue = queue
        self._clock = clock
        self._ask = ask
        self._take = take
        # One process alone on its SQLite file: at its start, every claim is a dead one's.
        self._alone = database.is_sqlite
        self._swept_at: datetime | None = None
        self._renewed_at = clock.now()

    async def round(self) -> list[Work]:
        """Renew and sweep when it is time; gives what then is to be done at once."""
        now = self._clock.now()
        if now - self._renewed_at >= RENEW_EVERY:
            self._renewed_at = now
            await self._queue.renew()
        if self._swept_at is not None and now - self._swept_at < SWEEP_EVERY:
            return []
        first, self._swept_at = self._swept_at is None, now
        return await self._sweep(now, all_others=first and self._alone)

    async def _sweep(self, now: datetime, *, all_others: bool) -> list[Work]:
        mine = self._casework.owner if all_others else None
        async with self._database.read() as link:
            anything = await leases.needs_sweeping(link, now, but_owner=mine)
        if not anything and not await self._arrivals_left(now, mine):
            return []
        async with self._database.begin() as link:
            await inbox.free_abandoned(link, now, but_owner=mine)
            await leases.revive(link, now)
            claims = await leases.abandoned(link, now, but_owner=mine)
            for claim in claims:
                if not isinstance(claim.effect, HandOver):
                    await outbox.give_back(link, claim, due=now, trouble="abandoned")
        doubts = [
            self._settled(claim, claim.effect)
            for claim in claims
            if isinstance(claim.effect, HandOver)
        ]
        return [work for works in await asyncio.gather(*doubts) for work in works]

    async def _settled(self, claim: Claim, effect: HandOver) -> tuple[Work, ...]:
        try:
            event = await self._known(effect)
            return (await self._casework.reported(claim, event, take=self._take)).work
        except Exception as error:  # noqa: BLE001 - one damaged case must not silence the others
            with about(claim.effect.case_id):
                tell("sweep_failed", level=ERROR, error=error)
            return ()

    async def _known(self, effect: HandOver) -> Delivered | Unclear:
        async with self._database.read() as link:
            case = await cases.load(link, effect.case_id)
        if case is None:
            raise CaseUnknown(effect.case_id)
        return await self._ask(case, effect)

    async def _arrivals_left(self, now: datetime, mine: str | None) -> bool:
        async with self._database.read() as link:
            return await inbox.any_abandoned(link, now, but_owner=mine)
