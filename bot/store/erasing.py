"""What an erased customer leaves in other tables than their cases: found there, and dropped.

An address that refuses mail stays known, as a digest: it tells nobody who it was, and only whoever
has a guess can check it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import CaseId, CustomerKey
from bot.case.model import Case, Why
from bot.store import forgetting, journal, standing
from bot.store.codec import case_to_json
from bot.store.tables import addresses, cases, contacts, customers, inbox, journal_texts, outbox

_LONGEST: Final = 320  # an e-mail address can be no longer
_ASKS_SLACK: Final = ("show", "tell")


async def dropped(
    connection: AsyncConnection, before: Case, after: Case, refusing: Iterable[str]
) -> None:
    """The words and names that lie beside a case which has none of its own (any more).

    `refusing` are addresses known to refuse mail since now. Nothing is kept of what is heard after
    an erasure either.
    """
    if after.why is Why.ERASED:
        await scrub(connection, before, refusing)
    if after.forgotten_at is not None and before.forgotten_at is None:
        await forgetting.words(connection, after.id, after.forgotten_at)


async def scrub(connection: AsyncConnection, before: Case, refusing: Iterable[str]) -> None:
    """Drop a case's texts and every address in them; `refusing` are known to refuse mail now.

    In the transaction that erases the case, and again when something more is heard of it.
    """
    found = {*refusing, *_addresses(case_to_json(before))}
    texts = select(journal_texts.c.body).where(journal_texts.c.case_id == before.id)
    for row in await connection.execute(texts):
        found.update(_addresses(json.loads(row.body)))
    key = before.key
    theirs = select(contacts.c.address).where(
        contacts.c.customer == key.customer,
        contacts.c.account == key.account,
        contacts.c.livemode == key.livemode,
    )
    found.update((await connection.execute(theirs)).scalars())
    named = select(addresses).where(addresses.c.address.in_(found)).order_by(addresses.c.address)
    await standing.forget_addresses(connection, named.with_for_update())
    await journal.erase_texts(connection, before.id)
    await standing.erase(connection, key)
    for table in (outbox, inbox):
        await connection.execute(
            update(table).where(table.c.case_id == before.id).values(trouble=None)
        )


async def customer(connection: AsyncConnection, key: CustomerKey) -> None:
    """Drop what was remembered of them beside their cases; Stripe's ids of invoices stay."""
    await connection.execute(
        delete(customers).where(
            customers.c.customer == key.customer,
            customers.c.account == key.account,
            customers.c.livemode == key.livemode,
        )
    )


async def theirs(connection: AsyncConnection, key: CustomerKey, until: datetime) -> list[CaseId]:
    """Every case of theirs that was opened until then, the oldest first."""
    query = select(cases.c.id).where(
        cases.c.customer == key.customer,
        cases.c.account == key.account,
        cases.c.livemode == key.livemode,
        cases.c.opened_at <= until,
    )
    rows = await connection.execute(query.order_by(cases.c.opened_at))
    return [CaseId(row.id) for row in rows]


async def slack_is_behind(connection: AsyncConnection, ids: Sequence[CaseId]) -> bool:
    """Whether something about these cases is still to be shown or told, or just is."""
    waits = select(outbox.c.id).where(
        outbox.c.case_id.in_(ids),
        outbox.c.kind.in_(_ASKS_SLACK),
        outbox.c.state.in_(("ready", "claimed")),
    )
    return (await connection.execute(waits.limit(1))).first() is not None


def _addresses(told: object) -> Iterator[str]:
    """Whatever may be one, in whatever depth."""
    match told:
        case str() if "@" in told and len(told) <= _LONGEST:
            yield told
        case dict():
            for one in told.values():
                yield from _addresses(one)
        case list() | tuple():
            for one in told:
                yield from _addresses(one)
