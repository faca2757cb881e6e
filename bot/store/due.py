"""What is due: the one question that every poll asks, whatever waits for it."""

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import CompoundSelect, Select, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import arrival_rows, effect_rows, pauses
from bot.store.columns import NOW
from bot.store.tables import cases, inbox, outbox

ALARM: Final = "alarm"
ARRIVAL: Final = "arrival"


async def kinds(connection: AsyncConnection, now: datetime) -> frozenset[str]:
    """What a writing transaction is worth its while for: alarms, arrivals, each kind of effect."""
    return frozenset((await connection.execute(_question(), {"now": now})).scalars())


@cache
def _question() -> CompoundSelect[Any]:
    ready = select(outbox.c.kind).where(
        effect_rows.ready(NOW), pauses.lets_go(NOW), effect_rows.free()
    )
    return union_all(
        ready.distinct(),
        _if_any(ARRIVAL, select(inbox.c.event_id).where(arrival_rows.ready(NOW))),
        _if_any(ALARM, select(cases.c.id).where(cases.c.wake <= NOW)),
    )


def _if_any(word: str, query: Select[Any]) -> Select[Any]:
    return select(literal(word)).where(query.exists())
