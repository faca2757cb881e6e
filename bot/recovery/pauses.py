"""Tells the review channel that a pause began or ended: durably, and by one process alone.

The cards of approved letters, which say when these leave, are drawn anew with it.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from logging import WARNING

from bot.case.effects import Show
from bot.case.pause import Unsaid
from bot.clock import Clock
from bot.errors import DunningError
from bot.log import tell
from bot.store import cases, outbox, pauses
from bot.store.db import Database

LOOKS_EVERY = timedelta(seconds=2)
MOST_REDRAWN = 50  # cards of approved letters, which say when these leave

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

    async def look(self) -> None:
        """Say all that the channel has not heard, oldest first; what fails is for a later look."""
        try:
            while await self._said_one():
                pass
        except DunningError as error:
            tell("announcement_failed", level=WARNING, error=error)

    async def _said_one(self) -> bool:
        now = self._clock.now()
        async with self._database.read() as link:
            found = await pauses.unsaid(link, now)
        if found is None:
            return False
        async with self._database.begin() as link:
            if not await pauses.take(link, found, now):
                return True  # somebody else has it: perhaps there is more
        await self._say(found)
        async with self._database.begin() as link:
            now = self._clock.now()
            await pauses.said(link, found, now)
            for case_id in await cases.next_to_leave(link, MOST_REDRAWN):
                await outbox.add(link, Show(case_id=case_id), now=now, owner=None)
        return True
