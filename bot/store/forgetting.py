"""What has had its time is deleted: words of closed cases, Stripe's events, addresses of nobody.

Rows that somebody else has in hand are left for the next time, so that nobody waits for another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import CaseId
from bot.store import journal
from bot.store.standing import DIGESTED, REMEMBERED_CONTACTS, forget_addresses
from bot.store.tables import KEPT, addresses, cases, contacts, inbox, outbox

# An event in one of these is finished: nobody will read it again.
HANDLED = ("done", "parked")
# So is an effect. A hand-over's row stays: its key must not be given to another letter.
FINISHED = ("done", "cancelled", "failed")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A closed case that still has its words."""

    closed_at: datetime
    case_id: CaseId


async def due(
    connection: AsyncConnection, until: datetime, *, after: Kept | None, most: int
) -> list[Kept]:
    """Cases that closed by then and keep their words, the first ones first; those `after` one."""
    # Spelled as the partial index has it, so that a planner can see that it serves.
    query = select(cases.c.id, cases.c.closed_at).where(text(KEPT), cases.c.closed_at <= until)
    if after is not None:
        later = or_(cases.c.closed_at > after.closed_at, cases.c.id > after.case_id)
        query = query.where(cases.c.closed_at >= after.closed_at, later)
    rows = await connection.execute(query.order_by(cases.c.closed_at, cases.c.id).limit(most))
    return [Kept(closed_at=row.closed_at, case_id=CaseId(row.id)) for row in rows]


async def words(connection: AsyncConnection, case_id: CaseId, now: datetime) -> None:
    """What lies beside a case that has just forgotten its own; it stands locked.

    What a contact budget may still count stays.
    """
    await journal.erase_texts(connection, case_id)
    await connection.execute(
        delete(contacts).where(
            contacts.c.key.startswith(f"send/{case_id}/", autoescape=True),
            contacts.c.customer == _customer_of(case_id),
            contacts.c.at <= now - REMEMBERED_CONTACTS,
        )
    )
    await connection.execute(
        delete(outbox).where(
            outbox.c.case_id == case_id,
            outbox.c.kind != "hand_over",
            outbox.c.state.in_(FINISHED),
        )
    )


async def anything(connection: AsyncConnection, until: datetime) -> bool:
    """Whether there is an event or an address to forget: where nothing is, nothing is written."""
    query = select(or_(_old_events(until).exists(), _idle_addresses().exists()))
    return bool((await connection.execute(query)).scalar())


async def events(connection: AsyncConnection, until: datetime, most: int) -> int:
    """Forget so many events that were made and came by then, and were handled; how many.

    The newest stays, so that it can be told when something came last.
    """
    query = _old_events(until).order_by(inbox.c.received_at).limit(most)
    ids = (await connection.execute(query.with_for_update(skip_locked=True))).scalars().all()
    await connection.execute(delete(inbox).where(inbox.c.event_id.in_(ids)))
    return len(ids)


async def idle_addresses(connection: AsyncConnection, most: int) -> int:
    """Forget so many addresses that no contact names; how many.

    They were kept to judge a budget, and are written anew when there is one to judge. One that
    must not be written to again stays known as such, by its digest.
    """
    query = _idle_addresses().limit(most).with_for_update(skip_locked=True, of=addresses)
    return await forget_addresses(connection, query)


def _old_events(until: datetime) -> Select[Any]:
    newest = select(func.max(inbox.c.received_at)).scalar_subquery()
    return select(inbox.c.event_id).where(
        inbox.c.received_at <= until,
        inbox.c.received_at < newest,
        inbox.c.created <= until,
        inbox.c.state.in_(HANDLED),
    )


def _idle_addresses() -> Select[Any]:
    named = select(contacts.c.key).where(contacts.c.address == addresses.c.address).exists()
    return select(addresses).where(~named, ~addresses.c.address.startswith(DIGESTED))


def _customer_of(case_id: CaseId) -> object:
    """So that the index of contacts serves."""
    return select(cases.c.customer).where(cases.c.id == case_id).scalar_subquery()
