"""A clock that can be moved: the sandbox's noon, a simulated month, a test without a wait."""

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import count

SATURDAY = 5  # counted from Monday as 0
# Less than the minute after which a watch looks again: whoever moved on to where one wakes would,
# on a slow machine, move on and on, and make everything due that was to be tried later.
NEAR = timedelta(seconds=50)


class MovableClock:
    """Stands at `start` until moved, or runs on in real time when `running`.

    Sleepers wake when the clock has passed their hour, however it got there.
    """

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        self._ahead = start - datetime.now(UTC) if running else timedelta(0)
        self._stands_at = None if running else start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None], timedelta]] = []
        self._order = count()
        self._listeners: list[Callable[[], None]] = []

    @property
    def ahead(self) -> timedelta:
        """How far a clock that runs on is ahead of the machine's."""
        return self._ahead

    def now(self) -> datetime:
        """The present moment on this clock, aware, in UTC."""
        if self._stands_at is None:
            return datetime.now(UTC) + self._ahead
        # No two moments are the same, as in life: a later reading is later.
        self._stands_at += timedelta(microseconds=1)
        return self._stands_at

    async def sleep(self, seconds: float) -> None:
        """Return once this clock has moved on by so many seconds."""
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        span = timedelta(seconds=seconds)
        heapq.heappush(self._sleepers, (self.now() + span, next(self._order), waking, span))
        if self._stands_at is None:
            asyncio.get_running_loop().call_later(seconds, self._ring)
        await waking

    def move(self, by: timedelta) -> None:
        """Go forward; whoever slept until then wakes, and whoever listens is told."""
        if self._stands_at is None:
            self._ahead += by
        else:
            self._stands_at += by
        self._ring()
        for listener in self._listeners:
            listener()

    def skip(self, *, at_most: timedelta = NEAR) -> bool:
        """Go on to where the next of those wakes who sleep no longer than that, if anybody does.

        Who lay down for longer only watches, however near their hour has come.
        """
        wakes = [
            until
            for until, _, waking, span in self._sleepers
            if span <= at_most and not waking.done()
        ]
        if not wakes:
            return False
        self.move(max(min(wakes) - self.now(), timedelta(0)))
        return True

    def when_moved(self, listener: Callable[[], None]) -> None:
        """Call this after every move."""
        self._listeners.append(listener)

    def _ring(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self.now():
            waking = heapq.heappop(self._sleepers)[2]
            if not waking.done():
                waking.set_result(None)


def weekday_noon(today: datetime) -> datetime:
    """Noon (UTC) of `today`, or of Monday when today is a weekend's: a story needs office hours."""
    weekday = today.weekday()
    ahead = 7 - weekday if weekday >= SATURDAY else 0
    return datetime.combine(today.date() + timedelta(days=ahead), time(12), UTC)
