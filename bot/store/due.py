"""What is due: the one question that every poll asks, whatever waits for it."""

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import CompoundSelect, Select, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import inbox, outbox, pauses
from bot.store.columns import NOW
from bot.store.tables import cases
from bot.store.tables import outbox as effects

ALARM: Final = "alarm"
ARRIVAL: Final = "arrival"


async def kinds(connection: AsyncConnection, now: datetime) -> frozenset[str]:
    """What a writing transaction is worth its while for: alarms, arrivals, each kind of effect."""
    return frozenset((await connection.execute(_question(), {"now": now})).scalars())


@cache
def _question() -> CompoundSelect[Any]:
    ready = select(effects.c.kind).where(outbox.ready(NOW), pauses.lets_go(NOW), outbox.free())
    return union_all(
        ready.distinct(),
        _if_any(ARRIVAL, select(literal(1)).where(inbox.ready(NOW))),
        _if_any(ALARM, select(literal(1)).where(cases.c.wake <= NOW)),
    )


def _if_any(word: str, query: Select[Any]) -> Select[Any]:
    return select(literal(word)).where(query.exists())
