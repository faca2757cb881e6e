"""Forgets whom two people agreed to forget: database first, then Slack, until it is done.

Whoever dies at it leaves it to the next; every step may be done again. While Slack is away it
waits, and nothing of the customer is left in the database meanwhile.
"""

from collections.abc import Sequence
from datetime import timedelta
from logging import WARNING

from bot.case.erasure import Cleaned, Erasure, Settled
from bot.case.events import Erased
from bot.case.ids import Actor, CaseId
from bot.case.model import Case, Why
from bot.casework import Casework
from bot.clock import Clock
from bot.errors import DunningError
from bot.log import about, tell
from bot.review.redaction import Redaction
from bot.store import cases, erasing, erasures
from bot.store.db import Database
from bot.store.erasures import ASKED

LOOKS_EVERY = timedelta(seconds=2)
AGAIN = timedelta(seconds=30)  # after trouble
AGREED = "agreed"


class Erasing:
    """Asks, erases and tells. Any number of processes may: one takes each request on."""

    def __init__(
        self, database: Database, casework: Casework, redaction: Redaction, clock: Clock
    ) -> None:
        self._database = database
        self._casework = casework
        self._redaction = redaction
        self._clock = clock

    async def look(self) -> None:
        """Take on what is unfinished; what fails is for a later look."""
        now = self._clock.now()
        async with self._database.read() as link:
            unfinished = await erasures.unfinished(link, now)
        for one in unfinished:
            async with self._database.begin() as link:
                await erasures.lapse(link, now)
                taken = await erasures.take(link, one.number, now)
            if taken is not None:
                await self._carry_on(taken)

    async def _carry_on(self, erasure: Erasure) -> None:
        again = AGAIN
        try:
            if await self._done(erasure):
                return
            again = LOOKS_EVERY
        except DunningError as error:
            code = getattr(error, "code", type(error).__name__)
            tell("erasure_waits", level=WARNING, number=erasure.number, trouble=code)
        async with self._database.begin() as link:
            await erasures.put_off(link, erasure.number, self._clock.now() + again)

    async def _done(self, erasure: Erasure) -> bool:
        """Whether its message tells how it stands; if not, there is more to do."""
        match erasure.settled:
            case None:
                place = await self._redaction.ask(erasure, await self._name(erasure))
                await self._told(erasure, ASKED, place)
                return True
            case Settled.ERASED:
                return await self._erased(erasure)
            case _:
                place = await self._redaction.end(erasure, Cleaned())
                await self._told(erasure, erasure.settled, place)
                return True

    async def _erased(self, erasure: Erasure) -> bool:
        theirs = await self._erased_cases(erasure)
        await self._database.shred()
        if erasure.told != AGREED:
            await self._told(erasure, AGREED, await self._redaction.agree(erasure))
            return False
        ids = [one.id for one in theirs]
        async with self._database.read() as link:
            # What was drawn before must stand, and be drawn anew, before it can be found.
            if await erasing.slack_is_behind(link, ids):
                return False
        cleaned = await self._redaction.clean(erasure, theirs)
        place = await self._redaction.end(erasure, cleaned)
        async with self._database.begin() as link:
            await erasures.cleaned(link, erasure.number, self._clock.now())
            await erasures.told(link, erasure.number, Settled.ERASED, place)
        tell("erasure_done", number=erasure.number, ours=cleaned.ours)
        return True

    async def _erased_cases(self, erasure: Erasure) -> Sequence[Case]:
        """Their cases, without a word of theirs. What failed since they agreed is a new matter."""
        until = erasure.settled_at or self._clock.now()
        async with self._database.read() as link:
            ids = await erasing.theirs(link, erasure.key, until)
        for case_id in ids:
            await self._erase(case_id, erasure.settled_by or erasure.asked_by)
        async with self._database.begin() as link:
            if erasure.told != AGREED:  # once: what is remembered later is of a new matter
                await erasing.customer(link, erasure.key)
            found = [await cases.load(link, one) for one in ids]
        return [one for one in found if one is not None]

    async def _erase(self, case_id: CaseId, who: Actor) -> None:
        async with self._database.read() as link:
            case = await cases.load(link, case_id)
        if case is not None and case.why is not Why.ERASED:
            with about(case_id):
                await self._casework.happened(case_id, Erased(at=self._clock.now(), who=who))

    async def _name(self, erasure: Erasure) -> str | None:
        """What the second person knows them by: as Stripe had it last."""
        async with self._database.read() as link:
            ids = await erasing.theirs(link, erasure.key, self._clock.now())
            found = await cases.load_many(link, ids)
        known = [case for one in reversed(ids) if (case := found.get(one))]
        names = (case.facts.customer.name for case in known if case.facts)
        return next((name for name in names if name), None)

    async def _told(self, erasure: Erasure, what: str, place: tuple[str, str]) -> None:
        async with self._database.begin() as link:
            await erasures.told(link, erasure.number, what, place)
