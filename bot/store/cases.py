"""Cases: one open per customer, every write a compare-and-swap on the version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, Select, Update, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.model import Case, State, waits_for_a_person
from bot.case.pause import Held
from bot.errors import CaseMoved
from bot.store import pauses, register
from bot.store.chain import Head
from bot.store.codec import case_from_json, case_to_json
from bot.store.columns import NOW
from bot.store.dialect import insert_or_ignore
from bot.store.tables import case_invoices, cases


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A case that nobody else changes until our transaction ends, and its journal's head.

    `held` is what a pause holds back at that moment.
    """

    case: Case
    head: Head
    held: Held | None = None


async def load(connection: AsyncConnection, case_id: CaseId) -> Case | None:
    """The case as it stands."""
    row = (await connection.execute(_select().where(cases.c.id == case_id))).first()
    return _from_row(row) if row else None


async def lock(connection: AsyncConnection, case_id: CaseId, now: datetime) -> Locked | None:
    """The case, to change it: others who would change it wait for us.

    That lock comes first in every transaction that takes it: else two could wait for each other.
    """
    row = (await connection.execute(_locking(), {"of_id": case_id, "now": now})).first()
    if row is None:
        return None
    head = Head(length=row.journal_length, digest=row.journal_digest)
    return Locked(case=_from_row(row), head=head, held=Held(row.held) if row.held else None)


async def load_many(connection: AsyncConnection, ids: Sequence[str]) -> dict[CaseId, Case]:
    """Several cases at once, by id; those whose body is damaged are left out."""
    rows = await connection.execute(_select().where(cases.c.id.in_(ids)))
    return {CaseId(row.id): case for row in rows if (case := _unless_damaged(row))}


async def longest_waiting(connection: AsyncConnection, most: int) -> list[Case]:
    """Those for which a person is asked since longest; those whose body is damaged are left out."""
    asked = _select().where(cases.c.waits_since.is_not(None))
    rows = await connection.execute(asked.order_by(cases.c.waits_since).limit(most))
    return [case for row in rows if (case := _unless_damaged(row))]


async def next_to_leave(connection: AsyncConnection, most: int) -> list[CaseId]:
    """The cases whose letter is approved, those first that are due first."""
    due = cases.c.wake.is_not(None)  # they all are: by its index
    query = select(cases.c.id).where(cases.c.state == State.APPROVED, due)
    rows = await connection.execute(query.order_by(cases.c.wake).limit(most))
    return [CaseId(row.id) for row in rows]


async def open_after(connection: AsyncConnection, last: str, most: int) -> list[CaseId]:
    """The open cases that follow this one, by id."""
    query = select(cases.c.id).where(cases.c.state != State.CLOSED, cases.c.id > last)
    rows = await connection.execute(query.order_by(cases.c.id).limit(most))
    return [CaseId(row.id) for row in rows]


async def count_in(connection: AsyncConnection, states: Sequence[State]) -> int:
    """How many cases are in one of these states."""
    query = select(func.count()).select_from(cases).where(cases.c.state.in_(states))
    return int((await connection.execute(query)).scalar_one())


async def open_of(connection: AsyncConnection, key: CustomerKey) -> Case | None:
    """The customer's one open case."""
    whose = {"customer": key.customer, "account": key.account, "livemode": key.livemode}
    row = (await connection.execute(_open_of(), whose)).first()
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
    """A new case, of which nothing was read; False when the customer has an open one already."""
    values = _row(case) | register.begun(case)
    query = insert_or_ignore(connection, cases).returning(cases.c.id)
    return (await connection.execute(query, values)).first() is not None


async def save(
    connection: AsyncConnection,
    before: Case,
    after: Case,
    *,
    at: datetime,
    head: Head | None = None,
) -> Case:
    """Write what changed `at` that time, and its journal's new head.

    Raises CaseMoved when others were first.
    """
    saved = replace(after, version=before.version + 1)
    waits = waits_for_a_person(saved)
    stood = {"of_id": before.id, "of_version": before.version, "new_version": saved.version}
    row = _row(saved) | _head_row(head) | stood | ({"now": at} if waits else {})
    result = await connection.execute(_saving(waits=waits), row)
    if result.rowcount != 1:
        raise CaseMoved(before.id)
    await register.keep(connection, before, saved)
    await _join_invoices(
        connection, saved, [one for one in after.joined if one not in before.joined]
    )
    return saved


async def save_head(connection: AsyncConnection, case_id: CaseId, head: Head) -> None:
    """Something was journalled that left the case as it was; it stands locked."""
    await connection.execute(update(cases).where(cases.c.id == case_id).values(_head_row(head)))


async def _join_invoices(
    connection: AsyncConnection, case: Case, joined: Sequence[InvoiceId]
) -> None:
    for invoice in joined:
        await connection.execute(
            insert_or_ignore(connection, case_invoices),
            {
                "invoice": invoice,
                "account": case.key.account,
                "livemode": case.key.livemode,
                "case_id": case.id,
            },
        )


def _select() -> Select[Any]:
    return select(cases.c.id, cases.c.version, cases.c.body)


@cache
def _open_of() -> Select[Any]:
    return _select().where(
        cases.c.customer == bindparam("customer"),
        cases.c.account == bindparam("account"),
        cases.c.livemode == bindparam("livemode"),
        cases.c.state != State.CLOSED,
    )


@cache
def _saving(*, waits: bool) -> Update:
    stood = and_(cases.c.id == bindparam("of_id"), cases.c.version == bindparam("of_version"))
    return update(cases).where(stood).values(register.columns(waits=waits))


@cache
def _locking() -> Select[Any]:
    query = _select().add_columns(cases.c.journal_length, cases.c.journal_digest)
    query = query.add_columns(pauses.held(NOW).label("held"))
    query = query.where(cases.c.id == bindparam("of_id"))
    return query.with_for_update(of=cases)  # dropped on SQLite, where begin() is exclusive


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
        "forgotten_at": case.forgotten_at,
        "body": case_to_json(case),
    }


def _head_row(head: Head | None) -> dict[str, object]:
    return {} if head is None else {"journal_length": head.length, "journal_digest": head.digest}


def _unless_damaged(row: Row[tuple[str, int, object]]) -> Case | None:
    try:
        return _from_row(row)
    except ValidationError:
        return None


def _from_row(row: Row[tuple[str, int, object]]) -> Case:
    return replace(case_from_json(row.body), version=row.version)
