"""What is done now and then beside everything else: in its time, and never twice at once."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock


class Errand:
    """Called at every poll, has `do` done `every` so often; what takes longer is let finish first.

    Otherwise one that takes an hour would be begun again and again beside itself. The first time is
    `at_once`, or when so long has passed since the start.
    """

    def __init__(
        self,
        clock: Clock,
        every: timedelta,
        do: Callable[[], Awaitable[None]],
        *,
        at_once: bool = True,
    ) -> None:
        self._clock = clock
        self._every = every
        self._do = do
        self._began_at: datetime | None = None if at_once else clock.now()
        self._under_way = False

    def __call__(self) -> Coroutine[Any, Any, None] | None:
        """What is to be done now; None while it is not time. Whoever asks also awaits it."""
        now = self._clock.now()
        if self._under_way or not self._is_time(now):
            return None
        self._began_at, self._under_way = now, True
        return self._done()

    def _is_time(self, now: datetime) -> bool:
        """Also when it began in what is the future now, because a clock was wrong."""
        return self._began_at is None or abs(now - self._began_at) >= self._every

    async def _done(self) -> None:
        try:
            await self._do()
        finally:
            self._under_way = False
