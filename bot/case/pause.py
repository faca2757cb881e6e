"""A person's word that nothing may leave for a while."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.case.effects import Draft, Effect, Look
from bot.case.ids import Actor


class Held(StrEnum):
    """What a pause holds back: letters that would leave, or drafts too."""

    SENDING = "sending"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Pause:
    """From `at` until `until` (UTC; None: until somebody resumes), by whose word and why."""

    what: Held
    until: datetime | None
    reason: str
    by: Actor
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Unsaid:
    """What the channel has not heard yet: that a pause began, or that it `ended`.

    `ended_by` is who resumed; None when its time was up.
    """

    number: int
    pause: Pause
    ended: bool
    ended_at: datetime | None = None
    ended_by: Actor | None = None


def holds(held: Held | None, effect: Effect) -> bool:
    """Whether what is held back by now includes this effect."""
    if held is None:
        return False
    return isinstance(effect, Look) or (held is Held.ALL and isinstance(effect, Draft))
