"""What tells this PostgreSQL database from any copy of it, part by part; SQLite has a token.

- system: the cluster's own number, made by initdb: another server, or a new major version.
- tables: the database's number and that of our own table: whatever pg_dump wrote and pg_restore
  read, also into the same database, is made anew and gets new ones. VACUUM FULL keeps them.
- timeline: begins anew at each recovery to a point in time, and when a follower takes over.

https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, literal_column, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.store.dialect import insert_or_ignore
from bot.store.tables import identity

TABLES = "tables"
# When a restore was last noticed, and how far its round came; the newest moment that was known.
RESTORED, KNOWN = "restored", "known"
DONE = "done"  # in the place of the last case that was asked about
_TABLES = (
    "(SELECT oid FROM pg_database WHERE datname = current_database())::text"
    " || '/' || 'cases'::regclass::oid::text"
)
# Any of them may be forbidden, or not be there, at a host: it is then left out.
PARTS: Mapping[str, str] = {
    "system": "SELECT system_identifier::text FROM pg_control_system()",
    TABLES: f"SELECT {_TABLES}",
    "timeline": "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)",
}


async def present(connection: AsyncConnection) -> dict[str, str]:
    """The marks of the database as it stands, those that may be read."""
    found = {name: await _read(connection, query) for name, query in PARTS.items()}
    return {name: mark for name, mark in found.items() if mark is not None}


async def noted(connection: AsyncConnection, *, to_change: bool = False) -> dict[str, str]:
    """The rows that the data carries; `to_change`: others who would change them wait for us."""
    query = select(identity.c.name, identity.c.mark).order_by(identity.c.name)
    if to_change:
        query = query.with_for_update()  # dropped on SQLite, where begin() is exclusive
    return {row.name: row.mark for row in await connection.execute(query)}


async def note(connection: AsyncConnection, rows: Mapping[str, str], now: datetime) -> None:
    """Put these rows in the place of those with the same names."""
    for name, mark in rows.items():
        values = {"mark": mark, "at": now}
        new = insert_or_ignore(connection, identity).values(name=name, **values)
        if (await connection.execute(new.returning(identity.c.name))).first() is None:
            same = identity.c.name == name
            await connection.execute(update(identity).where(same).values(values))


async def at(connection: AsyncConnection, name: str) -> datetime | None:
    """When this row was noted."""
    query = select(identity.c.at).where(identity.c.name == name)
    found: datetime | None = (await connection.execute(query)).scalar()
    return found


async def restored_since(connection: AsyncConnection, happened: datetime) -> datetime | None:
    """When the database was restored, if what happened then may be among what it lost."""
    restored = await at(connection, RESTORED)
    return restored if restored is not None and happened <= restored else None


def is_another() -> ColumnElement[bool]:
    """Whether our tables are not those that were noted, as part of another query.

    Only a restore under a running program makes it so, and only on PostgreSQL.
    """
    noted_tables: Select[Any] = select(literal_column("1")).where(
        identity.c.name == TABLES, identity.c.mark != _Tables()
    )
    return noted_tables.exists()


class _Tables(FunctionElement[str]):
    inherit_cache = True
    name = "tables"
    type = String()


@compiles(_Tables)
def _nothing(_element: _Tables, _compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401
    return "''"


@compiles(_Tables, "postgresql")
def _tables(_element: _Tables, _compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401
    return f"({_TABLES})"


async def _read(connection: AsyncConnection, query: str) -> str | None:
    try:
        async with connection.begin_nested():
            return str((await connection.execute(text(query))).scalar_one())
    except DBAPIError:
        return None
