"""A restored database is noticed: letters are held, and what may have left is asked about.

It knows nothing of what happened after the backup, so nothing may leave before a person has said
that it may (docs/decisions/0016-a-restored-database-asks.md).
"""

import asyncio
from datetime import datetime, timedelta
from logging import ERROR, WARNING

from bot.case.effects import HandOver
from bot.case.events import Delivered, Restored
from bot.case.ids import SYSTEM
from bot.case.model import Case, State
from bot.case.pause import Held, Pause
from bot.case.policy import Policy
from bot.casework import Casework
from bot.clock import Clock
from bot.delivery.doubt import Asks
from bot.log import about, tell
from bot.store import cases, marks, pauses
from bot.store.db import Database, Link, is_out_of_reach
from bot.store.identity import Identity, newest_known
from bot.words import say
from bot.words.numbers import moment

LOOKS_EVERY = timedelta(minutes=1)
CASES_A_BATCH = 50


class Restore:
    """Any number of processes may: each sees to all that is left, and nothing is done twice.

    Which database it is, is noted last: who dies before leaves it to the next.
    """

    def __init__(  # noqa: PLR0913 - what it is tied to, each by name
        self,
        database: Database,
        identity: Identity,
        casework: Casework,
        clock: Clock,
        *,
        ask: Asks,
        policy: Policy,
    ) -> None:
        self._database = database
        self._identity = identity
        self._casework = casework
        self._clock = clock
        self._ask = ask
        self._policy = policy

    async def look(self) -> None:
        """Whether it is the same database; if not, hold letters and ask, until that is done."""
        if not await self._is_same() and (event := await self._begun()) is not None:
            while await self._asked_some(event):
                pass
            await self._identity.note(self._clock.now(), asked=event.at)
            tell("restore_asked", level=WARNING)
        else:
            await self._identity.note(self._clock.now())

    async def leave(self) -> None:
        """At the end of a process: a copy made while it ran is older than what stands now."""
        try:
            if await self._is_same():
                await self._identity.note(self._clock.now())
        except Exception as error:
            if not is_out_of_reach(error):
                raise
            tell("identity_not_noted", level=WARNING, error=error)

    async def _is_same(self) -> bool:
        async with self._database.read() as link:
            return await self._identity.is_same(link)

    async def _begun(self) -> Restored | None:
        """What all cases are told; None when somebody else has just told them."""
        async with self._database.begin() as link:
            await marks.noted(link, to_change=True)
            if await self._identity.is_same(link):
                return None
            if (await marks.noted(link)).get(marks.RESTORED, marks.DONE) == marks.DONE:
                await self._hold(link)
            at, known = await marks.at(link, marks.RESTORED), await marks.at(link, marks.KNOWN)
        at = at or self._clock.now()
        return Restored(at=at, known=known or at)

    async def _hold(self, link: Link) -> None:
        now = self._clock.now()
        known = await newest_known(link) or now
        held = {one.what for one in await pauses.in_force(link, now)}
        pause = Pause(
            what=Held.ALL if Held.ALL in held else Held.SENDING,
            until=None,
            reason=await self._reason(link, known),
            by=SYSTEM,
            at=now,
        )
        while not await pauses.begin(link, pause):
            pass  # somebody paused just then; ours is the newer
        await marks.note(link, {marks.RESTORED: ""}, now)
        await marks.note(link, {marks.KNOWN: ""}, known)
        tell("database_restored", level=ERROR, known=known.isoformat())

    async def _reason(self, link: Link, known: datetime) -> str:
        locale = self._policy.locale
        count = await cases.count_in(link, (State.APPROVED, State.SENDING))
        key = {0: "restored.none", 1: "restored.one"}.get(count, "restored.several")
        when = moment(locale, known, self._policy.zone)
        return say(locale, key, when=when, count=count)

    async def _asked_some(self, event: Restored) -> bool:
        """The next cases; False when all were."""
        async with self._database.read() as link:
            last = (await marks.noted(link)).get(marks.RESTORED, marks.DONE)
            found = [] if last == marks.DONE else await cases.open_after(link, last, CASES_A_BATCH)
            known = await cases.load_many(link, found)
        if not found:
            return False
        await asyncio.gather(*(self._told(case, event) for case in known.values()))
        async with self._database.begin() as link:
            if (await marks.noted(link)).get(marks.RESTORED) == last:
                await marks.note(link, {marks.RESTORED: found[-1]}, event.at)
        return True

    async def _told(self, case: Case, event: Restored) -> None:
        if case.restored_at == event.at:
            return
        with about(case.id):
            answer = None
            if case.state in {State.APPROVED, State.SENDING}:
                answer = await self._ask(case, HandOver(case_id=case.id, revision=case.revision))
            await self._casework.happened(case.id, event)
            if isinstance(answer, Delivered):
                await self._casework.happened(case.id, answer)
