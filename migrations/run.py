"""Bring a database to the newest schema, once, whoever else tries at the same time."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    column,
    create_engine,
    event,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from bot.errors import DatabaseTrouble, SchemaMismatch
from bot.store.db import keep_private
from bot.store.schema import HEAD, Schema, judged

LOCK = 6_032_411  # any number of our own: PostgreSQL's advisory locks are named by one
# Longer than any migration of ours takes, and a release still ends and says why it failed.
PATIENCE = 120.0  # seconds
# https://www.postgresql.org/docs/current/errcodes-appendix.html: lock_not_available
_LOCKED = "55P03"
PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def upgrade(url: str, *, patience: float = PATIENCE) -> str:
    """Migrate the database at an async or sync URL; says what was done.

    A newer schema that still works with this program is accepted as it stands: that is what a
    rollback finds. Raises SchemaMismatch when it is too new, DatabaseTrouble when it can't be
    reached or written, with the code `locked` when somebody held it for `patience` seconds.
    A migration that is killed leaves nothing behind. Idempotent.
    """
    engine = _engine(url, patience)
    try:
        with engine.connect() as connection:
            _lock(connection, patience)
            return _upgrade(connection)
    except (ProgrammingError, IntegrityError):
        raise  # ours, not the database's
    except DBAPIError as error:
        raise DatabaseTrouble("locked" if _is_locked(error) else "unreachable") from error


def _engine(url: str, patience: float) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, poolclass=NullPool)
    keep_private(url)
    options = {"timeout": patience}
    engine = create_engine(url.replace("+aiosqlite", ""), poolclass=NullPool, connect_args=options)
    event.listen(engine, "connect", _say_begin_ourselves)
    return engine


def _is_locked(error: DBAPIError) -> bool:
    by_name = getattr(error.orig, "sqlite_errorname", None) == "SQLITE_BUSY"
    return by_name or getattr(error.orig, "sqlstate", None) == _LOCKED


def _say_begin_ourselves(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    # Python's driver would commit before every CREATE TABLE: a migration is whole, or did not run.
    connection.isolation_level = None


def _lock(connection: Connection, patience: float) -> None:
    """Until the connection is closed (PostgreSQL), or the transaction ends (SQLite).

    PostgreSQL's patience holds for the tables too: a table that somebody else keeps locked would
    otherwise hold up the migration, and everybody who comes after it.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("BEGIN IMMEDIATE"))
        return
    setting = {"patience": f"{int(patience * 1000)}ms"}
    connection.execute(text("SELECT set_config('lock_timeout', :patience, false)"), setting)
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
