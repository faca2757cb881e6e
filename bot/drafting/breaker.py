"""A model in trouble is left alone for a while, so that a draft then costs neither wait nor call.

One breaker a process: others find out for themselves, and nothing of it is stored.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from logging import WARNING
from typing import Final, Self

from bot.case.letter import FixedBecause
from bot.clock import Clock
from bot.drafting.prompt import Ask
from bot.drafting.writing import LEFT_ALONE, Words, Writer, fixed_because
from bot.errors import ModelTrouble
from bot.log import tell

TROUBLES: Final = 3  # in a row; fewer may be chance
REST: Final = timedelta(seconds=30)  # longer than a call may take: one at a time asks after it
LONGEST_REST: Final = timedelta(hours=1)  # whatever the other side wishes

# The model was not there. A useless answer is an answer: the next one may be better.
_AWAY: Final = frozenset({FixedBecause.SLOW, FixedBecause.DOWN})


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """How the last calls went: so many `troubles` in a row; open while `until` is a moment."""

    troubles: int = 0
    until: datetime | None = None

    def asking(self, now: datetime) -> Self | None:
        """With a call begun; None while the model is to be left alone.

        The first to ask after the rest finds out whether it is back; others wait another one.
        """
        if self.until is None:
            return self
        return None if now < self.until else replace(self, until=now + REST)

    def after(self, trouble: ModelTrouble | None, now: datetime) -> "Breaker":
        """When a call ended, well (None) or in trouble. Retry-After is kept to."""
        if trouble is None or fixed_because(trouble) not in _AWAY:
            return Breaker()
        troubles = self.troubles + 1
        rest = REST if troubles >= TROUBLES else timedelta(0)
        if trouble.retry_after is not None:
            rest = max(rest, min(timedelta(seconds=trouble.retry_after), LONGEST_REST))
        until = max(now + rest, self.until or now)
        return Breaker(troubles=troubles, until=until if until > now else None)


class Sparing:
    """A writer that leaves its model alone while the breaker is open; told in the log."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._breaker = Breaker()

    def rests_until(self) -> datetime | None:
        """Until when the model is left alone; None while it is asked."""
        until = self._breaker.until
        return until if until is not None and self._clock.now() < until else None

    async def write(self, ask: Ask) -> Words:
        """As the writer does; raises ModelTrouble at once while the model is left alone."""
        asking = self._breaker.asking(self._clock.now())
        if asking is None:
            raise ModelTrouble(LEFT_ALONE)
        self._breaker = asking
        try:
            words = await self._writer.write(ask)
        except ModelTrouble as trouble:
            self._ended(trouble)
            raise
        self._ended(None)
        return words

    def _ended(self, trouble: ModelTrouble | None) -> None:
        before, self._breaker = self._breaker, self._breaker.after(trouble, self._clock.now())
        if before.until is None and self._breaker.until is not None:
            tell(
                "model_left_alone",
                level=WARNING,
                trouble=trouble.code if trouble else None,
                until=self._breaker.until,
            )
        elif before.until is not None and self._breaker.until is None:
            tell("model_is_back")
