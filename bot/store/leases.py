"""Claims that outlive their worker, and dead letters that get another chance."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.effect_rows import LEASE, Claim, claim_from_row, fence, hold
from bot.store.tables import cases, outbox

REVIVED_AFTER = timedelta(hours=1)
REDRAWN_FOR = timedelta(days=7)  # a closed case's card; then it stays as it is


async def renew(connection: AsyncConnection, claims: Sequence[Claim], now: datetime) -> None:
    """Keep what a living worker has in hand; not what it lost, by an error of its own."""
    for claim in claims:
        renewed = update(outbox).where(fence()).values(lease_until=now + LEASE)
        await connection.execute(renewed, hold(claim))


async def abandoned(
    connection: AsyncConnection, now: datetime, *, but_owner: str | None = None
) -> list[Claim]:
    """Claims that nobody renewed; with `but_owner`, all that are not theirs (a lone process)."""
    query = select(outbox).where(_abandoned(now, but_owner)).order_by(outbox.c.id)
    rows = await connection.execute(query.with_for_update(skip_locked=True))
    return [claim_from_row(row, owner=row.owner, attempt=row.attempt) for row in rows]


async def needs_sweeping(
    connection: AsyncConnection, now: datetime, *, but_owner: str | None = None
) -> bool:
    """Whether a sweep is worth a writing transaction."""
    wanting = or_(_abandoned(now, but_owner), _revivable(now))
    query = select(outbox.c.id).where(wanting).limit(1)
    return (await connection.execute(query)).first() is not None


async def revive(connection: AsyncConnection, now: datetime) -> None:
    """Dead letters get another chance an hour later: somebody may have mended it.

    Those of open cases, and cards of closed ones, which must not offer what is over.
    """
    await connection.execute(
        update(outbox)
        .where(_revivable(now))
        .values(state="ready", due=now, owner=None, finished=None)
    )


def _abandoned(now: datetime, but_owner: str | None) -> ColumnElement[bool]:
    late: ColumnElement[bool] = outbox.c.lease_until <= now
    if but_owner is not None:
        late = or_(late, outbox.c.owner != but_owner)
    return and_(outbox.c.state.in_(("claimed", "sending")), late)


def _revivable(now: datetime) -> ColumnElement[bool]:
    """The newest dead letter of its key that still matters, with nothing in its place."""
    is_open = select(cases.c.id).where(cases.c.id == outbox.c.case_id, cases.c.state != "closed")
    return and_(
        outbox.c.state == "failed",
        outbox.c.finished <= now - REVIVED_AFTER,
        ~_replaced(),
        or_(
            is_open.exists(),
            and_(outbox.c.kind == "show", outbox.c.created > now - REDRAWN_FOR),
        ),
    )


@cache
def _replaced() -> ColumnElement[bool]:
    """Another row with its key stands, or came after it."""
    like = outbox.alias("like")
    newer = and_(like.c.id > outbox.c.id, like.c.state != "cancelled")
    return (
        select(like.c.id)
        .where(like.c.key == outbox.c.key, or_(like.c.state.in_(("ready", "claimed")), newer))
        .exists()
    )
