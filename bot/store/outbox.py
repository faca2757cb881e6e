"""Effects waiting: claimed with a lease, finished behind a fence.

The fence is (owner, attempt): a worker that lost its claim can't finish it. At most one row a key
is ready and one claimed, so that two workers never read or draw the same thing at once. A
hand-over is born `sending` in the transaction that decides it, and is never claimed again by
itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, Update, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.effects import Effect, Gather, HandOver, Show
from bot.store import pauses
from bot.store.columns import NOW
from bot.store.dialect import insert_or_ignore
from bot.store.effect_rows import (
    LEASE,
    Claim,
    claim_from_row,
    fence,
    free,
    hold,
    ready,
    ready_row,
    row_of,
    unhurried,
)
from bot.store.tables import outbox

# A row may come back between our looking and our writing: then it is looked for once more.
_TURNS = 2


async def add(
    connection: AsyncConnection, effect: Effect, *, now: datetime, owner: str | None
) -> Claim | None:
    """Write an effect; with an `owner` it is claimed at once, unless its like is in hand already.

    A ready row with the same key stands for this one too.
    """
    if isinstance(effect, HandOver):
        return await _born_sending(connection, effect, now=now, owner=owner or "")
    if isinstance(effect, Gather) and effect.due is None:
        await _brought_forward(connection, effect, now)
    at_once = None if _is_later(effect, now) else owner
    for _ in range(_TURNS):
        waiting = (await connection.execute(_waiting(), {"of_key": effect.key})).first()
        if waiting is not None:
            return await _joined(connection, waiting, now=now, owner=at_once)
        if isinstance(effect, Show) and await _stands_again(connection, effect, now):
            return None
        if at_once is not None:
            claimed = await _insert(connection, effect, now=now, state="claimed", owner=at_once)
            if claimed is not None:
                known = await _with_what_came_back(connection, effect)
                return Claim(id=claimed, effect=known, owner=at_once, attempt=1)
        if await _insert(connection, effect, now=now, state="ready", owner=None) is not None:
            return None
    return None


async def _with_what_came_back(connection: AsyncConnection, effect: Effect) -> Effect:
    """Whoever had its like gave that back while we waited to write: what it showed may stand.

    Read without a lock: who claims that row just now waits for ours, and we must not wait for it.
    """
    if not isinstance(effect, Show):
        return effect
    back = (await connection.execute(ready_row(), {"of_key": effect.key})).first()
    return replace(effect, again=effect.again or (back is not None and back.attempt > 0))


async def _joined(
    connection: AsyncConnection,
    waiting: Row[tuple[object, ...]],
    *,
    now: datetime,
    owner: str | None,
) -> Claim | None:
    """A ready row stands for one more, and is taken in hand where it may be.

    One that is put off stays so; and whoever has its like may be giving that back just now, and
    each would wait for the other.
    """
    if owner is None or waiting.due > now or not waiting.free:
        return None
    return await _take(connection, waiting, now=now, owner=owner)


async def _brought_forward(connection: AsyncConnection, effect: Gather, now: datetime) -> None:
    """A reading that only waits for more news to share it is due now; one put off stays so."""
    await connection.execute(
        update(outbox)
        .where(
            outbox.c.key == effect.key,
            outbox.c.state == "ready",
            outbox.c.due > now,
            outbox.c.failures == 0,
        )
        .values(due=now)
    )


async def _stands_again(connection: AsyncConnection, effect: Show, now: datetime) -> bool:
    """A card that was given up may stand in Slack already: its row goes on, and knows of it."""
    newest = select(func.max(outbox.c.id)).where(outbox.c.key == effect.key)
    again = (
        update(outbox)
        .where(outbox.c.id == newest.scalar_subquery(), outbox.c.state == "failed")
        .values(state="ready", due=now, owner=None, finished=None)
        .returning(outbox.c.id)
    )
    return (await connection.execute(again)).first() is not None


@cache
def _waiting() -> Select[Any]:
    """The ready row of a key, which nobody claims before this transaction ends.

    Who claims an effect reads its case as it was committed: a row that stands for a change must not
    be claimed before that change can be read, or the card would miss it for good.
    """
    return ready_row().with_for_update(of=outbox)  # dropped on SQLite: begin() is exclusive


def _is_later(effect: Effect, now: datetime) -> bool:
    return isinstance(effect, Gather) and effect.due is not None and effect.due > now


async def _born_sending(
    connection: AsyncConnection, effect: HandOver, *, now: datetime, owner: str
) -> Claim:
    """Born already claimed; the same key again only after it certainly did not arrive."""
    again = (
        update(outbox)
        .where(outbox.c.key == effect.key, outbox.c.state.in_(("not_sent", "unknown")))
        .values(
            state="sending",
            owner=owner,
            attempt=outbox.c.attempt + 1,
            lease_until=now + LEASE,
            finished=None,
        )
        .returning(outbox.c.id, outbox.c.attempt)
    )
    stood = (await connection.execute(again)).first()
    if stood is not None:
        return Claim(id=stood.id, effect=effect, owner=owner, attempt=stood.attempt)
    row = row_of(effect, now=now, state="sending", owner=owner)
    result = await connection.execute(insert(outbox).returning(outbox.c.id), row)
    return Claim(id=result.scalar_one(), effect=effect, owner=owner, attempt=1)


async def _insert(
    connection: AsyncConnection, effect: Effect, *, now: datetime, state: str, owner: str | None
) -> int | None:
    row = row_of(effect, now=now, state=state, owner=owner)
    query = insert_or_ignore(connection, outbox).returning(outbox.c.id)
    found: int | None = (await connection.execute(query, row)).scalar_one_or_none()
    return found


async def claim(
    connection: AsyncConnection, *, now: datetime, owner: str, room: Mapping[str, int]
) -> list[Claim]:
    """Take what is due, oldest first, as far as there is `room` for each kind."""
    found: list[Claim] = []
    for kind, most in room.items():
        if most > 0:
            found += await _claim_kind(connection, kind, most, now=now, owner=owner)
    return found


async def _claim_kind(
    connection: AsyncConnection, kind: str, most: int, *, now: datetime, owner: str
) -> list[Claim]:
    query = (
        select(outbox, pauses.last_end(now).label("let_go"))
        .where(ready(now), pauses.lets_go(now), outbox.c.kind == kind, free())
        .order_by(outbox.c.due, outbox.c.id)
        .limit(most)
        .with_for_update(
            skip_locked=True, of=outbox
        )  # dropped on SQLite, where begin() is exclusive
    )
    rows = (await connection.execute(query)).all()
    taken = [(row, await _take(connection, row, now=now, owner=owner)) for row in rows]
    return [unhurried(claim, row.let_go) for row, claim in taken if claim is not None]


async def _take(
    connection: AsyncConnection, row: Row[tuple[object, ...]], *, now: datetime, owner: str
) -> Claim | None:
    took = await _unless_its_like_stands(
        connection,
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.state == "ready")
        .values(state="claimed", owner=owner, attempt=row.attempt + 1, lease_until=now + LEASE),
    )
    return claim_from_row(row, owner=owner, attempt=row.attempt + 1) if took else None


async def _unless_its_like_stands(
    connection: AsyncConnection, change: Update, of: Mapping[str, object] | None = None
) -> bool:
    """Change one row; False when it is not there, or another with its key came there first.

    Others commit between our looking and our writing: on PostgreSQL that is a lost race, and must
    not undo what else this transaction did.
    """
    try:
        async with connection.begin_nested():
            return bool((await connection.execute(change, of)).rowcount == 1)
    except IntegrityError:
        return False


async def finish(connection: AsyncConnection, claim: Claim, *, state: str, now: datetime) -> bool:
    """End a claim; False when the fence moved and somebody else has it, or had to judge it."""
    ended = {"to_state": state, "now": now}
    result = await connection.execute(_finishing(), hold(claim) | ended)
    return bool(result.rowcount == 1)


@cache
def _finishing() -> Update:
    change = update(outbox).where(fence())
    return change.values(state=bindparam("to_state"), finished=NOW, lease_until=None)


async def settle(
    connection: AsyncConnection, effect: HandOver, *, state: str, now: datetime
) -> None:
    """What became of a hand-over that its worker could not finish."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.key == effect.key, outbox.c.state.in_(("sending", "unknown")))
        .values(state=state, finished=now, lease_until=None)
    )


