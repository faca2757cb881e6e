"""The engine and begin(): the only place that commits.

One code for PostgreSQL (psycopg 3) and SQLite (aiosqlite). SQLite runs in WAL with
`synchronous=FULL`, so that an answered webhook survives a power cut, and every writing transaction
begins IMMEDIATE, so that it never fails half-way for a lock (https://sqlite.org/wal.html,
https://sqlite.org/lang_transaction.html).
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import CaseMoved

# Heroku's smallest PostgreSQL has 20 connections, and old and new processes overlap in a deploy.
MOST_CONNECTIONS = 2
BUSY_TIMEOUT_MS = 10_000
# A request or task that was ended rolls back first; a connection in use can't be closed for it.
CLOSE_SECONDS = 1.0
# https://www.postgresql.org/docs/current/errcodes-appendix.html: serialization, deadlock
LOST_RACES = frozenset({"40001", "40P01"})


# A transaction under way; what only the store and casework pass around.
Link = AsyncConnection


class Database:
    """Owns the engine. `commits` counts the writing transactions.

    One that is `read_only` changes nothing, and raises OSError where there is no such file.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._engine = _reading_engine(url) if read_only else _engine(url)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        # SQLite has one writer: waiting here is fairer and cheaper than its busy loop.
        self._writing: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.is_sqlite else nullcontext()
        )
        self.commits = 0
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncConnection]:
        """A writing transaction: committed at the end, rolled back on any error.

        Raises CaseMoved when the database broke a deadlock at our cost: begin anew.
        """
        async with self._connected(self._writing) as connection:
            if self.is_sqlite:
                await connection.execute(text("BEGIN IMMEDIATE"))
            try:
                yield connection  # after an error nothing commits, and closing rolls back
                await connection.commit()
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in LOST_RACES:
                    raise CaseMoved("the database let somebody else go first") from error
                raise
        self.commits += 1

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A reading transaction: never waits for a writer on SQLite."""
        async with self._connected(nullcontext()) as connection:
            if self.is_sqlite:
                await connection.execute(text("BEGIN"))
            yield connection  # closing rolls back

    async def shred(self) -> None:
        """Leave nothing of what was deleted in SQLite's log of changes; on PostgreSQL, nothing.

        While somebody reads, part of it may stay: do it again. PostgreSQL's vacuum takes its own
        time. https://sqlite.org/pragma.html#pragma_wal_checkpoint
        """
        if not self.is_sqlite:
            return
        async with self._connected(self._writing) as connection:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    async def close(self) -> None:
        """Give all connections back; what still uses one has a moment to end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._unused.wait()
        await self._engine.dispose()

    @asynccontextmanager
    async def _connected(
        self, turn: AbstractAsyncContextManager[Any]
    ) -> AsyncGenerator[AsyncConnection]:
        self._users += 1
        self._unused.clear()
        try:
            async with turn, self._engine.connect() as connection:
                yield connection
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()


def is_out_of_reach(error: BaseException) -> bool:
    """Whether the database's being away, and no mistake of ours, is why something failed."""
    return isinstance(error, InterfaceError | NoConnectionLeft | OperationalError | OSError)


def _engine(url: str) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=MOST_CONNECTIONS, max_overflow=0, pool_pre_ping=not url.startswith("sqlite")
    )
    if engine.dialect.name == "sqlite":
        keep_private(url)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "invalidate", _let_go)
    return engine


def _reading_engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        read_only = {"postgresql_readonly": True}
        return create_async_engine(url, pool_size=1, max_overflow=0, execution_options=read_only)
    file = make_url(url).database or ""
    Path(file).open("rb").close()  # the driver's thread would complain on the terminal
    query = {"mode": "ro", "uri": "true"}
    uri = make_url(url).set(database=f"file:{quote(file)}", query=query)
    engine = create_async_engine(uri, pool_size=1, max_overflow=0)
    event.listen(engine.sync_engine, "connect", _prepare_reading)
    return engine


def keep_private(url: str) -> None:
    """The file of an SQLite database holds personal data: nobody else may read what we create."""
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).touch(mode=0o600)


def _prepare_reading(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}").close()


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is forgotten is not to lie about in the file's free pages
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _let_go(connection: Any, _record: object, _error: BaseException | None) -> None:  # noqa: ANN401
    """Roll back before a connection is closed because whoever used it was ended.

    SQLite gives a closed connection's lock back with its last statement, and one that was just
    about to give a row lives as long as the traceback that knows it
    (https://sqlite.org/c3ref/close.html).
    """
    # An error is on its way up already, and this one is no other.
    with suppress(Exception, asyncio.CancelledError):
        connection.rollback()
