"""The worker's side of the inbox and the outbox: claim, give back, bury, keep alive."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from logging import ERROR

from bot.case.effects import HandOver, Tell
from bot.case.machine import wanted
from bot.clock import Clock
from bot.log import tell
from bot.store import cases, due, inbox, leases, outbox, standing, waiting
from bot.store.arrival_rows import ArrivalClaim
from bot.store.db import Database
from bot.store.due import ARRIVAL
from bot.work import Work

TOLD_AGAIN_AFTER = timedelta(days=1)


class Queue:
    """Claims for one owner. Every method is one short transaction; what is due is asked first."""

    def __init__(self, database: Database, clock: Clock, *, owner: str) -> None:
        self._database = database
        self._clock = clock
        self._owner = owner
        self._in_hand: dict[int, Work | ArrivalClaim] = {}

    def hold(self, what: Work | ArrivalClaim) -> None:
        """This is being worked on: keep it alive until it is let go."""
        self._in_hand[id(what)] = what

    def let_go(self, what: Work | ArrivalClaim) -> None:
        """Nobody works on this any more: unless it was finished, it is to be swept up."""
        self._in_hand.pop(id(what), None)

    async def due(self) -> frozenset[str]:
        """Of which kinds something waits; ALARM and ARRIVAL are two."""
        async with self._database.read() as link:
            return await due.kinds(link, self._clock.now())

    async def claimed(self, room: Mapping[str, int]) -> tuple[list[ArrivalClaim], list[Work]]:
        """Take what is due, as far as there is `room` for each kind ("arrival" is one)."""
        now = self._clock.now()
        left = {kind: most for kind, most in room.items() if most > 0}
        if not left:
            return [], []
        async with self._database.begin() as link:
            most = left.pop(ARRIVAL, 0)
            arrivals = (
                await inbox.claim(link, now=now, owner=self._owner, most=most) if most else []
            )
            claims = await outbox.claim(link, now=now, owner=self._owner, room=left)
            works = []
            by_id = await cases.load_many(link, [claim.effect.case_id for claim in claims])
            for claim in claims:
                case = by_id.get(claim.effect.case_id)
                if case is None:
                    # One damaged case must not stop the work on all the others.
                    tell("case_damaged", level=ERROR, id=claim.effect.case_id)
                    await outbox.bury(link, claim, trouble="case_damaged", now=now)
                elif wanted(case, claim.effect):
                    known = await standing.record(link, case.key, now)
                    works.append(Work(claim=claim, case=case, known=known))
                else:
                    await outbox.finish(link, claim, state="cancelled", now=now)
        return arrivals, works

    async def done(self, work: Work) -> None:
        """Performed, and nothing to report."""
        async with self._database.begin() as link:
            await outbox.finish(link, work.claim, state="done", now=self._clock.now())

    async def give_back(
        self, what: Work | ArrivalClaim, *, due: datetime, trouble: str | None = None
    ) -> None:
        """Let it be tried again at `due`. A hand-over stays: its sweep asks a person."""
        async with self._database.begin() as link:
            if isinstance(what, ArrivalClaim):
                await inbox.give_back(link, what, due=due, trouble=trouble)
            elif not isinstance(what.claim.effect, HandOver):
                await outbox.give_back(link, what.claim, due=due, trouble=trouble)

    async def put_off(
        self, work: Work, *, due: datetime | None, trouble: str, lost: str | None = None
    ) -> None:
        """It went wrong: tried again at `due`, or a dead letter without one.

        With `lost` the team is told of that, unless it heard the same within a day.
        """
        now, effect = self._clock.now(), work.claim.effect
        async with self._database.begin() as link:
            if due is not None:
                mine = await outbox.give_back(link, work.claim, due=due, trouble=trouble)
            else:
                mine = await outbox.bury(link, work.claim, trouble=trouble, now=now)
            if not mine or lost is None or isinstance(effect, Tell):
                return
            telling = Tell(case_id=effect.case_id, lost=lost)
            if not await waiting.stood_since(link, telling, now - TOLD_AGAIN_AFTER):
                await outbox.add(link, telling, now=now, owner=None)

    async def renew(self) -> None:
        """Keep what is in hand for another while."""
        held = list(self._in_hand.values())
        if not held:
            return
        now = self._clock.now()
        async with self._database.begin() as link:
            await inbox.renew(link, [one for one in held if isinstance(one, ArrivalClaim)], now)
            await leases.renew(link, [one.claim for one in held if isinstance(one, Work)], now)
