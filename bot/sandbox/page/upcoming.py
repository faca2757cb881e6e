"""What the bot has planned next, whoever it is about: read from its database, which it writes."""

import asyncio
from datetime import UTC, datetime

from bot.case.model import Case, State, Why
from bot.foreign_text import one_line
from bot.sandbox.page.desk import Desk, Planned
from bot.store import cases
from bot.store.db import Database, is_out_of_reach

GLANCE = 0.5  # real seconds
FOREVER = datetime.max.replace(tzinfo=UTC)
# What an alarm is for, by what the page calls it; anything else is another look.
MEANT = {
    State.APPROVED: "sending",
    State.IN_REVIEW: "reminder",
    State.BY_HAND: "reminder",
    State.UNCLEAR: "reminder",
}


async def watch(desk: Desk, database_url: str) -> None:
    """Keep `desk.planned` current until cancelled."""
    await desk.ready.wait()
    database = Database(database_url, read_only=True)
    try:
        while True:
            try:
                desk.planned = await _nearest(database)
            except Exception as error:
                if not is_out_of_reach(error):
                    raise
                desk.planned = None
            await asyncio.sleep(GLANCE)
    finally:
        await database.close()


async def _nearest(database: Database) -> Planned | None:
    async with database.read() as link:
        alarms = await cases.due(link, FOREVER, 1)
        if not alarms:
            return None
        [(case_id, at)] = alarms
        case = await cases.load(link, case_id)
    return Planned(at=at, who=_who(case), what=_what(case)) if case else None


def _who(case: Case) -> str:
    name = case.facts and case.facts.customer.name
    return one_line(name or "") or case.key.customer


def _what(case: Case) -> str:
    if case.state is State.WAITING and case.why in {Why.NEXT_NOTICE, Why.FIRST_RETRY}:
        return "notice"
    return MEANT.get(case.state, "look")
