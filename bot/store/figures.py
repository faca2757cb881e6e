"""Sums and counts over many cases, by indexes and columns: no body is read for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.credit import Credit, Ended
from bot.case.model import State
from bot.case.money import Money
from bot.store.side_tables import OWES
from bot.store.tables import cases, figures


@dataclass(frozen=True, kw_only=True)
class Sum:
    """What the cases of one end, credit and currency come to; `cases` counts each case once."""

    ended: Ended
    credit: Credit | None
    cases: int
    at_failure: Money
    back: Money
    owed: Money


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many cases wait for a person, and since when the first one does."""

    cases: int
    oldest: datetime | None


async def sums(connection: AsyncConnection, since: datetime) -> list[Sum]:
    """What became of the cases that were opened since then and were about money."""
    money = (figures.c.at_failure, figures.c.back, figures.c.owed)
    query = (
        select(
            figures.c.ended,
            figures.c.credit,
            figures.c.currency,
            func.count().filter(figures.c.counts).label("cases"),
            *(func.sum(one).label(one.name) for one in money),
        )
        .where(figures.c.opened_at >= since)
        .group_by(figures.c.ended, figures.c.credit, figures.c.currency)
        .order_by(figures.c.currency, figures.c.ended, figures.c.credit)
    )
    return [
        Sum(
            ended=Ended(row.ended),
            credit=Credit(row.credit) if row.credit else None,
            cases=row.cases,
            at_failure=Money(minor=int(row.at_failure), currency=row.currency),
            back=Money(minor=int(row.back), currency=row.currency),
            owed=Money(minor=int(row.owed), currency=row.currency),
        )
        for row in await connection.execute(query)
    ]


async def waiting(connection: AsyncConnection) -> Waiting:
    """All that wait for a person now."""
    counted = select(func.count().label("cases"), func.min(cases.c.waits_since).label("oldest"))
    row = (await connection.execute(counted.where(cases.c.waits_since.is_not(None)))).one()
    return Waiting(cases=row.cases, oldest=row.oldest)


async def owed(connection: AsyncConnection) -> tuple[Money, ...]:
    """What all open cases ask for, one sum per currency."""
    query = select(figures.c.currency, func.sum(figures.c.owed).label("owed")).where(OWES)
    rows = await connection.execute(query.group_by(figures.c.currency).order_by("currency"))
    return tuple(Money(minor=int(row.owed), currency=row.currency) for row in rows)


async def states(connection: AsyncConnection) -> Mapping[State, int]:
    """How many open cases stand where."""
    query = select(cases.c.state, func.count()).where(cases.c.state != State.CLOSED)
    rows = await connection.execute(query.group_by(cases.c.state))
    found: dict[State, int] = {State(state): count for state, count in rows}
    return {state: found[state] for state in State if state in found}
