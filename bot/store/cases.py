"""Cases: one open per customer, every write a compare-and-swap on the version."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.model import Case, State
from bot.errors import CaseMoved
from bot.store.codec import case_from_json, case_to_json
from bot.store.dialect import insert_or_ignore
from bot.store.tables import case_invoices, cases


async def load(
    connection: AsyncConnection, case_id: CaseId, *, to_change: bool = False
) -> Case | None:
    """The case as it stands; `to_change` makes others who would change it wait for us.

    That lock comes first in every transaction that takes it: else two could wait for each other.
    """
    query = _select().where(cases.c.id == case_id)
    if to_change:
        query = query.with_for_update(of=cases)  # dropped on SQLite, where begin() is exclusive
    row = (await connection.execute(query)).first()
    return _from_row(row) if row else None


async def load_many(connection: AsyncConnection, ids: Sequence[str]) -> dict[CaseId, Case]:
    """Several cases at once, by id."""
    rows = await connection.execute(_select().where(cases.c.id.in_(ids)))
    return {CaseId(row.id): _from_row(row) for row in rows}


async def open_of(connection: AsyncConnection, key: CustomerKey) -> Case | None:
    """The customer's one open case."""
    query = _select().where(
        cases.c.customer == key.customer,
        cases.c.account == key.account,
        cases.c.livemode == key.livemode,
        cases.c.state != State.CLOSED,
    )
    row = (await connection.execute(query)).first()
    return _from_row(row) if row else None


async def of_invoice(
    connection: AsyncConnection, invoice: str, *, account: str, livemode: bool
) -> Case | None:
    """The latest case that an invoice belongs to, open or closed."""
    query = (
        _select()
        .join(case_invoices, case_invoices.c.case_id == cases.c.id)
        .where(
            case_invoices.c.invoice == invoice,
            case_invoices.c.account == account,
            case_invoices.c.livemode == livemode,
        )
        .order_by(cases.c.opened_at.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return _from_row(row) if row else None


async def due(
    connection: AsyncConnection, now: datetime, limit: int
) -> list[tuple[CaseId, datetime]]:
    """Cases whose alarm has gone off, with the alarm, longest overdue first."""
    query = (
        select(cases.c.id, cases.c.wake)
        .where(cases.c.wake <= now)
        .order_by(cases.c.wake)
        .limit(limit)
    )
    return [(CaseId(row.id), row.wake) for row in await connection.execute(query)]


async def add(connection: AsyncConnection, case: Case) -> bool:
    """A new case; False when the customer has an open one already."""
    query = insert_or_ignore(connection, cases).values(_row(case)).returning(cases.c.id)
    return (await connection.execute(query)).first() is not None


async def save(connection: AsyncConnection, before: Case, after: Case) -> Case:
    """Write what changed; raises CaseMoved when somebody else was first."""
    saved = replace(after, version=before.version + 1)
    result = await connection.execute(
        update(cases)
        .where(cases.c.id == before.id, cases.c.version == before.version)
        .values(_row(saved))
    )
    if result.rowcount != 1:
        raise CaseMoved(before.id)
    await _join_invoices(
        connection, saved, [one for one in after.joined if one not in before.joined]
    )
    return saved


async def _join_invoices(
    connection: AsyncConnection, case: Case, joined: Sequence[InvoiceId]
) -> None:
    for invoice in joined:
        await connection.execute(
            insert_or_ignore(connection, case_invoices).values(
                invoice=invoice,
                account=case.key.account,
                livemode=case.key.livemode,
                case_id=case.id,
            )
        )


def _select() -> Select[Any]:
    return select(cases.c.id, cases.c.version, cases.c.body)


def _row(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "account": case.key.account,
        "livemode": case.key.livemode,
        "customer": case.key.customer,
        "state": case.state,
        "why": case.why,
        "wake": case.wake,
        "version": case.version,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "body": case_to_json(case),
    }


def _from_row(row: Row[tuple[str, int, object]]) -> Case:
    return replace(case_from_json(row.body), version=row.version)
