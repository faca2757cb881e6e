"""Now, and sleep: so that tests need neither."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The one source of time; everything that waits or stamps is handed one."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return once this clock has moved on by so many seconds."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Sleep in real time."""
        await asyncio.sleep(seconds)
