"""The databases that figures are measured on: an SQLite file always, PostgreSQL where it is there.

PostgreSQL is the tests' own. Without their requirements it is left out, and the table says so.
"""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from migrations.run import upgrade

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"


class Fresh(Protocol):
    """Gives a migrated database's URL for as long as the block lasts."""

    def __call__(self) -> AbstractContextManager[str]:
        """A database that nothing has been written to."""


@contextmanager
def databases() -> Iterator[dict[str, Fresh]]:
    """The kinds that are here, by name."""
    with ExitStack() as stack:
        found: dict[str, Fresh] = {SQLITE: sqlite}
        postgresql = _postgresql(stack)
        if postgresql is not None:
            found[POSTGRESQL] = postgresql
        yield found


@contextmanager
def sqlite() -> Iterator[str]:
    """A migrated file."""
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/figures.sqlite3"
        upgrade(url)
        yield url


def _postgresql(stack: ExitStack) -> Fresh | None:
    try:
        from tests.databases import PostgresServer, migrate  # noqa: PLC0415 - not always there

        server = stack.enter_context(PostgresServer(migrate))
    except (ImportError, RuntimeError):
        return None

    @contextmanager
    def fresh() -> Iterator[str]:
        with server.migrated(Path(tempfile.gettempdir())) as url:
            # The bot's own settings want a host to be named; the socket's folder goes before it.
            yield url.replace("@/", "@localhost/")

    return fresh
