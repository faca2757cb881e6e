"""Takes in cases of which the statistics, look-ups and the queue know nothing, or nothing new.

That is what stood before those were kept, and what a program that does not keep them wrote since:
the one before, during a deploy or after a rollback.
"""

from collections.abc import Coroutine
from datetime import datetime, timedelta
from logging import ERROR
from typing import Any

from bot.clock import Clock
from bot.log import about, tell
from bot.store import register
from bot.store.db import Database

LOOKS_EVERY = timedelta(seconds=5)
MOST = 100  # a transaction: others wait for the cases in it


class CatchingUp:
    """Reads so many bodies in the background, so that no question has to read any."""

    def __init__(self, database: Database, clock: Clock, *, most: int = MOST) -> None:
        self._database = database
        self._most = most
        self._clock = clock
        self._looked_at: datetime | None = None

    def errand(self) -> Coroutine[Any, Any, None] | None:
        """A look at what is behind; None while it is not time."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < LOOKS_EVERY:
            return None
        self._looked_at = now
        return self.look()

    async def look(self) -> None:
        """Take in all that is behind, so many in a transaction."""
        async with self._database.read() as link:
            more = await register.anything_behind(link)
        while more:
            async with self._database.begin() as link:
                found = await register.catch_up(link, self._most)
            for case_id in found.damaged:
                with about(case_id):
                    tell("case_damaged", level=ERROR)
            more = found.cases == self._most
