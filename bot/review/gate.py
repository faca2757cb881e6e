"""Slack's wish to be left alone for a while, kept by every call of this process.

Once Slack refused a call, the calls of that method to that channel go through one after the other,
as far apart as Slack allows in the long run, until a minute went by without another refusal.
https://docs.slack.dev/apis/web-api/rate-limits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.errors import ChannelTrouble

PATIENCE: Final = 5.0  # seconds; a longer wait is for the outbox to keep, not for a connection
# About one message a second and fifty changes a minute in a channel; others are far from theirs.
_APART: Final = {
    "chat.postMessage": timedelta(seconds=1),
    "chat.update": timedelta(seconds=1.2),
}
_CALM: Final = timedelta(minutes=1)


@dataclass(kw_only=True)
class _Pace:
    """When Slack opens again, the next free turn, and until when turns are taken at all."""

    opens: datetime
    turn: datetime
    until: datetime


class Gate:
    """Turns for the calls of each method to each channel ("": the method has none)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._paces: dict[tuple[str, str], _Pace] = {}

    async def turn(self, method: str, channel: str) -> None:
        """Return when the call may be made.

        Raises ChannelTrouble (`ratelimited`, with the seconds) when that is too long to wait for.
        """
        while wait := self._wait(method, channel):
            await self._clock.sleep(wait)
            pace = self._paces.get((method, channel))
            if pace is None or pace.opens <= self._clock.now():
                return

    def refused(self, method: str, channel: str, seconds: float) -> None:
        """Slack refused this call, and wants none like it for so long."""
        opens = self._clock.now() + timedelta(seconds=seconds)
        known = self._paces.get((method, channel))
        if known is not None:
            opens = max(opens, known.opens)
        turn = opens if known is None else max(opens, known.turn)
        self._paces[method, channel] = _Pace(opens=opens, turn=turn, until=opens + _CALM)

    def _wait(self, method: str, channel: str) -> float:
        """Seconds until a turn, which is taken; 0 while there is no need for turns."""
        now, pace = self._clock.now(), self._paces.get((method, channel))
        if pace is None:
            return 0
        if pace.until <= now:
            del self._paces[method, channel]
            return 0
        turn = max(now, pace.turn)
        wait = (turn - now).total_seconds()
        if wait > PATIENCE:
            raise ChannelTrouble("ratelimited", retry_after=wait)
        pace.turn = turn + _APART.get(method, timedelta())
        return wait
