"""A small file beside an SQLite database, by which a copy that was put back is noticed.

It and the database hold the same token, which is renewed at every start and at every stop and,
while letters are worked, every few minutes: an older copy carries an older token. The file also
says where the database lay on the disk, so that a folder copied whole is noticed too.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

SUFFIX = "-mark"


@dataclass(frozen=True, kw_only=True)
class Companion:
    """A token, and the number that the file system gave the database's file."""

    token: str
    file: int


def database_file(url: str) -> Path | None:
    """The SQLite database's file; None for one in memory, and on PostgreSQL."""
    file = make_url(url).database if url.startswith("sqlite") else None
    return Path(file) if file and file != ":memory:" else None


def new_token() -> str:
    """One that no other start ever had."""
    return secrets.token_hex(8)


def read(database: Path) -> Companion | None:
    """What stands beside the database; None when nothing readable does."""
    try:
        token, file = _beside(database).read_text(encoding="ascii").split()
        return Companion(token=token, file=int(file))
    except (FileNotFoundError, ValueError):
        return None


def write(database: Path, token: str) -> None:
    """All of it or nothing, for the operator's eyes only."""
    beside = _beside(database)
    unfinished = beside.with_name(f"{beside.name}.new")
    unfinished.unlink(missing_ok=True)
    opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="ascii") as file:
        file.write(f"{token} {database.stat().st_ino}\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(beside)


def is_same(database: Path, mark: str, beside: Companion | None) -> bool:
    """Whether the database, which notes `mark`, is the one that the file was put beside.

    It may note the token before: then a start was cut off between the two.
    """
    return (
        beside is not None
        and beside.token in mark.split()
        and beside.file == database.stat().st_ino
    )


def _beside(database: Path) -> Path:
    return database.with_name(f"{database.name}{SUFFIX}")
