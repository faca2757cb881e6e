"""Requests to forget a customer, as a command or a press makes and settles them: two people."""

from enum import StrEnum

from bot.case.erasure import Erasure, Settled
from bot.case.ids import Actor, CustomerKey
from bot.clock import Clock
from bot.errors import CaseMoved
from bot.store import erasures
from bot.store.db import Database

MOST_RACES = 20


class Answered(StrEnum):
    """What came of a press; the words' key for the person is `erase.` and this."""

    DONE = "done"
    UNKNOWN = "unknown"
    OWN = "own"  # who asked can't be the second person
    ERASED = "erased_before"
    WITHDRAWN = "withdrawn_before"
    LAPSED = "lapsed_before"


class Erasures:
    """Asks and settles. Each method is one short transaction; an answer is given once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ask(self, key: CustomerKey, by: Actor) -> tuple[Erasure, bool]:
        """The request about this customer, and whether it is a new one.

        The review channel is asked within seconds.
        """
        for _ in range(MOST_RACES):
            now = self._clock.now()
            async with self._database.begin() as link:
                await erasures.lapse(link, now)
                found = await erasures.open_of(link, key)
                if found is not None:
                    return found, False
                new = await erasures.ask(link, key, by, now)
                if new is not None:
                    return new, True
        raise CaseMoved("too many ask at once")

    async def agree(self, number: int, by: Actor, *, asked: int) -> Answered:
        """A second person's word that they are to be forgotten for good.

        `asked` is the second of the request that they read.
        """
        return await self._settle(number, Settled.ERASED, by, asked)

    async def withdraw(self, number: int, by: Actor, *, asked: int) -> Answered:
        """Nothing is erased: the first person's word, or anybody's who may decide."""
        return await self._settle(number, Settled.WITHDRAWN, by, asked)

    async def _settle(self, number: int, settled: Settled, by: Actor, asked: int) -> Answered:
        now = self._clock.now()
        async with self._database.begin() as link:
            await erasures.lapse(link, now)
            found = await erasures.load(link, number)
            if found is None or found.second != asked:
                return Answered.UNKNOWN
            if found.settled is None and settled is Settled.ERASED and _same(found.asked_by, by):
                return Answered.OWN
            if await erasures.settle(link, number, settled, by, now):
                return Answered.DONE
            after = await erasures.load(link, number)
        stands = after.settled if after and after.settled else Settled.LAPSED
        return Answered(f"{stands}_before")


def _same(one: Actor, other: Actor) -> bool:
    """Whether that is one person: also one who acts in two workspaces of an organisation."""
    return one.rsplit(":", 1)[-1] == other.rsplit(":", 1)[-1]
