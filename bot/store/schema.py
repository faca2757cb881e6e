"""Whether the database's schema is one that this program can work with.

Revisions are numbered, and only ever added. A newer schema says in `schema_floor` which programs
can still work with it: so a rollback to an older program finds its database usable, and `migrate`
has nothing to do (docs/decisions/0004-schema.md).
"""

from enum import StrEnum

from sqlalchemy import column, false, select, table, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import DatabaseTrouble
from bot.store.db import Database

HEAD = "0004"
# https://www.postgresql.org/docs/current/errcodes-appendix.html
UNDEFINED_TABLE = "42P01"

_version = table("alembic_version", column("version_num"))
_floor = table("schema_floor", column("revision"))


class Schema(StrEnum):
    """How the database stands to this program."""

    EMPTY = "empty"
    BEHIND = "behind"
    USABLE = "usable"
    TOO_NEW = "too_new"


def judged(current: str | None, floor: str | None) -> Schema:
    """From the revision in the database and the oldest program that it still works with."""
    if current is None:
        return Schema.EMPTY
    if current < HEAD:
        return Schema.BEHIND
    return Schema.USABLE if (floor or HEAD) <= HEAD else Schema.TOO_NEW


async def state(database: Database) -> Schema:
    """How the database stands now; raises DatabaseTrouble when it can't be reached."""
    try:
        async with database.read() as connection:
            current = (await connection.execute(select(_version.c.version_num))).scalar()
            floor = (await connection.execute(select(_floor.c.revision))).scalar()
    except (SQLAlchemyError, OSError) as error:
        if isinstance(error, DBAPIError) and _is_missing_table(error):
            return Schema.EMPTY
        raise DatabaseTrouble("unreachable") from error
    return judged(current, floor)


async def write_nothing(database: Database) -> None:
    """Change no row, by a statement that may not be run where nothing may be changed.

    Raises DatabaseTrouble where the database, its user or its disk allows reading only.
    """
    change = update(_version).where(false()).values(version_num=HEAD)
    try:
        async with database.begin() as connection:
            await connection.execute(change)
    except (SQLAlchemyError, OSError) as error:
        if isinstance(error, DBAPIError) and _is_missing_table(error):
            return  # `state` says so
        raise DatabaseTrouble("read_only") from error


def _is_missing_table(error: DBAPIError) -> bool:
    """Not a missing database, which PostgreSQL tells in words that differ by its language only."""
    missing = getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE
    return missing or "no such table" in str(error.orig)
