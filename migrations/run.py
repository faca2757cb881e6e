"""Bring a database to the newest schema, once, whoever else tries at the same time."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, NullPool, column, create_engine, event, select, table, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from bot.errors import DatabaseTrouble, SchemaMismatch
from bot.store.db import keep_private
from bot.store.schema import HEAD, Schema, judged

LOCK = 6_032_411  # any number of our own: PostgreSQL's advisory locks are named by one
PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def upgrade(url: str) -> str:
    """Migrate the database at an async or sync URL; says what was done.

    A newer schema that still works with this program is accepted as it stands: that is what a
    rollback finds. Raises SchemaMismatch when it is too new, DatabaseTrouble when it can't be
    reached or written. Idempotent.
    """
    if url.startswith("sqlite"):
        keep_private(url)
    engine = create_engine(url.replace("+aiosqlite", ""), poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _say_begin_ourselves)
    try:
        with engine.connect() as connection:
            _lock(connection)
            return _upgrade(connection)
    except (ProgrammingError, IntegrityError):
        raise  # ours, not the database's
    except DBAPIError as error:
        raise DatabaseTrouble("unreachable") from error


def _say_begin_ourselves(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    # Python's driver would commit before every CREATE TABLE: a migration is whole, or did not run.
    connection.isolation_level = None


def _lock(connection: Connection) -> None:
    """Until the connection is closed (PostgreSQL), or the transaction ends (SQLite)."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("BEGIN IMMEDIATE"))
        return
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    connection.commit()


def _upgrade(connection: Connection) -> str:
    current = MigrationContext.configure(connection).get_current_revision()
    schema = judged(current, _floor(connection) if current else None)
    if schema is Schema.TOO_NEW:
        raise SchemaMismatch(f"The database is at revision {current}; this program knows {HEAD}.")
    if schema is Schema.USABLE:
        return f"The database is at revision {current}: nothing to do."
    config = Config(toml_file=PYPROJECT)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return f"The database is now at revision {HEAD}."


def _floor(connection: Connection) -> str | None:
    floor = table("schema_floor", column("revision"))
    found: str | None = connection.execute(select(floor.c.revision)).scalar()
    return found
