"""Finding a customer by what a person typed: ids, an invoice's number, an address, a name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.finding import Kind, folded
from bot.case.ids import CustomerKey
from bot.store.tables import case_invoices, cases, customers, finding

LAST = "\U0010ffff"  # sorts after whatever may follow a prefix
MOST_HITS = 200  # more than these of one beginning is no answer for a person


async def keys(connection: AsyncConnection, query: str, most: int) -> list[CustomerKey]:
    """Whom that may mean: ids first, then what is the whole of something, then beginnings."""
    found: dict[CustomerKey, None] = {}
    for asked in _questions(query):
        if len(found) < most:
            found |= dict.fromkeys(_key(row) for row in await connection.execute(asked))
    return list(found)[:most]


async def newest_ids(
    connection: AsyncConnection, found: Sequence[CustomerKey], most: int
) -> list[str]:
    """The ids of each customer's newest cases, `most` of each, newest first."""
    if not found:
        return []
    whose = (cases.c.customer, cases.c.account, cases.c.livemode)
    place = func.row_number().over(partition_by=whose, order_by=cases.c.opened_at.desc())
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


def _questions(query: str) -> list[Select[Any]]:
    """Each by an index: the first that answer enough are asked."""
    typed, term = query.strip(), folded(query)
    if not term:
        return []
    whole = [
        _by_term(kind, finding.c.term == term) for kind in (Kind.NUMBER, Kind.EMAIL, Kind.NAME)
    ]
    begins = and_(finding.c.term >= term, finding.c.term < term + LAST)
    parts = [_by_term(kind, begins) for kind in (Kind.NAME, Kind.REST)]
    return [_by_customer(typed), _by_invoice(typed), *whole, *parts]


def _by_customer(customer: str) -> Select[Any]:
    """Also one that has a standing only."""
    known = [
        select(table.c.customer, table.c.account, table.c.livemode).where(
            table.c.customer == customer
        )
        for table in (cases, customers)
    ]
    both = union(*known).subquery()
    return select(both).order_by(both.c.livemode.desc(), both.c.account)


def _by_invoice(invoice: str) -> Select[Any]:
    mine = select(case_invoices.c.case_id).where(case_invoices.c.invoice == invoice)
    return _whose(mine)


def _by_term(kind: Kind, matches: Any) -> Select[Any]:  # noqa: ANN401 - a condition
    hits = select(finding.c.case_id).where(finding.c.kind == kind, matches)
    return _whose(hits.order_by(finding.c.term).limit(MOST_HITS))


def _whose(ids: Select[Any]) -> Select[Any]:
    named = ids.subquery()
    return (
        select(cases.c.customer, cases.c.account, cases.c.livemode)
        .join(named, named.c.case_id == cases.c.id)
        .order_by(cases.c.opened_at.desc())
    )


def _key(row: Row[Any]) -> CustomerKey:
    return CustomerKey(account=row.account, livemode=row.livemode, customer=row.customer)
