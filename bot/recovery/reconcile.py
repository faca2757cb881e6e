"""What Stripe's webhooks did not tell is asked for: events, and what is open at Stripe.

A webhook can be lost: an endpoint was off, its secret wrong, our clock out, we were down for days.
So Stripe's own list is read every five minutes, and what it has goes the way of a webhook: into the
inbox, each id once. Any number of processes may; whoever moves the cursor of the turn has it.

Only our own account is looked at: another account's events cannot be listed without naming it.
https://docs.stripe.com/api/events/list, https://docs.stripe.com/webhooks/process-undelivered-events
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from logging import ERROR, WARNING
from typing import Any

from bot.billing import KEY, Billing
from bot.billing_reading import Json
from bot.case.arrival import STALE_AFTER, Arrival
from bot.clock import Clock
from bot.errors import BillingTrouble, OutsideTrouble, RequestRefused
from bot.intake.envelope import enveloped
from bot.intake.translate import TAKEN, translate
from bot.log import tell
from bot.recovery.hearing import NO_WEBHOOKS, Hearing
from bot.recovery.open_invoices import OpenInvoices
from bot.store import cursors, inbox
from bot.store.db import Database
from bot.words import say

EVERY = timedelta(minutes=5)
# Open invoices tell what events do not; without events they are looked at every time.
INVOICES_EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=15)  # an event may be listed after others that are younger
FIRST_LOOKS_BACK = timedelta(hours=24)
# Failures that were left alone are told in one line, once no more of them come, at most daily.
TOLD_WHEN_QUIET_FOR = timedelta(minutes=5)
TOLD_AT_LATEST = timedelta(hours=1)
TOLD_EVERY = timedelta(days=1)

# The cursors: whose turn it is, the youngest event kept, the last look at invoices, when we began,
# and until when stale failures were told.
TURN, EVENTS, INVOICES, BEGAN, TOLD = "poll", "events", "invoices", "began", "stale_told"
NO_EVENTS = (KEY, "no_events_right")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Stand = Mapping[str, datetime]
Say = Callable[[str], Awaitable[None]]  # a sentence, in the review channel


class Reconcile:
    """Asks Stripe what we missed.

    `troubles` names the key while it may not read events, and the webhooks' secret while none come.
    """

    def __init__(  # noqa: PLR0913 - what it is tied to, each by name
        self,
        database: Database,
        billing: Billing,
        clock: Clock,
        *,
        livemode: bool,
        say: Say,
        locale: str,
    ) -> None:
        self._database = database
        self._billing = billing
        self._clock = clock
        self._say = say
        self._locale = locale
        self._invoices = OpenInvoices(database, billing, clock, livemode=livemode, keep=self._keep)
        self._hearing = Hearing(clock.now())
        self.troubles: tuple[tuple[str, str], ...] = ()

    async def look(self) -> None:
        """One turn, unless somebody else had it. What fails is told and is for the next turn."""
        now = self._clock.now()
        known = await self._stand()
        last = known.get(TURN)
        if last is not None and not _over(last, EVERY, now):
            return
        if not await self._move(TURN, now, last):
            return
        if BEGAN not in known:
            first = (now - FIRST_LOOKS_BACK).replace(microsecond=0)  # as Stripe counts
            await self._move(BEGAN, first, None)
            known = await self._stand()
        for part in (self._events, self._open_invoices, self._told):
            try:
                await part(known, now)
            except OutsideTrouble as error:
                tell("poll_failed", level=WARNING, error=error, trouble=error.code)

    async def _events(self, known: Stand, now: datetime) -> None:
        """The cursor moves when everything up to the youngest event is kept, and not before.

        It stands on Stripe's clock: ours may be wrong, and a wrong one loses webhooks. But what
        a test clock's customers do is dated by that clock, weeks ahead: moved there, it would make
        us deaf until then.
        """
        seen = known.get(EVENTS)
        youngest = seen or known[BEGAN]
        judged, since = youngest, youngest - OVERLAP if seen else youngest
        listed: list[Arrival] = []
        unheard: set[str] = set()
        after = None
        while True:
            try:
                page = await self._billing.events(tuple(TAKEN), since, after)
            except BillingTrouble as trouble:
                if trouble.code != "permission":
                    raise
                self._noted((NO_EVENTS,))
                return
            arrivals = list(_arrivals(page.entries))
            listed += arrivals
            unheard |= await self._keep(arrivals)
            moments = (one.created for one in arrivals)
            youngest = max([youngest, *(at for at in moments if at - now < OVERLAP)])
            after = page.after
            if after is None:
                break
        self._hearing.judge(listed, unheard, seen=judged, now=now)
        self._noted((NO_WEBHOOKS,) if self._hearing.is_deaf else ())
        await self._move(EVENTS, youngest, seen)

    async def _open_invoices(self, known: Stand, now: datetime) -> None:
        """Not while events wait to be worked: they may be what an open invoice tells."""
        every = EVERY if NO_EVENTS in self.troubles else INVOICES_EVERY
        last = known.get(INVOICES)
        if last is not None and not _over(last, every, now):
            return
        async with self._database.read() as link:
            if await inbox.anything_due(link, self._clock.now()):
                return
        await self._invoices.look(max(known[BEGAN], now - STALE_AFTER))
        await self._move(INVOICES, now, last)

    async def _told(self, known: Stand, now: datetime) -> None:
        last = known.get(TOLD)
        if last is not None and not _over(last, TOLD_EVERY, now):
            return
        async with self._database.read() as link:
            left = await inbox.left_alone(link, last or LONG_AGO)
        if left is None:
            return
        quiet = now - left.last >= TOLD_WHEN_QUIET_FOR
        if quiet or now - left.first >= TOLD_AT_LATEST:
            key = "poll.left_alone_one" if left.invoices == 1 else "poll.left_alone"
            await self._say(say(self._locale, key, count=left.invoices))
            await self._move(TOLD, left.last, last)

    async def _keep(self, arrivals: Sequence[Arrival]) -> AbstractSet[str]:
        """Those that are new, whose ids it gives; the others cost no writing transaction."""
        if not arrivals:
            return frozenset()
        async with self._database.read() as link:
            new = await inbox.unknown(link, [one.id for one in arrivals])
        if not new:
            return new
        tell("found_by_polling", count=len(new))
        async with self._database.begin() as link:
            found = [one for one in arrivals if one.id in new]
            await inbox.remember(link, found, self._clock.now())
        return new

    async def _stand(self) -> Stand:
        async with self._database.read() as link:
            return await cursors.stand(link)

    async def _move(self, name: str, to: datetime, seen: datetime | None) -> bool:
        if to == seen:
            return False
        async with self._database.begin() as link:
            return await cursors.move(link, name, to, seen=seen)

    def _noted(self, troubles: tuple[tuple[str, str], ...]) -> None:
        before, self.troubles = self.troubles, troubles
        for name, code in set(troubles) - set(before):
            tell("stripe_setting_wrong", level=ERROR, name=name, code=code)
        for name, code in set(before) - set(troubles):
            tell("stripe_setting_mended", name=name, code=code)


def _over(last: datetime, every: timedelta, now: datetime) -> bool:
    """Whether it is time again; also when `last` lies ahead, because a clock was wrong."""
    return abs(now - last) >= every


def _arrivals(events: Sequence[Json]) -> Iterator[Arrival]:
    for event in events:
        try:
            arrival = translate(enveloped(event))
        except RequestRefused:
            tell("event_unreadable", level=WARNING, id=_id(event))
            continue
        if arrival is not None and not arrival.account:
            yield arrival


def _id(event: Mapping[str, Any]) -> str:
    return str(event.get("id"))[:64]
