"""Slack on a bad day: rate limits, outages and broken connections, switched on by a test."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock

EVERY_METHOD: Final = "*"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with a call. With nothing set, nothing does.

    delay: seconds of the clock before anything else happens.
    hang: the call is not done and never answered.
    status: this HTTP status is answered instead of doing the call.
    retry_after: HTTP 429 with this many seconds.
    error: ok: false with this name.
    drop: the call is done, then the connection breaks before the answer.
    """

    delay: float = 0
    hang: bool = False
    status: int | None = None
    retry_after: int | None = None
    error: str | None = None
    drop: bool = False


@dataclass(kw_only=True)
class _Waiting:
    fault: Fault
    times: int | None


@dataclass(kw_only=True)
class Faults:
    """The faults still to come, per method; those of a method itself come first."""

    waiting: dict[str, list[_Waiting]] = field(default_factory=lambda: defaultdict(list))

    def add(self, method: str, fault: Fault, times: int | None) -> None:
        """Let the next so many calls fail like this; None: all, until cleared."""
        self.waiting[method].append(_Waiting(fault=fault, times=times))

    def remove(self, fault: Fault) -> None:
        """End one trouble, whatever methods it was for; others stay."""
        for queue in self.waiting.values():
            queue[:] = [one for one in queue if one.fault != fault]

    def clear(self) -> None:
        """Let everything work again."""
        self.waiting.clear()

    def take(self, method: str) -> Fault:
        """The fault of the next call of this method, which is used up by it."""
        for name in (method, EVERY_METHOD):
            queue = self.waiting[name]
            if queue:
                first = queue[0]
                if first.times is not None:
                    first.times -= 1
                    if first.times <= 0:
                        queue.pop(0)
                return first.fault
        return Fault()


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many at once, and then one in so many seconds."""

    burst: int
    seconds: float


# https://docs.slack.dev/apis/web-api/rate-limits: about one message a second in a channel, short
# bursts allowed; chat.update about 50 a minute.
RATES: Final = {
    "chat.postMessage": Rate(burst=3, seconds=1.0),
    "chat.update": Rate(burst=5, seconds=1.2),
}


@dataclass(kw_only=True)
class RateLimits:
    """What each channel may still take, and who was told to come back when."""

    clock: Clock
    enforced: bool = False
    _full_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _told: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def take(self, method: str, channel: str) -> int | None:
        """None when the call may pass; else the seconds to wait, as Retry-After says them."""
        rate = RATES.get(method)
        if not self.enforced or rate is None:
            return None
        now, key = self.clock.now(), (method, channel)
        step = timedelta(seconds=rate.seconds)
        full_at = max(self._full_at.get(key, now), now) + step
        over = full_at - now - step * rate.burst
        if over > timedelta():
            return math.ceil(over.total_seconds())
        self._full_at[key] = full_at
        return None

    def tell(self, method: str, channel: str, seconds: int) -> None:
        """Remember that the bot was told to wait."""
        self._told[method, channel] = self.clock.now() + timedelta(seconds=seconds)

    def is_early(self, method: str, channel: str) -> bool:
        """Whether the bot is back before the time that it was told."""
        until = self._told.get((method, channel))
        return until is not None and self.clock.now() < until
