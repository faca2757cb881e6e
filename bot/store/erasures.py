"""Requests to forget a customer: one open at a time for each, settled by one press."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.erasure import LASTS, Erasure, Settled
from bot.case.ids import Actor, CustomerKey
from bot.store.dialect import insert_or_ignore
from bot.store.tables import erasures

ASKED = "asked"
# Cleaning a busy channel takes minutes; after that, who was at it is taken for dead.
LEASE = timedelta(minutes=5)


async def ask(
    connection: AsyncConnection, key: CustomerKey, by: Actor, now: datetime
) -> Erasure | None:
    """A new request; None when one is open for this customer, or somebody was faster."""
    newest = (await connection.execute(select(func.max(erasures.c.number)))).scalar()
    values = {
        "number": (newest or 0) + 1,
        "account": key.account,
        "livemode": key.livemode,
        "customer": key.customer,
        "asked_by": by,
        "asked_at": now,
    }
    query = insert_or_ignore(connection, erasures).values(values).returning(erasures)
    row = (await connection.execute(query)).first()
    return _from_row(row) if row else None


async def open_of(connection: AsyncConnection, key: CustomerKey) -> Erasure | None:
    """The request about this customer that nobody settled."""
    query = select(erasures).where(
        erasures.c.account == key.account,
        erasures.c.livemode == key.livemode,
        erasures.c.customer == key.customer,
        erasures.c.settled.is_(None),
    )
    row = (await connection.execute(query)).first()
    return _from_row(row) if row else None


async def load(connection: AsyncConnection, number: int) -> Erasure | None:
    """A request as it stands."""
    row = (await connection.execute(select(erasures).where(erasures.c.number == number))).first()
    return _from_row(row) if row else None


async def settle(
    connection: AsyncConnection, number: int, settled: Settled, by: Actor, now: datetime
) -> bool:
    """The one answer; False when another was first, or it had run out."""
    answer = (
        update(erasures)
        .where(
            erasures.c.number == number,
            erasures.c.settled.is_(None),
            erasures.c.asked_at > now - LASTS,
        )
        .values(settled=settled, settled_by=by, settled_at=now)
    )
    return bool((await connection.execute(answer)).rowcount == 1)


async def lapse(connection: AsyncConnection, now: datetime) -> None:
    """What nobody answered in time is over."""
    await connection.execute(
        update(erasures).where(_too_old(now)).values(settled=Settled.LAPSED, settled_at=now)
    )


async def unfinished(connection: AsyncConnection, now: datetime) -> list[Erasure]:
    """Those of which the channel was not told how they stand, and at which nobody is."""
    query = select(erasures).where(or_(_untold(), _too_old(now)), _free(now))
    return [_from_row(row) for row in await connection.execute(query.order_by(erasures.c.number))]


async def take(connection: AsyncConnection, number: int, now: datetime) -> Erasure | None:
    """Go at it oneself; None when somebody else does, or did. As it stood before."""
    mine = (erasures.c.number == number, _untold(), _free(now))
    row = (await connection.execute(select(erasures).where(*mine).with_for_update())).first()
    if row is None:
        return None
    taken = update(erasures).where(*mine).values(lease_until=now + LEASE)
    return _from_row(row) if (await connection.execute(taken)).rowcount == 1 else None


async def put_off(connection: AsyncConnection, number: int, until: datetime) -> None:
    """Nobody is to go at it before then."""
    await connection.execute(
        update(erasures).where(erasures.c.number == number).values(lease_until=until)
    )


async def told(
    connection: AsyncConnection, number: int, what: str, place: tuple[str, str] | None
) -> None:
    """The message of it, at that channel and timestamp, says so now."""
    values: dict[str, object] = {"told": what, "lease_until": None}
    values |= {"channel": place[0], "ts": place[1]} if place else {}
    await connection.execute(update(erasures).where(erasures.c.number == number).values(values))


async def cleaned(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Nothing of them stands in Slack either, as far as a bot can do that."""
    await connection.execute(
        update(erasures)
        .where(erasures.c.number == number, erasures.c.cleaned_at.is_(None))
        .values(cleaned_at=now)
    )


def _untold() -> ColumnElement[bool]:
    stands = func.coalesce(erasures.c.settled, ASKED)
    return func.coalesce(erasures.c.told, "") != stands


def _too_old(now: datetime) -> ColumnElement[bool]:
    return (erasures.c.settled.is_(None)) & (erasures.c.asked_at <= now - LASTS)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(erasures.c.lease_until.is_(None), erasures.c.lease_until <= now)


def _from_row(row: Row[Any]) -> Erasure:
    return Erasure(
        number=row.number,
        key=CustomerKey(account=row.account, livemode=row.livemode, customer=row.customer),
        asked_by=Actor(row.asked_by),
        asked_at=row.asked_at,
        settled=Settled(row.settled) if row.settled else None,
        settled_by=Actor(row.settled_by) if row.settled_by else None,
        settled_at=row.settled_at,
        channel=row.channel,
        ts=row.ts,
        told=row.told,
        tried=row.lease_until is not None,
    )
