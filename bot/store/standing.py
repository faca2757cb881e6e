"""What outlives a case: a customer's standing, what we remember of them, their addresses."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Label,
    Row,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import Actor, CustomerKey, InvoiceId
from bot.case.model import State, Why
from bot.case.money import Money, totals
from bot.case.standing import Contact, CustomerRecord, Standing, Verdict
from bot.store.codec import money_from_json, money_to_json
from bot.store.dialect import insert_or_ignore
from bot.store.tables import (
    UtcTime,
    addresses,
    cases,
    contacts,
    counted_payments,
    customers,
    muted,
)

DIGESTED = "sha256:"
REMEMBERED_CONTACTS = timedelta(days=7)
HISTORY = timedelta(days=365)


async def record(
    connection: AsyncConnection,
    key: CustomerKey,
    now: datetime,
    *,
    address: str | None = None,
    written_to: str | None = None,
) -> CustomerRecord:
    """What we remember of a customer: their standing, what they paid, how earlier cases ended.

    The standing has every contact that a budget for them or `address` may count. Suppressed are
    `address` and `written_to` (the test address, in test mode), if they are.
    """
    asked_about = [one for one in (address, written_to) if one]
    theirs = _of(key)
    row = (await connection.execute(_CUSTOMER, theirs)).first()
    about: dict[str, object] = {"address": address or None, "since": now - REMEMBERED_CONTACTS}
    about |= {"asked_about": [*asked_about, *map(digest, asked_about)]}
    noted = (await connection.execute(_notes(), theirs | about)).all()
    ended = await connection.execute(_outcomes(), theirs | {"since": now - HISTORY})
    outcomes = {why: count for why, count in ended if why != Why.NOTHING_OWED}
    known = CustomerRecord(
        key=key,
        standing=_standing(row, noted, {digest(one): one for one in asked_about}),
        failures=sum(outcomes.values()),
        recovered=outcomes.get(Why.RECOVERED, 0),
    )
    return _with_payments(known, row) if row else known


def digest(address: str) -> str:
    """What an erased or forgotten address that refuses mail is known by."""
    return f"{DIGESTED}{hashlib.sha256(address.encode()).hexdigest()}"


async def is_muted(connection: AsyncConnection, key: CustomerKey, invoice: str) -> bool:
    """Whether nothing is ever written about this invoice again."""
    query = select(muted.c.invoice).where(_theirs(muted), muted.c.invoice == invoice)
    return (await connection.execute(query, _of(key))).first() is not None


async def lock_address(connection: AsyncConnection, address: str) -> None:
    """Two customers may share an address: it is judged by one transaction at a time."""
    row = select(addresses.c.address).where(addresses.c.address == address).with_for_update()
    locked = None
    while locked is None:  # again when somebody forgot it just now (bot/store/forgetting.py)
        await connection.execute(insert_or_ignore(connection, addresses), {"address": address})
        locked = (await connection.execute(row)).first()


async def save(
    connection: AsyncConnection, key: CustomerKey, before: Standing, after: Standing, now: datetime
) -> None:
    """Write what a step changed."""
    if before == after:
        return
    for invoice in before.muted - after.muted:
        query = delete(muted).where(_theirs(muted), muted.c.invoice == invoice)
        await connection.execute(query, _of(key))
    for invoice in after.muted - before.muted:
        await connection.execute(
            insert_or_ignore(connection, muted).values(**_columns(key), invoice=invoice)
        )
    for address in after.suppressed - before.suppressed:
        await _suppress(connection, address, now)
    await _save_contacts(connection, key, before, after)
    if (before.override, before.override_by) != (after.override, after.override_by):
        await _remember(connection, key, override=after.override, override_by=after.override_by)
    if before.owner != after.owner:
        await _remember(connection, key, owner=after.owner)


async def overrule(
    connection: AsyncConnection, key: CustomerKey, verdict: Verdict, by: Actor
) -> None:
    """A person's word on the segment, without a case that could carry it."""
    await _remember(connection, key, override=verdict, override_by=by)


async def remember(connection: AsyncConnection, known: CustomerRecord) -> None:
    """Keep a freshly filled lifetime value and tenure."""
    await _remember(
        connection,
        known.key,
        lifetime=money_to_json(known.lifetime),
        paid_invoices=known.paid_invoices,
        filled_at=known.filled_at,
        first_paid_at=known.first_paid_at,
    )


async def add_payment(
    connection: AsyncConnection, key: CustomerKey, invoice: str, paid: Money
) -> bool:
    """Count a paid invoice once towards a lifetime value that was filled before."""
    counted = {"invoice": invoice, "account": key.account, "livemode": key.livemode}
    once = insert_or_ignore(connection, counted_payments).values(counted)
    new = await connection.execute(once.returning(counted_payments.c.invoice))
    if new.first() is None:
        return False
    row = (await connection.execute(_CUSTOMER.with_for_update(), _of(key))).first()
    if row is None or row.filled_at is None:
        return False
    known = _with_payments(CustomerRecord(key=key), row)
    lifetime = totals((*known.lifetime, paid))
    await remember(
        connection, replace(known, lifetime=lifetime, paid_invoices=known.paid_invoices + 1)
    )
    return True


