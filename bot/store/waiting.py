"""What stands in the outbox: since when, whether it was asked for, whether it still is wanted."""

from datetime import datetime

from sqlalchemy import Select, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.effects import Effect
from bot.case.machine import wanted
from bot.case.model import Case
from bot.store import pauses
from bot.store.effect_rows import effect_from_row
from bot.store.tables import inbox, outbox


async def oldest_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """Since when the longest-waiting effect or arrival has been due that no pause holds back."""
    effect = _first_due(outbox).where(pauses.lets_go(now), outbox.c.due <= now)
    arrival = _first_due(inbox).where(inbox.c.due <= now)
    query = select(effect.scalar_subquery(), arrival.scalar_subquery())
    return min((due for due in (await connection.execute(query)).one() if due), default=None)


def _first_due(queue: Table) -> Select[tuple[datetime]]:
    return select(queue.c.due).where(queue.c.state == "ready").order_by(queue.c.due).limit(1)


async def stood_since(connection: AsyncConnection, effect: Effect, since: datetime) -> bool:
    """Whether the same was asked for since then, whatever became of it."""
    query = select(outbox.c.id).where(outbox.c.key == effect.key, outbox.c.created >= since)
    return (await connection.execute(query.limit(1))).first() is not None


async def cancel_unwanted(connection: AsyncConnection, case: Case, now: datetime) -> None:
    """Ready rows that the case as it now stands has no use for."""
    query = select(outbox).where(
        outbox.c.case_id == case.id,
        outbox.c.state == "ready",
        outbox.c.kind.in_(("draft", "look")),
    )
    unwanted = [
        row.id for row in await connection.execute(query) if not wanted(case, effect_from_row(row))
    ]
    if unwanted:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(unwanted), outbox.c.state == "ready")
            .values(state="cancelled", finished=now)
        )
