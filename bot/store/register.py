"""What is kept beside a case's body so that no question has to read bodies: all derived from it.

A case's own save keeps it true, in the same transaction. What another program wrote (one that does
not know these columns, during a deploy or after a rollback) is behind: its `registered` is not its
version, and `catch_up` takes it in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    TextClause,
    bindparam,
    delete,
    func,
    insert,
    null,
    select,
    text,
    update,
)
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.credit import Ended
from bot.case.credit import figures as figures_of
from bot.case.finding import terms
from bot.case.ids import CaseId
from bot.case.model import Case, Why, waits_for_a_person
from bot.store.codec import case_from_json
from bot.store.columns import NOW
from bot.store.tables import BEHIND, cases, figures, finding, journal


@dataclass(frozen=True, kw_only=True)
class CaughtUp:
    """How many cases were taken in, and which of them can't be read."""

    cases: int
    damaged: tuple[CaseId, ...]


def begun(case: Case) -> dict[str, object]:
    """The derived columns of a case of which nothing was read yet."""
    return {"registered": case.version, "waits_since": None}


def columns(*, waits: bool) -> dict[str, Any]:
    """The columns of `cases` that are derived, of a case that `waits` for a person or does not.

    One that is behind stays so. With the query are handed over the version that was read, the one
    that is written, and `now` where it waits.
    """
    stood = cases.c.registered == bindparam("of_version")
    return {
        "registered": sql_case((stood, bindparam("new_version")), else_=cases.c.registered),
        "waits_since": func.coalesce(cases.c.waits_since, NOW) if waits else null(),
    }


async def keep(connection: AsyncConnection, before: Case, after: Case) -> None:
    """Write what a change of the case changed here."""
    if after.facts is not before.facts and terms(after) != terms(before):
        await _keep_terms(connection, [after])
    if after.why is Why.ERASED or figures_of(after) != figures_of(before):
        await _keep_figures(connection, [after])


async def anything_behind(connection: AsyncConnection) -> bool:
    """Whether catching up is worth a writing transaction."""
    return (
        await connection.execute(select(cases.c.id).where(_behind()).limit(1))
    ).first() is not None


async def catch_up(connection: AsyncConnection, most: int) -> CaughtUp:
    """Take in so many cases that are behind; those that somebody else has in hand wait."""
    query = select(cases.c.id, cases.c.version, cases.c.body).where(_behind()).order_by(cases.c.id)
    rows = (await connection.execute(query.limit(most).with_for_update(skip_locked=True))).all()
    read = {CaseId(row.id): _read(row.body) for row in rows}
    found = [case for case in read.values() if case is not None]
    await _keep_terms(connection, found)
    await _keep_figures(connection, found)
    waiting = {case.id for case in found if waits_for_a_person(case)}
    await _took_in(connection, [one for one in read if one not in waiting], waits_since=None)
    await _took_in(connection, list(waiting), waits_since=_since_its_last_move())
    damaged = tuple(case_id for case_id, case in read.items() if case is None)
    return CaughtUp(cases=len(rows), damaged=damaged)


def _behind() -> TextClause:
    return text(BEHIND)  # word for word the index's condition, so that SQLite takes it


def _read(body: object) -> Case | None:
    try:
        return case_from_json(body)
    except ValidationError:
        return None


async def _took_in(
    connection: AsyncConnection,
    ids: Sequence[CaseId],
    *,
    waits_since: ColumnElement[datetime] | None,
) -> None:
    await connection.execute(
        update(cases)
        .where(cases.c.id.in_(ids))
        .values(registered=cases.c.version, waits_since=waits_since)
    )


def _since_its_last_move() -> ColumnElement[datetime]:
    moved = (
        select(func.max(journal.c.at))
        .where(journal.c.case_id == cases.c.id, journal.c.state_before != journal.c.state_after)
        .scalar_subquery()
    )
    return func.coalesce(cases.c.waits_since, moved, cases.c.opened_at)


async def _keep_terms(connection: AsyncConnection, found: Sequence[Case]) -> None:
    await connection.execute(
        delete(finding).where(finding.c.case_id.in_([one.id for one in found]))
    )
    rows = [
        {"kind": kind, "term": term, "case_id": case.id}
        for case in found
        for kind, term in sorted(terms(case))
    ]
    if rows:
        await connection.execute(insert(finding), rows)


async def _keep_figures(connection: AsyncConnection, found: Sequence[Case]) -> None:
    """An erased case keeps what was counted of it; one that was open then is lost."""
    erased = [one.id for one in found if one.why is Why.ERASED]
    told = [one for one in found if one.why is not Why.ERASED]
    if erased:
        await connection.execute(
            update(figures)
            .where(figures.c.case_id.in_(erased), figures.c.ended == Ended.OPEN)
            .values(ended=Ended.LOST, owed=0)
        )
    if told:
        ids = [one.id for one in told]
        await connection.execute(delete(figures).where(figures.c.case_id.in_(ids)))
    rows = [row for case in told for row in _rows(case)]
    if rows:
        await connection.execute(insert(figures), rows)


def _rows(case: Case) -> list[dict[str, object]]:
    """One for each currency; the first one counts the case itself."""
    counted = figures_of(case)
    if counted is None:
        return []
    sums = {
        name: {one.currency: one.minor for one in getattr(counted, name)}
        for name in ("at_failure", "back", "owed")
    }
    currencies = dict.fromkeys(currency for one in sums.values() for currency in one)
    return [
        {
            "case_id": case.id,
            "currency": currency,
            "counts": place == 0,
            "opened_at": case.opened_at,
            "ended": counted.ended,
            "credit": counted.credit,
            **{name: one.get(currency, 0) for name, one in sums.items()},
        }
        for place, currency in enumerate(currencies)
    ]
