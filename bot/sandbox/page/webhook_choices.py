"""How Stripe's events reach the bot: as they should, or as a visitor chose to spoil it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.sandbox.stripe import Stripe
from bot.sandbox.stripe_ledger import Event
from bot.sandbox.stripe_versions import TODAY, VERSIONS
from bot.sandbox.stripe_webhooks import Endpoint

LATE = timedelta(hours=1)
SHOWN = 8


class Way(StrEnum):
    """What becomes of an event on its way."""

    AS_IT_SHOULD = "as_it_should"
    TWICE = "twice"
    LATE = "late"
    REVERSED = "reversed"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Sending:
    """An event on its way, in the shape of the API version that was chosen when it happened."""

    event: Event
    version: str
    due: datetime | None = None  # None: with the next events
    missed: bool = False  # was sent, and not taken


@dataclass(frozen=True, kw_only=True)
class Line:
    """What became of an event: the status it was answered with (0: no answer), or a word."""

    type: str
    outcome: int | str


@dataclass(kw_only=True)
class Post:
    """The road between Stripe and the bot. One for the whole sandbox."""

    way: Way = Way.AS_IT_SHOULD
    version: str = TODAY
    held: list[Sending] = field(default_factory=list)
    log: deque[Line] = field(default_factory=lambda: deque(maxlen=SHOWN))
    _returns: int = 0  # how often the bot came back

    def choose(self, *, way: str | None = None, version: str | None = None) -> None:
        """For events from now on; ValueError for what there is not."""
        if version is not None and version not in VERSIONS:
            raise ValueError(version)
        self.way = Way(way) if way is not None else self.way
        self.version = version if version is not None else self.version

    async def tell(self, stripe: Stripe) -> None:
        """Let what happened go its way. What waited for the next events goes with them."""
        fresh = [self._sending(event) for event in stripe.take() if _is_awaited(stripe, event)]
        if not fresh:
            return
        waited = [one for one in self.held if one.due is None]
        self.held = [one for one in self.held if one.due is not None]
        match self.way:
            case Way.REVERSED if not waited:
                self._hold(fresh, "waits")
            case Way.REVERSED:
                await self._deliver(stripe, [*reversed(waited + fresh)])
            case way:
                await self._deliver(stripe, [*reversed(waited)])
                await self._goes(stripe, way, fresh)

    async def due(self, stripe: Stripe) -> None:
        """Deliver what was late until now, or was not taken an hour ago."""
        now = stripe.clock.now()
        await self._release(stripe, lambda one: one.due is not None and one.due <= now)

    async def again(self, stripe: Stripe) -> None:
        """Deliver what was not taken: the bot is back, and nobody need wait an hour for that."""
        self._returns += 1
        await self._release(stripe, lambda one: one.missed)

    async def _release(self, stripe: Stripe, which: Callable[[Sending], bool]) -> None:
        ripe = [one for one in self.held if which(one)]
        self.held = [one for one in self.held if one not in ripe]
        await self._deliver(stripe, ripe)

    async def _goes(self, stripe: Stripe, way: Way, fresh: list[Sending]) -> None:
        match way:
            case Way.TWICE:
                await self._deliver(
                    stripe, [one for sending in fresh for one in (sending, sending)]
                )
            case Way.LATE:
                at = stripe.clock.now() + LATE
                self._hold([replace(one, due=at) for one in fresh], "late")
            case Way.LOST:
                self.log.extend(Line(type=one.event.type, outcome="lost") for one in fresh)
            case _:
                await self._deliver(stripe, fresh)

    def _sending(self, event: Event) -> Sending:
        return Sending(event=event, version=self.version)

    def _hold(self, sendings: list[Sending], word: str) -> None:
        self.held += sendings
        self.log.extend(Line(type=one.event.type, outcome=word) for one in sendings)

    async def _deliver(self, stripe: Stripe, sendings: list[Sending]) -> None:
        for sending in sendings:
            for endpoint in list(stripe.webhooks.endpoints):
                at = replace(endpoint, version=sending.version)
                if at.takes(sending.event):
                    await self._send(stripe, sending, at)

    async def _send(self, stripe: Stripe, sending: Sending, at: Endpoint) -> None:
        """Once more at once when the bot came back meanwhile: it asked before this was missed."""
        while True:
            before = self._returns
            answer = await stripe.webhooks.deliver(sending.event, at)
            self.log.append(Line(type=sending.event.type, outcome=answer.status))
            if answer.accepted:
                return
            if before == self._returns:
                due = stripe.clock.now() + LATE
                self.held.append(replace(sending, due=due, missed=True))
                return


def _is_awaited(stripe: Stripe, event: Event) -> bool:
    return any(endpoint.takes(event) for endpoint in stripe.webhooks.endpoints)
