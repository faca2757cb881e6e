"""Stripe's events, each remembered once before it is acknowledged, then worked like an effect."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Update, and_, distinct, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.arrival import Arrival
from bot.case.ids import CaseId
from bot.store.arrival_rows import (
    STALE,
    ArrivalClaim,
    claim_from_row,
    fence,
    hold,
    ready,
    row_of,
    waits,
)
from bot.store.dialect import insert_or_ignore
from bot.store.effect_rows import LEASE
from bot.store.tables import LEFT_ALONE, inbox


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An event that came, and how far it is: `state` is ready, claimed, done or parked.

    `trouble` is what last kept it from being read, `customer` whom it names, if it does.
    """

    id: str
    type: str
    received_at: datetime
    state: str
    case_id: CaseId | None
    trouble: str | None = None
    customer: str | None = None


@dataclass(frozen=True, kw_only=True)
class LeftAlone:
    """Failures of long ago: of how many invoices, and when the first and the last of them came."""

    invoices: int
    first: datetime
    last: datetime


async def remember(
    connection: AsyncConnection,
    arrivals: Sequence[Arrival],
    now: datetime,
    *,
    owner: str | None = None,
    most: int = 0,
) -> list[ArrivalClaim]:
    """Keep that these events came; those known already change nothing.

    As many as `most` are born in the hands of `owner`, who need not look for them: these claims
    are the answer.
    """
    # In one order for all: two batches with the same events must not wait for each other.
    unique = sorted({one.id: one for one in arrivals}.values(), key=lambda one: one.id)
    if not unique:
        return []
    free = [one for one in unique if waits(one)][: most if owner else 0]
    rows = [row_of(one, now, owner=owner if one in free else None) for one in unique]
    query = insert_or_ignore(connection, inbox).returning(inbox.c.event_id)
    new = set((await connection.execute(query, rows)).scalars())
    return [
        ArrivalClaim(arrival=one, owner=owner or "", attempt=1, failures=0)
        for one in free
        if one.id in new
    ]


async def unknown(connection: AsyncConnection, ids: Collection[str]) -> set[str]:
    """Those of these events that never came."""
    query = select(inbox.c.event_id).where(inbox.c.event_id.in_(ids))
    return set(ids) - set((await connection.execute(query)).scalars())


async def left_alone(connection: AsyncConnection, since: datetime) -> LeftAlone | None:
    """The stale failures that came after `since`; None when there are none."""
    count, first, last = (
        func.count(distinct(inbox.c.invoice)),
        func.min(inbox.c.received_at),
        func.max(inbox.c.received_at),
    )
    # Spelled as the partial index has it, so that a planner can see that it serves.
    query = select(count, first, last).where(inbox.c.received_at > since, text(LEFT_ALONE))
    invoices, began, ended = (await connection.execute(query)).one()
    return LeftAlone(invoices=invoices, first=began, last=ended) if invoices else None


async def newest(connection: AsyncConnection, most: int) -> list[Kept]:
    """The events that came last, oldest first."""
    query = select(inbox).order_by(inbox.c.received_at.desc(), inbox.c.event_id).limit(most)
    rows = (await connection.execute(query)).all()
    return [
        Kept(
            id=row.event_id,
            type=row.type,
            received_at=row.received_at,
            state=row.state,
            case_id=row.case_id,
            trouble=row.trouble,
            customer=row.customer,
        )
        for row in reversed(rows)
    ]


async def anything_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether a claim is worth a writing transaction."""
    return (
        await connection.execute(select(inbox.c.event_id).where(ready(now)).limit(1))
    ).first() is not None


async def claim(
    connection: AsyncConnection, *, now: datetime, owner: str, most: int
) -> list[ArrivalClaim]:
    """Take the arrivals that have waited longest."""
    query = (
        select(inbox)
        .where(ready(now))
        .order_by(inbox.c.due)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = (await connection.execute(query)).all()
    if rows:
        await connection.execute(
            update(inbox)
            .where(inbox.c.event_id.in_([row.event_id for row in rows]), inbox.c.state == "ready")
            .values(
                state="claimed", owner=owner, attempt=inbox.c.attempt + 1, lease_until=now + LEASE
            )
        )
    return [claim_from_row(row, owner) for row in rows]


async def finish(
    connection: AsyncConnection,
    claim: ArrivalClaim,
    *,
    case_id: CaseId | None,
    stale: bool = False,
) -> bool:
    """Handled; False when the fence moved: then nothing of its transaction may stand.

    `stale`: it was a failure of long ago, and is left alone.
    """
    done: dict[str, object] = {"state": "done", "case_id": case_id, "lease_until": None}
    if stale:
        done["trouble"] = STALE
    result = await connection.execute(_changing(), done | hold(claim))
    return bool(result.rowcount == 1)


async def give_back(
    connection: AsyncConnection, claim: ArrivalClaim, *, due: datetime, trouble: str | None
) -> None:
    """Let it be tried again at `due`; `trouble` None: nothing went wrong."""
    await connection.execute(
        update(inbox)
        .where(fence())
        .values(
            state="ready",
            due=due,
            owner=None,
            lease_until=None,
            failures=inbox.c.failures + (1 if trouble else 0),
            trouble=trouble,
        ),
        hold(claim),
    )


async def renew(connection: AsyncConnection, claims: Sequence[ArrivalClaim], now: datetime) -> None:
    """Keep what a living worker has in hand; not what it lost, by an error of its own."""
    for claim in claims:
        renewed = update(inbox).where(fence()).values(lease_until=now + LEASE)
        await connection.execute(renewed, hold(claim))


async def free_abandoned(
    connection: AsyncConnection, now: datetime, *, but_owner: str | None = None
) -> int:
    """Make ready what nobody renewed; with `but_owner`, all that is not theirs."""
    result = await connection.execute(
        update(inbox)
        .where(_abandoned(now, but_owner))
        .values(state="ready", owner=None, lease_until=None)
    )
    return int(result.rowcount)


async def any_abandoned(
    connection: AsyncConnection, now: datetime, *, but_owner: str | None = None
) -> bool:
    """Whether a sweep is worth a writing transaction."""
    query = select(inbox.c.event_id).where(_abandoned(now, but_owner)).limit(1)
    return (await connection.execute(query)).first() is not None


def _abandoned(now: datetime, but_owner: str | None) -> ColumnElement[bool]:
    late: ColumnElement[bool] = inbox.c.lease_until <= now
    if but_owner is not None:
        late = or_(late, inbox.c.owner != but_owner)
    return and_(inbox.c.state == "claimed", late)


@cache
def _changing() -> Update:
    return update(inbox).where(fence())