def _with_payments(known: CustomerRecord, row: Row[tuple[object, ...]]) -> CustomerRecord:
    return replace(
        known,
        lifetime=money_from_json(row.lifetime),
        paid_invoices=row.paid_invoices,
        filled_at=row.filled_at,
        first_paid_at=row.first_paid_at,
    )


def _standing(
    row: Row[tuple[object, ...]] | None,
    noted: Sequence[Row[tuple[object, ...]]],
    digested: Mapping[str, str],
) -> Standing:
    return Standing(
        override=Verdict(row.override) if row and row.override else None,
        override_by=Actor(row.override_by) if row and row.override_by else None,
        muted=frozenset(InvoiceId(one.subject) for one in noted if one.what == "muted"),
        suppressed=frozenset(
            digested.get(one.subject, one.subject) for one in noted if one.what == "suppressed"
        ),
        contacts=tuple(
            Contact(key=one.key, address=one.subject, at=one.at)
            for one in noted
            if one.what == "contact"
        ),
        owner=row.owner if row else None,
    )


@cache
def _notes() -> CompoundSelect[Any]:
    """Muted invoices, suppressed addresses and contacts, asked for in one question."""
    # A test uses up no live customer's budget.
    in_mode = contacts.c.livemode == bindparam("of_livemode")
    at_address = and_(contacts.c.address == bindparam("address"), in_mode)
    no_key, no_time = cast(null(), String).label("key"), cast(null(), UtcTime).label("at")
    return union_all(
        select(_what("muted"), muted.c.invoice.label("subject"), no_key, no_time).where(
            _theirs(muted)
        ),
        select(_what("suppressed"), addresses.c.address, no_key, no_time).where(
            addresses.c.address.in_(bindparam("asked_about", expanding=True)),
            addresses.c.suppressed_at.is_not(None),
        ),
        select(_what("contact"), contacts.c.address, contacts.c.key, contacts.c.at).where(
            or_(_theirs(contacts), at_address), contacts.c.at > _SINCE
        ),
    ).order_by("at", "key")


@cache
def _outcomes() -> Select[Any]:
    """How many of their cases ended why."""
    ended = and_(_theirs(cases), cases.c.state == State.CLOSED, cases.c.opened_at > _SINCE)
    return select(cases.c.why, func.count()).where(ended).group_by(cases.c.why)


def _theirs(table: Table) -> ColumnElement[bool]:
    """Whether a row is that customer's whom `_of` hands over with the query."""
    whose = ("customer", "account", "livemode")
    return and_(*(table.c[name] == bindparam(f"of_{name}") for name in whose))


def _of(key: CustomerKey) -> dict[str, object]:
    return {f"of_{name}": value for name, value in _columns(key).items()}


_SINCE: Final = bindparam("since", type_=UtcTime)
_CUSTOMER: Final = select(customers).where(_theirs(customers))


def _what(word: str) -> Label[str]:
    return literal(word, String).label("what")


async def erase(connection: AsyncConnection, key: CustomerKey) -> None:
    """Drop the addresses a customer was written to; that and when they were stays."""
    query = update(contacts).where(_theirs(contacts)).values(address="")
    await connection.execute(query, _of(key))


async def forget_addresses(connection: AsyncConnection, query: Select[Any]) -> int:
    """Forget the addresses that a query finds and locks; how many they were.

    One that must not be written to again stays known as such, by its digest. Without the lock it
    could refuse between the two, and be written to for ever after.
    """
    found = (await connection.execute(query)).all()
    refusing = [
        {"address": digest(row.address), "suppressed_at": row.suppressed_at}
        for row in found
        if row.suppressed_at is not None
    ]
    if refusing:
        await connection.execute(insert_or_ignore(connection, addresses), refusing)
    gone = [row.address for row in found]
    await connection.execute(delete(addresses).where(addresses.c.address.in_(gone)))
    return len(found)


async def _save_contacts(
    connection: AsyncConnection, key: CustomerKey, before: Standing, after: Standing
) -> None:
    for one in set(before.contacts) - set(after.contacts):
        await connection.execute(delete(contacts).where(contacts.c.key == one.key))
    for one in set(after.contacts) - set(before.contacts):
        values = {**_columns(key), "key": one.key, "address": one.address, "at": one.at}
        await connection.execute(insert_or_ignore(connection, contacts), values)


async def _suppress(connection: AsyncConnection, address: str, now: datetime) -> None:
    await lock_address(connection, address)
    await connection.execute(
        update(addresses).where(addresses.c.address == address).values(suppressed_at=now)
    )


async def _remember(connection: AsyncConnection, key: CustomerKey, **values: object) -> None:
    await connection.execute(
        insert_or_ignore(connection, customers), _columns(key) | {"paid_invoices": 0}
    )
    query = update(customers).where(_theirs(customers)).values(**values)
    await connection.execute(query, _of(key))


def _columns(key: CustomerKey) -> dict[str, object]:
    return {"customer": key.customer, "account": key.account, "livemode": key.livemode}


async def filled_at(connection: AsyncConnection, key: CustomerKey) -> datetime | None:
    """When a customer's lifetime value was filled."""
    query = select(customers.c.filled_at).where(_theirs(customers))
    found: datetime | None = (await connection.execute(query, _of(key))).scalar_one_or_none()
    return found
