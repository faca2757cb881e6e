"""The channel hears once that work is late or Stripe is silent, and once that it is well again.

By a task of each process's own and not by its worker: that no worker runs is what it is to notice.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from logging import ERROR, WARNING
from typing import Final

from bot.clock import Clock
from bot.errors import ChannelTrouble
from bot.log import tell
from bot.store import counts, cursors, waiting
from bot.store.db import Database, Link
from bot.words import say

EVERY = timedelta(minutes=1)
# Who looked longer ago was away, not started or asleep: what lay here meanwhile comes first.
AWAY = 3 * EVERY
LATE, IN_TIME = timedelta(minutes=5), timedelta(minutes=1)
SILENT, WEEKS = timedelta(hours=6), 4
SAYING = EVERY  # after that, who was telling the channel is taken for dead

# A trouble's cursor says when the channel was told of it, and WELL once that it is over.
WELL = datetime(2000, 1, 1, tzinfo=UTC)
Stand = Mapping[str, datetime]
Say = Callable[[str], Awaitable[None]]  # a sentence, in the review channel
# Whether it is so; None is neither, so that what is on the edge is not told again and again.
Judge = Callable[[Link, datetime], Awaitable[bool | None]]


class Watch:
    """Any number of processes may: one says each thing. What could not be said is said later.

    It is said twice only when Slack had taken it and nobody was left to note that.
    """

    def __init__(self, database: Database, clock: Clock, say: Say, *, locale: str) -> None:
        self._database = database
        self._clock = clock
        self._say = say
        self._locale = locale
        self._looked_at: datetime | None = None

    async def run(self) -> None:
        """Look every minute, whatever comes of it."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - it outlives what it watches
                tell("watch_failed", level=WARNING, error=error)
            await self._clock.sleep(EVERY.total_seconds())

    async def look(self) -> None:
        """Say what the channel has not heard. The first look after a time away says nothing."""
        now = self._clock.now()
        before, self._looked_at = self._looked_at, now
        if before is None or now - before > AWAY:
            return
        async with self._database.read() as link:
            known = await cursors.stand(link)
            found = {name: await judge(link, now) for name, judge in JUDGES.items()}
        for name, is_so in found.items():
            if is_so is not None and is_so is not (known.get(name, WELL) != WELL):
                await self._told(name, known, now, is_so=is_so)

    async def _told(self, name: str, known: Stand, now: datetime, *, is_so: bool) -> None:
        lease = f"{name}_saying"
        taken = known.get(lease)
        if taken is not None and abs(now - taken) < SAYING:
            return
        if not await self._move(lease, now, taken):
            return
        try:
            await self._say(say(self._locale, f"watch.{name}" if is_so else f"watch.{name}_over"))
        except ChannelTrouble as error:
            tell("watch_unheard", level=WARNING, error=error, what=name)
            return
        tell("watch_told", level=ERROR if is_so else WARNING, what=name, over=not is_so)
        await self._move(name, now if is_so else WELL, known.get(name))

    async def _move(self, name: str, to: datetime, seen: datetime | None) -> bool:
        async with self._database.begin() as link:
            return await cursors.move(link, name, to, seen=seen)


async def is_late(link: Link, now: datetime) -> bool | None:
    """Whether the oldest work that no pause holds has been due for five minutes."""
    oldest = await waiting.oldest_due(link, now)
    if oldest is None or now - oldest < IN_TIME:
        return False
    return True if now - oldest >= LATE else None


async def is_silent(link: Link, now: datetime) -> bool | None:
    """Whether nothing came of Stripe for six hours in which, four weeks running, something did.

    Polling brings what webhooks lose: so either nothing happened, or neither works.
    """
    weeks = [now - timedelta(weeks=back) for back in range(WEEKS + 1)]
    lately, *usually = await counts.came(link, [(end - SILENT, end) for end in weeks])
    if lately:
        return False
    return True if all(usually) else None


JUDGES: Final[Mapping[str, Judge]] = {"late": is_late, "silent": is_silent}
