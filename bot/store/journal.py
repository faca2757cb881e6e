"""Everything that happened: append-only, chained per case.

Each row's digest covers the row, the digest of its text and the digest before it: any altered,
inserted or reordered row is found, and any dropped one but the last. The text itself (words,
names) lies apart under a salted digest, so that erasing it does not break the chain.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.events import AnyEvent, Approved, PersonEvent
from bot.case.ids import SYSTEM, CaseId
from bot.case.letter import Asked
from bot.case.model import Case, State, Why
from bot.case.question import newly_asked
from bot.case.steps import Step
from bot.store.codec import asked_from_json, told_to_json
from bot.store.tables import journal, journal_texts

GENESIS = "0" * 64
_DIGESTED = tuple(column.name for column in journal.columns if column.name != "digest")


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
    before: Case,
    event: AnyEvent,
    step: Step,
    *,
    policy_version: int,
    source: str | None = None,
) -> None:
    """Add what just happened, in the transaction that made it happen."""
    last = await _last(connection, before.id)
    erased = step.case.why is Why.ERASED  # what comes after that may name them again
    salt = secrets.token_hex(16)
    body = told_to_json(event, newly_asked(before, step.case))
    row: dict[str, object] = {
        "case_id": before.id,
        "sequence": last[0] + 1,
        "at": event.at.astimezone(UTC),  # as it will be read back
        "event": type(event).__name__,
        "who": event.who if isinstance(event, PersonEvent) else SYSTEM,
        "source": source,
        "state_before": before.state,
        "state_after": step.case.state,
        "why_after": step.case.why,
        "revision_before": before.revision,
        "revision_after": step.case.revision,
        "policy_version": policy_version,
        "effects": [effect.key for effect in step.effects],
        "refused": step.refused,
        "seen": event.seen if isinstance(event, Approved) else None,
        "text_digest": None if erased else _text_digest(salt, body),
        "previous": last[1],
    }
    await connection.execute(insert(journal).values(row | {"digest": digest(row)}))
    if not erased:
        text = {"case_id": before.id, "sequence": last[0] + 1, "salt": salt, "body": body}
        await connection.execute(insert(journal_texts).values(text))


async def erase_texts(connection: AsyncConnection, case_id: CaseId) -> None:
    """Forget every word and fact, and their salts; the chain of what happened stays whole."""
    await connection.execute(delete(journal_texts).where(journal_texts.c.case_id == case_id))


async def entries(connection: AsyncConnection, case_id: CaseId) -> list[Entry]:
    """A case's journal, oldest first; `text` is None once erased."""
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


async def broken(connection: AsyncConnection, case_id: CaseId) -> list[int]:
    """The sequence numbers at which a case's chain does not hold; empty when it is whole."""
    return _breaks((await connection.execute(_with_texts(case_id))).all())


def digest(row: dict[str, object]) -> str:
    """SHA-256 over a row in one canonical form, the same on both databases."""
    plain = [row[name] for name in _DIGESTED]
    text = json.dumps([_plain(value) for value in plain], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _with_texts(case_id: CaseId) -> Select[Any]:
    return (
        select(journal, journal_texts.c.salt, journal_texts.c.body)
        .outerjoin(journal_texts, _same_row())
        .where(journal.c.case_id == case_id)
        .order_by(journal.c.sequence)
    )


def _same_row() -> ColumnElement[bool]:
    return and_(
        journal_texts.c.case_id == journal.c.case_id,
        journal_texts.c.sequence == journal.c.sequence,
    )


def _breaks(rows: Sequence[Row[tuple[object, ...]]]) -> list[int]:
    found, previous = [], GENESIS
    for expected, row in enumerate(rows, start=1):
        values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
        whole = (
            row.sequence == expected
            and row.previous == previous
            and row.digest == digest(values)
            and (row.body is None or row.text_digest == _text_digest(row.salt, row.body))
        )
        if not whole:
            found.append(row.sequence)
        previous = row.digest
    return found


async def _last(connection: AsyncConnection, case_id: CaseId) -> tuple[int, str]:
    query = (
        select(journal.c.sequence, journal.c.digest)
        .where(journal.c.case_id == case_id)
        .order_by(journal.c.sequence.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return (row.sequence, row.digest) if row else (0, GENESIS)


def _text_digest(salt: str, body: str) -> str:
    return hashlib.sha256(f"{salt}{body}".encode()).hexdigest()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _from_row(row: Row[tuple[object, ...]]) -> Entry:
    values = {name: getattr(row, name) for name in Entry.__dataclass_fields__ if name != "text"}
    return Entry(**values | {"effects": tuple(row.effects), "text": row.body})
