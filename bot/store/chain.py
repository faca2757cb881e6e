"""Whether the record of a case is whole: any altered, moved, added or dropped row is found.

Each row's digest covers the row, the digest of its text and the digest of the row before it. The
case keeps the head: how many rows there are, and the last one's digest. Whoever can compute all of
these anew can write another record; nobody can alter this one.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.case.events import Forgotten
from bot.case.model import State, Why
from bot.store.tables import GENESIS, journal

_DIGESTED = tuple(column.name for column in journal.columns if column.name != "digest")

Row = dict[str, Any]


class Damage(StrEnum):
    """What is wrong with a record."""

    ALTERED_ROW = "altered_row"
    ALTERED_TEXT = "altered_text"
    MISSING_ROW = "missing_row"
    MISSING_TEXT = "missing_text"
    MISSING_END = "missing_end"
    NOT_NEXT = "not_next"  # it does not follow from the row before it
    ADDED_ROW = "added_row"
    ALTERED_HEAD = "altered_head"
    NO_RECORD = "no_record"
    NO_CASE = "no_case"
    STRAY_TEXT = "stray_text"


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing that is wrong, and the row at which it shows."""

    case_id: str
    sequence: int
    damage: Damage


@dataclass(frozen=True, kw_only=True)
class Head:
    """How many rows a case's journal has, and the digest of the last one."""

    length: int = 0
    digest: str = GENESIS


def digest(row: Row) -> str:
    """SHA-256 over a row in one canonical form, the same on both databases."""
    plain = [_plain(row[name]) for name in _DIGESTED]
    text = json.dumps(plain, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def text_digest(salt: str, body: str) -> str:
    """SHA-256 over a row's text; the salt keeps a forgotten text from being guessed."""
    return hashlib.sha256(f"{salt}{body}".encode()).hexdigest()


def flaws(case_id: str, head: Head, rows: Sequence[Row]) -> Iterator[Flaw]:
    """Where a case's record does not hold, in order; `rows` by sequence, each with its text."""
    if not rows:
        yield Flaw(case_id=case_id, sequence=0, damage=Damage.NO_RECORD)
        return
    told = _forgotten_up_to(rows)
    expected, previous = 1, GENESIS
    for row in rows:
        forgotten = _number(row["sequence"]) <= told
        found = _flaw(row, expected, previous, head, forgotten=forgotten)
        if found:
            yield Flaw(case_id=case_id, sequence=_at(row, expected, found), damage=found)
        expected, previous = _number(row["sequence"]) + 1, row["digest"]
    if expected <= head.length:
        yield Flaw(case_id=case_id, sequence=expected, damage=Damage.MISSING_END)
    elif expected == head.length + 1 and previous != head.digest:
        yield Flaw(case_id=case_id, sequence=head.length, damage=Damage.ALTERED_HEAD)


def _forgotten_up_to(rows: Sequence[Row]) -> int:
    """The last row whose text may be missing: all of an erased case, else up to the forgetting."""
    if rows[-1]["why_after"] == Why.ERASED:
        return _number(rows[-1]["sequence"])
    told = (_number(row["sequence"]) for row in rows if _says_forgotten(row))
    return max(told, default=0)


def _says_forgotten(row: Row) -> bool:
    """An open case's words are kept, whatever was said."""
    return (row["event"], row["state_before"]) == (Forgotten.__name__, State.CLOSED)


def _flaw(row: Row, expected: int, previous: str, head: Head, *, forgotten: bool) -> Damage | None:
    if row["digest"] != digest(row):
        return Damage.ALTERED_ROW
    if row["sequence"] != expected:
        return Damage.MISSING_ROW
    if row["sequence"] > head.length:
        return Damage.ADDED_ROW
    if row["previous"] != previous:
        return Damage.NOT_NEXT
    if row["body"] is None:
        return Damage.MISSING_TEXT if row["text_digest"] and not forgotten else None
    if row["text_digest"] != text_digest(str(row["salt"]), str(row["body"])):
        return Damage.ALTERED_TEXT
    return None


def _at(row: Row, expected: int, damage: Damage) -> int:
    return expected if damage is Damage.MISSING_ROW else _number(row["sequence"])


def _number(sequence: object) -> int:
    """SQLite keeps whatever is written into a column; what is no number counts as none."""
    return sequence if isinstance(sequence, int) else 0


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
