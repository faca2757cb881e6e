"""Tells the review channel that a pause began or ended: durably, and by one process alone."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from logging import ERROR

from bot.case.pause import Unsaid
from bot.casework import Work
from bot.clock import Clock
from bot.log import tell
from bot.store import pauses
from bot.store.db import Database

LOOKS_EVERY = timedelta(seconds=2)
PATIENCE_SECONDS = 10.0  # a Slack that does not answer must not hold the other rounds up

Say = Callable[[Unsaid], Awaitable[None]]


class Announcements:
    """Says what the channel has not heard. Any number of processes may: one takes each on.

    Who dies between taking it on and having said it leaves it to the next, a minute later. So it is
    said twice only when Slack had taken it and nobody was left to note that.
    """

    def __init__(self, database: Database, clock: Clock, say: Say) -> None:
        self._database = database
        self._clock = clock
        self._say = say
        self._looked_at: datetime | None = None

    async def round(self) -> list[Work]:
        """Look, when it is time, and say what there is, oldest first; never raises."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < LOOKS_EVERY:
            return []
        self._looked_at = now
        try:
            while await self._said_one():
                pass
        except Exception as error:  # noqa: BLE001 - it is tried again; the other rounds go on
            tell("announcement_failed", level=ERROR, error=error)
        return []

    async def _said_one(self) -> bool:
        now = self._clock.now()
        async with self._database.read() as link:
            found = await pauses.unsaid(link, now)
        if found is None:
            return False
        async with self._database.begin() as link:
            if not await pauses.take(link, found, now):
                return True  # somebody else has it: perhaps there is more
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._say(found)
        async with self._database.begin() as link:
            await pauses.said(link, found, self._clock.now())
        return True
