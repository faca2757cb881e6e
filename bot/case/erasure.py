"""A customer who is to be forgotten: who asked, who agreed, and how far it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.case.ids import Actor, CustomerKey

LASTS = timedelta(days=7)  # so long a request waits for a second person


class Settled(StrEnum):
    """What became of a request."""

    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # nobody answered in time


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A request, by ids only. `channel` and `ts` are of the message that asks the second person."""

    number: int
    key: CustomerKey
    asked_by: Actor
    asked_at: datetime
    settled: Settled | None = None
    settled_by: Actor | None = None
    settled_at: datetime | None = None
    channel: str | None = None
    ts: str | None = None
    told: str | None = None
    tried: bool = False  # somebody was at it before, and may have posted its message

    @property
    def runs_out(self) -> datetime:
        """When it is too late to agree."""
        return self.asked_at + LASTS

    @property
    def second(self) -> int:
        """When it was asked, as it stands in a button: Unix time."""
        return int(self.asked_at.timestamp())


@dataclass(frozen=True, kw_only=True)
class Place:
    """A message in Slack, and how many messages there are meant."""

    channel: str
    ts: str
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """What was found in Slack: messages of ours without a word of them by now, and what is left.

    `typed` are threads in which people wrote themselves; `stuck` is what could not be changed or
    read, for good. A `ts` of "" is the whole channel.
    """

    ours: int = 0
    typed: tuple[Place, ...] = ()
    stuck: tuple[Place, ...] = ()
