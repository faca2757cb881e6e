"""Finding a customer by what a person typed: ids, an invoice's number, an address, a name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.finding import Kind, folded
from bot.case.ids import CustomerKey
from bot.store.tables import UtcTime, case_invoices, cases, customers, finding

LAST = "\U0010ffff"  # sorts after whatever may follow a prefix
MOST_HITS = 200  # more than these of one beginning is no answer for a person


async def keys(connection: AsyncConnection, query: str, most: int) -> list[CustomerKey]:
    """Whom that may mean: ids first, then what is the whole of something, then beginnings."""
    if not folded(query):
        return []
    rows = await connection.execute(_question(query.strip(), folded(query)))
    return list(dict.fromkeys(_key(row) for row in rows))[:most]


async def newest_ids(
    connection: AsyncConnection, found: Sequence[CustomerKey], most: int
) -> list[str]:
    """The ids of each customer's newest cases, `most` of each, newest first."""
    if not found:
        return []
    place = func.row_number().over(partition_by=_whose(cases), order_by=cases.c.opened_at.desc())
    theirs = or_(
        *(
            and_(
                cases.c.customer == key.customer,
                cases.c.account == key.account,
                cases.c.livemode == key.livemode,
            )
            for key in found
        )
    )
    placed = select(cases.c.id, cases.c.opened_at, place.label("place")).where(theirs).subquery()
    query = select(placed.c.id).where(placed.c.place <= most).order_by(placed.c.opened_at.desc())
    return list((await connection.execute(query)).scalars())


def _question(typed: str, term: str) -> Select[Any]:
    """All ways at once, each by an index; `place` says which comes first."""
    begins = and_(finding.c.term >= term, finding.c.term < term + LAST)
    ways = union_all(
        _named(0, cases, cases.c.customer == typed),
        _named(0, customers, customers.c.customer == typed),  # one that has a standing only
        _of_cases(1, select(case_invoices.c.case_id).where(case_invoices.c.invoice == typed)),
        _of_cases(2, _terms((Kind.NUMBER, Kind.EMAIL, Kind.NAME), finding.c.term == term)),
        _of_cases(3, _terms((Kind.NAME,), begins)),
        _of_cases(4, _terms((Kind.REST,), begins)),
    ).subquery()
    return select(ways).order_by(ways.c.place, ways.c.at.desc(), ways.c.customer)


def _named(place: int, table: Table, matches: ColumnElement[bool]) -> Select[Any]:
    at = cast(null(), UtcTime).label("at")
    return select(*_whose(table), at, literal(place).label("place")).where(matches).distinct()


def _of_cases(place: int, ids: Select[Any]) -> Select[Any]:
    hits = ids.limit(MOST_HITS).subquery()
    found = select(*_whose(cases), cases.c.opened_at.label("at"), literal(place).label("place"))
    return found.join(hits, hits.c.case_id == cases.c.id)


def _terms(kinds: Sequence[Kind], matches: ColumnElement[bool]) -> Select[Any]:
    of_kind = finding.c.kind.in_(kinds)
    return select(finding.c.case_id).where(of_kind, matches).order_by(finding.c.term)


def _whose(table: Table) -> tuple[Column[Any], ...]:
    return (table.c.customer, table.c.account, table.c.livemode)


def _key(row: Row[Any]) -> CustomerKey:
    return CustomerKey(account=row.account, livemode=row.livemode, customer=row.customer)
