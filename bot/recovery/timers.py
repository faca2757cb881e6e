"""Alarms that have gone off: a case has one, and every transition overwrites it."""

from logging import ERROR

from bot.case.events import TimeCame
from bot.casework import Casework
from bot.clock import Clock
from bot.log import about, tell
from bot.store import cases
from bot.store.db import Database
from bot.work import Take, Work

MOST = 50  # a round; the next one follows at once


class Timers:
    """Tells cases that their time came. Any number of processes may: an alarm rings once."""

    def __init__(self, database: Database, casework: Casework, clock: Clock, *, take: Take) -> None:
        self._database = database
        self._casework = casework
        self._clock = clock
        self._take = take

    async def ring(self) -> list[Work]:
        """Ring what is due, longest overdue first; gives what then is to be done at once."""
        now = self._clock.now()
        async with self._database.read() as link:
            due = await cases.due(link, now, MOST)
        works: list[Work] = []
        for case_id, wake in due:
            event = TimeCame(at=self._clock.now(), wake=wake)
            try:
                works += (await self._casework.happened(case_id, event, take=self._take)).work
            except Exception as error:  # noqa: BLE001 - one damaged case must not silence the others
                with about(case_id):
                    tell("alarm_failed", level=ERROR, error=error)
        return works
