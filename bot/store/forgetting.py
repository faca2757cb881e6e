"""What has had its time is deleted: words of closed cases, Stripe's events, addresses of nobody.

Rows that somebody else has in hand are left for the next time, so that nobody waits for another.
"""

from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import CaseId
from bot.store import journal
from bot.store.standing import REMEMBERED_CONTACTS
from bot.store.tables import KEPT, addresses, cases, contacts, inbox, outbox

# An event in one of these is finished: nobody will read it again.
HANDLED = ("done", "parked")
# So is an effect. A hand-over's row stays: its key must not be given to another letter.
FINISHED = ("done", "cancelled", "failed")


async def due(
    connection: AsyncConnection, until: datetime, *, since: datetime | None, most: int
) -> list[tuple[CaseId, datetime]]:
    """Cases that closed by then and keep their words, with when they closed, the first ones first.

    `since`: only those that closed then or later.
    """
    # Spelled as the partial index has it, so that a planner can see that it serves.
    query = select(cases.c.id, cases.c.closed_at).where(text(KEPT), cases.c.closed_at <= until)
    if since is not None:
        query = query.where(cases.c.closed_at >= since)
    rows = await connection.execute(query.order_by(cases.c.closed_at).limit(most))
    return [(CaseId(row.id), row.closed_at) for row in rows]


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


async def events(connection: AsyncConnection, until: datetime, most: int) -> int:
    """Forget so many events that were made and came by then, and were handled; how many."""
    query = (
        select(inbox.c.event_id)
        .where(inbox.c.received_at <= until, inbox.c.created <= until, inbox.c.state.in_(HANDLED))
        .order_by(inbox.c.received_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = (await connection.execute(query)).scalars().all()
    await connection.execute(delete(inbox).where(inbox.c.event_id.in_(ids)))
    return len(ids)


async def idle_addresses(connection: AsyncConnection, most: int) -> int:
    """Forget so many addresses that no contact names; how many.

    They were kept to judge a budget, and are written anew when there is one to judge. One that
    must not be written to again stays known as such.
    """
    named = select(contacts.c.key).where(contacts.c.address == addresses.c.address).exists()
    query = (
        select(addresses.c.address)
        .where(addresses.c.suppressed_at.is_(None), ~named)
        .limit(most)
        .with_for_update(skip_locked=True, of=addresses)
    )
    found = (await connection.execute(query)).scalars().all()
    await connection.execute(delete(addresses).where(addresses.c.address.in_(found)))
    return len(found)


def _customer_of(case_id: CaseId) -> object:
    """So that the index of contacts serves."""
    return select(cases.c.customer).where(cases.c.id == case_id).scalar_subquery()
