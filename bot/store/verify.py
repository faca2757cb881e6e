"""The whole record read again, in pages, and held against its digests. Changes nothing.

A case's head and rows are read by one statement, so that a bot at work raises no false alarm. The
columns are read as they lie there: on SQLite, which keeps whatever is written into a column, what
can't be understood is an altered row and no crash.
"""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, Subquery, and_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

from bot.store.chain import Damage, Flaw, Head, Row, flaws
from bot.store.db import Database
from bot.store.tables import cases, journal, journal_texts

CASES_A_PAGE = 200

_HEADS = select(cases.c.id, cases.c.journal_length, cases.c.journal_digest)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A case whose rows were read, and what is wrong with them."""

    case_id: str
    rows: int
    flaws: tuple[Flaw, ...]


async def every(database: Database) -> AsyncIterator[Checked]:
    """The whole database, some hundred cases at a time; at the end what belongs to no case."""
    after = ""
    while True:
        async with database.read() as link:
            found = await _rows(link, _page(after))
        if not found:
            break
        after = found[-1]["id"]
        for checked in _judged(found):
            yield checked
    async with database.read() as link:
        lost = [*await _without_case(link), *await _stray_texts(link)]
    for flaw in lost:
        yield Checked(case_id=flaw.case_id, rows=0, flaws=(flaw,))


async def one(connection: AsyncConnection, case_id: str) -> Checked | None:
    """One case; None when it is not there."""
    found = await _rows(connection, _HEADS.where(cases.c.id == case_id).subquery())
    return next(_judged(found), None)


def _page(after: str) -> Subquery:
    page = _HEADS.where(cases.c.id > after).order_by(cases.c.id).limit(CASES_A_PAGE)
    return page.subquery()


async def _rows(connection: AsyncConnection, picked: Subquery) -> list[Row]:
    found = await connection.execute(_with_rows(picked))
    return [_understood(dict(row)) for row in found.mappings()]


def _with_rows(picked: Subquery) -> Select[Any]:
    same = and_(
        journal_texts.c.case_id == journal.c.case_id,
        journal_texts.c.sequence == journal.c.sequence,
    )
    as_it_lies = [type_coerce(column, NullType).label(column.name) for column in journal.columns]
    return (
        select(*picked.columns, *as_it_lies, journal_texts.c.salt, journal_texts.c.body)
        .select_from(picked)
        .outerjoin(journal, journal.c.case_id == picked.c.id)
        .outerjoin(journal_texts, same)
        .order_by(picked.c.id, journal.c.sequence)
    )


def _judged(found: Sequence[Row]) -> Iterator[Checked]:
    for case_id, group in groupby(found, key=lambda row: row["id"]):
        rows = list(group)
        there = [row for row in rows if row["sequence"] is not None]
        wrong = tuple(flaws(case_id, _head(rows[0]), there))
        yield Checked(case_id=case_id, rows=len(there), flaws=wrong)


def _head(row: Row) -> Head:
    length = row["journal_length"]
    return Head(length=length if isinstance(length, int) else 0, digest=row["journal_digest"])


def _understood(row: Row) -> Row:
    """With the moment and the effects as they were digested, where they lie as we write them."""
    if isinstance(row["at"], str):  # SQLite's, without a zone
        row["at"] = _moment(row["at"])
    if isinstance(row["effects"], str):
        row["effects"] = _list(row["effects"])
    return row


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    ours = found.isoformat(sep=" ", timespec="microseconds") == text
    return found.replace(tzinfo=UTC) if ours else None


def _list(text: str) -> object:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if json.dumps(found) == text else None


async def _without_case(connection: AsyncConnection) -> list[Flaw]:
    """Rows of a case that is not there: no database lets them be, unless its keys are off."""
    query = (
        select(journal.c.case_id, journal.c.sequence)
        .outerjoin(cases, cases.c.id == journal.c.case_id)
        .where(cases.c.id.is_(None))
    )
    return [_flaw(row, Damage.NO_CASE) for row in await connection.execute(query)]


async def _stray_texts(connection: AsyncConnection) -> list[Flaw]:
    same = and_(
        journal.c.case_id == journal_texts.c.case_id,
        journal.c.sequence == journal_texts.c.sequence,
    )
    query = (
        select(journal_texts.c.case_id, journal_texts.c.sequence)
        .outerjoin(journal, same)
        .where(journal.c.case_id.is_(None))
    )
    return [_flaw(row, Damage.STRAY_TEXT) for row in await connection.execute(query)]


def _flaw(row: Any, damage: Damage) -> Flaw:  # noqa: ANN401 - a row of two columns
    return Flaw(case_id=row.case_id, sequence=row.sequence, damage=damage)
