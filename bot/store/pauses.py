"""Pauses: rows, of which the newest that has not ended holds.

Whether one holds is asked inside the queries that run anyway: when a case is locked, and when
effects are looked for.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import Actor
from bot.case.pause import Held, Pause, Unsaid
from bot.store import marks
from bot.store.columns import Moment
from bot.store.dialect import insert_or_ignore
from bot.store.tables import UtcTime, outbox, pauses

SAYING = timedelta(minutes=1)  # after that, who was telling the channel is taken for dead


def held(now: Moment) -> ColumnElement[str]:
    """What is held back at a moment, as part of another query; NULL for nothing.

    In a database that was restored while we ran, letters are held before anybody began a pause.
    """
    newest = select(pauses.c.what).where(_in_force(now)).order_by(pauses.c.number.desc()).limit(1)
    stranger = case((marks.is_another(), literal(Held.SENDING.value)))
    return func.coalesce(newest.scalar_subquery(), stranger)


def lets_go(now: Moment) -> ColumnElement[bool]:
    """Whether no pause holds a row of the outbox back."""
    stopped = select(pauses.c.number).where(_in_force(now))
    all_stopped = stopped.where(pauses.c.what == Held.ALL)
    return and_(
        or_(outbox.c.kind != "look", and_(~stopped.exists(), ~marks.is_another())),
        or_(outbox.c.kind != "draft", ~all_stopped.exists()),
    )


def last_end(now: datetime) -> ScalarSelect[datetime]:
    """When drafts were last let go, as part of another query: none was late before that."""
    ended = func.coalesce(pauses.c.ended_at, pauses.c.until)
    over = pauses.c.what == Held.ALL
    return select(func.max(ended)).where(over, ended <= literal(now, UtcTime)).scalar_subquery()


async def in_force(connection: AsyncConnection, now: datetime) -> list[Pause]:
    """Those that hold now."""
    rows = await connection.execute(select(pauses).where(_in_force(now)).order_by(pauses.c.number))
    return [_from_row(row) for row in rows]


async def begin(connection: AsyncConnection, pause: Pause) -> bool:
    """A new pause in the place of the one before; False when somebody else was faster."""
    newest = (await connection.execute(select(func.max(pauses.c.number)))).scalar()
    replaced = {"ended_at": pause.at, "ended_by": pause.by, "end_announced": pause.at}
    await connection.execute(update(pauses).where(_in_force(pause.at)).values(replaced))
    query = insert_or_ignore(connection, pauses).values(
        number=(newest or 0) + 1,
        what=pause.what,
        until=pause.until,
        reason=pause.reason,
        by=pause.by,
        at=pause.at,
    )
    return (await connection.execute(query.returning(pauses.c.number))).first() is not None


async def end(connection: AsyncConnection, now: datetime, by: Actor) -> bool:
    """Whatever holds ends now; False when nothing did."""
    ended = update(pauses).where(_in_force(now)).values(ended_at=now, ended_by=by)
    return bool((await connection.execute(ended)).rowcount)


async def unsaid(connection: AsyncConnection, now: datetime) -> Unsaid | None:
    """The oldest thing that the channel must still hear, unless somebody is telling it."""
    query = select(pauses).where(_unsaid(now)).order_by(pauses.c.number).limit(1)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return Unsaid(
        number=row.number,
        pause=_from_row(row),
        ended=row.announced is not None,
        ended_at=row.ended_at or row.until,
        ended_by=Actor(row.ended_by) if row.ended_by else None,
    )


async def take(connection: AsyncConnection, found: Unsaid, now: datetime) -> bool:
    """Tell it oneself; False when somebody else does, or did."""
    taken = (
        update(pauses)
        .where(pauses.c.number == found.number, _unsaid(now), _is_same(found))
        .values(saying_until=now + SAYING)
    )
    return bool((await connection.execute(taken)).rowcount == 1)


async def said(connection: AsyncConnection, found: Unsaid, now: datetime) -> None:
    """The channel has heard it."""
    column = "end_announced" if found.ended else "announced"
    mine = and_(pauses.c.number == found.number, _is_same(found))
    values = {column: now, "saying_until": None}
    await connection.execute(update(pauses).where(mine).values(values))


def _in_force(now: Moment) -> ColumnElement[bool]:
    return and_(pauses.c.ended_at.is_(None), or_(pauses.c.until.is_(None), pauses.c.until > now))


def _unsaid(now: datetime) -> ColumnElement[bool]:
    over = or_(pauses.c.ended_at.is_not(None), pauses.c.until <= now)
    return and_(
        or_(pauses.c.announced.is_(None), and_(pauses.c.end_announced.is_(None), over)),
        or_(pauses.c.saying_until.is_(None), pauses.c.saying_until <= now),
    )


def _is_same(found: Unsaid) -> ColumnElement[bool]:
    return pauses.c.announced.is_not(None) if found.ended else pauses.c.announced.is_(None)


def _from_row(row: Row[tuple[object, ...]]) -> Pause:
    return Pause(
        what=Held(row.what), until=row.until, reason=row.reason, by=Actor(row.by), at=row.at
    )
