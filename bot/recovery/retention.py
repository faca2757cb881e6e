"""Forgets what has had its time, a little at a time, so that nobody waits for it.

The words and names of a case go so many days after it closed (RETENTION_DAYS); what it was about,
how it ended and what was counted of it stay. Any number of processes may: a case is forgotten once.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from logging import ERROR

from bot.case.ids import CaseId
from bot.casework import Casework
from bot.clock import Clock
from bot.log import about, tell
from bot.store import forgetting
from bot.store.codec import Damaged
from bot.store.db import Database

EVERY = timedelta(hours=1)
# Stripe lists an event for 30 days, and what we ask it for is taken in when we don't know it yet:
# https://docs.stripe.com/api/events. Five more days are for clocks that differ.
EVENTS_KEPT = timedelta(days=35)
CASES = 100  # looked up at once; each is forgotten in a transaction of its own
ROWS = 1000  # a transaction


class Retention:
    """Whoever is killed between two transactions leaves the rest to the next round."""

    def __init__(  # noqa: PLR0913 - what it is tied to, each by name
        self,
        database: Database,
        casework: Casework,
        clock: Clock,
        *,
        keeps: timedelta,
        cases: int = CASES,
        rows: int = ROWS,
    ) -> None:
        self._database = database
        self._casework = casework
        self._clock = clock
        self._keeps = keeps
        self._cases, self._rows = cases, rows

    async def look(self) -> None:
        """One round: all that is due."""
        now = self._clock.now()
        cases = await self._words(now - self._keeps)
        events, addresses = await self._rest(now - EVENTS_KEPT)
        if cases or events or addresses:
            await self._database.shred()
            tell("forgotten", cases=cases, events=events, addresses=addresses)

    async def _rest(self, until: datetime) -> tuple[int, int]:
        """How many events and addresses; it writes nothing where there are none."""
        async with self._database.read() as link:
            if not await forgetting.anything(link, until):
                return 0, 0
        events = await self._batches(partial(forgetting.events, until=until))
        return events, await self._batches(forgetting.idle_addresses)

    async def _words(self, until: datetime) -> int:
        """One that can't be read is told, and keeps nobody else's words."""
        forgotten, last = 0, None
        while True:
            async with self._database.read() as link:
                due = await forgetting.due(link, until, after=last, most=self._cases)
            for one in due:
                forgotten += await self._forgets(one.case_id)
                last = one
            if not due:
                return forgotten

    async def _forgets(self, case_id: CaseId) -> bool:
        try:
            return await self._casework.forget(case_id)
        except Damaged:
            with about(case_id):
                tell("case_damaged", level=ERROR)
            return False

    async def _batches(self, forget: Callable[..., Awaitable[int]]) -> int:
        total = 0
        while True:
            async with self._database.begin() as link:
                count = await forget(link, most=self._rows)
            total += count
            if count < self._rows:
                return total
