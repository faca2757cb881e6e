"""Takes in cases of which the statistics, look-ups and the queue know nothing, or nothing new.

That is what stood before those were kept, and what a program that does not keep them wrote since:
the one before, during a deploy or after a rollback.
"""

from datetime import datetime, timedelta
from logging import ERROR

from bot.casework import Work
from bot.clock import Clock
from bot.log import about, tell
from bot.store import register
from bot.store.db import Database

LOOKS_EVERY = timedelta(seconds=5)
MOST = 200  # a round; while there are more, the next poll takes the next ones


class CatchingUp:
    """Reads so many bodies in the background, so that no question has to read any."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._looked_at: datetime | None = None

    async def round(self) -> list[Work]:
        """Take in what is behind, when it is time to look; never raises."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < LOOKS_EVERY:
            return []
        self._looked_at = now
        try:
            await self._caught_up()
        except Exception as error:  # noqa: BLE001 - it is tried again; the other rounds go on
            tell("catching_up_failed", level=ERROR, error=error)
        return []

    async def _caught_up(self) -> None:
        async with self._database.read() as link:
            if not await register.anything_behind(link):
                return
        async with self._database.begin() as link:
            found = await register.catch_up(link, MOST)
        for case_id in found.damaged:
            with about(case_id):
                tell("case_damaged", level=ERROR)
        if found.cases == MOST:
            self._looked_at = None