async def give_back(
    connection: AsyncConnection, claim: Claim, *, due: datetime, trouble: str | None
) -> bool:
    """Let it be tried again later; `trouble` says what went wrong, None that nothing did."""
    failures = claim.failures + (1 if trouble else 0)
    back = await _unless_its_like_stands(
        connection,
        update(outbox)
        .where(fence())
        .values(
            state="ready",
            due=due,
            owner=None,
            lease_until=None,
            failures=failures,
            trouble=trouble,
        ),
        hold(claim),
    )
    if back or not await finish(connection, claim, state="cancelled", now=due):
        return back
    # A newer row asks for the same: that one goes on, no sooner than this one would, and knows
    # that an earlier try may have got through.
    await connection.execute(
        update(outbox)
        .where(outbox.c.key == claim.effect.key, outbox.c.state == "ready")
        .values(
            due=due,
            failures=failures,
            trouble=trouble,
            attempt=outbox.c.attempt + claim.attempt,
        )
    )
    return True


async def bury(connection: AsyncConnection, claim: Claim, *, trouble: str, now: datetime) -> bool:
    """The dead letter: nobody tries it again by themselves."""
    result = await connection.execute(
        update(outbox)
        .where(fence())
        .values(state="failed", finished=now, trouble=trouble, lease_until=None),
        hold(claim),
    )
    return bool(result.rowcount == 1)
