"""Everything that happened: append-only, chained per case (bot/store/chain.py says how).

The text itself (words, names) lies apart under a salted digest, so that erasing it does not break
the chain.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.events import AnyEvent, Approved, Edited, PersonEvent
from bot.case.ids import POLICY, SYSTEM, Actor, CaseId
from bot.case.letter import Asked
from bot.case.model import Case, State
from bot.case.question import newly_asked
from bot.case.steps import Step
from bot.errors import CaseMoved
from bot.store import chain
from bot.store.cases import Locked
from bot.store.chain import Head
from bot.store.codec import asked_from_json, told_to_json
from bot.store.dialect import insert_or_ignore
from bot.store.tables import journal, journal_texts


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened to a case. `source` is the Stripe event that brought it, if any."""

    case_id: CaseId
    sequence: int
    at: datetime
    event: str
    who: str
    source: str | None
    state_before: str
    state_after: str
    why_after: str | None
    revision_before: int
    revision_after: int
    policy_version: int
    effects: tuple[str, ...]
    refused: str | None
    seen: str | None
    text: str | None


async def append(  # noqa: PLR0913 - one row's parts
    connection: AsyncConnection,
    locked: Locked,
    event: AnyEvent,
    step: Step,
    *,
    policy_version: int,
    source: str | None = None,
) -> Head:
    """Add what just happened, in the transaction that made it happen; gives the new head.

    The caller saves that head with the case.
    """
    before = locked.case
    bare = step.case.bare  # what comes after that may name them again
    salt = secrets.token_hex(16)
    body = told_to_json(event, newly_asked(before, step.case))
    row: dict[str, object] = {
        "case_id": before.id,
        "at": event.at.astimezone(UTC),  # as it will be read back
        "event": type(event).__name__,
        "who": _who(event, before, step.case),
        "source": source,
        "state_before": before.state,
        "state_after": step.case.state,
        "why_after": step.case.why,
        "revision_before": before.revision,
        "revision_after": step.case.revision,
        "policy_version": policy_version,
        "effects": [effect.key for effect in step.effects],
        "refused": step.refused,
        "seen": _seen(event, before, step.case),
        "text_digest": None if bare else chain.text_digest(salt, body),
    }
    head = await _added(connection, row, locked.head)
    if head is None:  # an older program, which knows no head, has added rows
        head = await _added(connection, row, await _last(connection, before.id))
    if head is None:
        raise CaseMoved(before.id)
    if not bare:
        text = {"case_id": before.id, "sequence": head.length, "salt": salt, "body": body}
        await connection.execute(insert(journal_texts), text)
    return head


async def erase_texts(connection: AsyncConnection, case_id: CaseId) -> None:
    """Forget every word and fact, and their salts; the chain of what happened stays whole."""
    await connection.execute(delete(journal_texts).where(journal_texts.c.case_id == case_id))


async def entries(connection: AsyncConnection, case_id: CaseId) -> list[Entry]:
    """A case's journal, oldest first; `text` is None once erased or forgotten."""
    return [_from_row(row) for row in await connection.execute(_with_texts(case_id))]


async def asked(connection: AsyncConnection, case_id: CaseId, revision: int) -> Asked | None:
    """What was asked at a revision, exactly as it was; None if nothing was, or once erased."""
    query = (
        select(journal_texts.c.body)
        .join(journal, _same_row())
        .where(
            journal.c.case_id == case_id,
            journal.c.revision_after == revision,
            journal.c.state_after.in_((State.IN_REVIEW, State.APPROVED)),
        )
        .order_by(journal.c.sequence)
        .limit(1)
    )
    body = (await connection.execute(query)).scalar()
    return None if body is None else asked_from_json(body)


async def case_ids(connection: AsyncConnection) -> list[CaseId]:
    """Every case that anything ever happened to, in the order of their first rows."""
    first = select(journal.c.case_id).where(journal.c.sequence == 1)
    rows = await connection.execute(first.order_by(journal.c.at, journal.c.case_id))
    return [CaseId(row.case_id) for row in rows]


def _who(event: AnyEvent, before: Case, after: Case) -> Actor:
    """Who did it: what policy lets go, it approves when the card stands."""
    if isinstance(event, PersonEvent):
        return event.who
    return POLICY if _lets_go(before, after) else SYSTEM


def _seen(event: AnyEvent, before: Case, after: Case) -> str | None:
    """The fingerprint of what an approver saw."""
    if isinstance(event, Approved | Edited):
        return event.seen
    return after.seen if _lets_go(before, after) else None


def _lets_go(before: Case, after: Case) -> bool:
    return after.approved_by == POLICY != before.approved_by


def _with_texts(case_id: CaseId) -> Select[Any]:
    return (
        select(journal, journal_texts.c.body)
        .outerjoin(journal_texts, _same_row())
        .where(journal.c.case_id == case_id)
        .order_by(journal.c.sequence)
    )


def _same_row() -> ColumnElement[bool]:
    return and_(
        journal_texts.c.case_id == journal.c.case_id,
        journal_texts.c.sequence == journal.c.sequence,
    )


async def _added(connection: AsyncConnection, row: dict[str, object], head: Head) -> Head | None:
    """The row after that head; None when another stands there."""
    row |= {"sequence": head.length + 1, "previous": head.digest}
    row |= {"digest": chain.digest(row)}
    query = insert_or_ignore(connection, journal).returning(journal.c.sequence)
    if (await connection.execute(query, row)).first() is None:
        return None
    return Head(length=head.length + 1, digest=str(row["digest"]))


async def _last(connection: AsyncConnection, case_id: CaseId) -> Head:
    query = (
        select(journal.c.sequence, journal.c.digest)
        .where(journal.c.case_id == case_id)
        .order_by(journal.c.sequence.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).one()
    return Head(length=row.sequence, digest=row.digest)


def _from_row(row: Row[tuple[object, ...]]) -> Entry:
    values = {name: getattr(row, name) for name in Entry.__dataclass_fields__ if name != "text"}
    return Entry(**values | {"effects": tuple(row.effects), "text": row.body})
