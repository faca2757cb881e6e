"""The add-on `heroku-postgresql:essential-0`: TLS only, a user of its own, twenty connections.

https://devcenter.heroku.com/articles/heroku-postgres-plans
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from rehearsal.wires import Ends, Relay, certificate
from tests.databases import PostgresServer, migrate

USER, PASSWORD, NAME = "u1rehearsal", "p1rehearsal", "d1rehearsal"
MOST = 20
CERTIFICATE = Path(__file__).parents[1] / "tests" / "delivery" / "loopback.pem"


@dataclass(frozen=True, kw_only=True)
class Addon:
    """A database that is there. `url` is what DATABASE_URL says."""

    url: str
    socket: str
    relay: Relay

    def connections(self) -> int:
        """How many the app has now."""
        found = self.asked("SELECT count(*) FROM pg_stat_activity WHERE usename = 'u1rehearsal'")
        return int(str(found))

    def revision(self) -> str:
        """Of the schema."""
        return str(self.asked("SELECT version_num FROM alembic_version"))

    def asked(self, question: str) -> object:
        """One value, as the server's own administrator sees it."""
        link = psycopg.connect(host=self.socket, user="postgres", dbname=NAME, autocommit=True)
        with closing(link):
            row = link.execute(question.encode()).fetchone()
        return row[0] if row else None


@asynccontextmanager
async def addon() -> AsyncIterator[Addon]:
    """A PostgreSQL of our own until the block ends."""
    with PostgresServer(migrate) as server:
        folder = str(server.folder)
        admin = psycopg.connect(host=folder, user="postgres", autocommit=True)
        with closing(admin):
            admin.execute(
                f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT {MOST}".encode()
            )
            admin.execute(f"CREATE DATABASE {NAME} OWNER {USER}".encode())

        async def there() -> Ends:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")

        relay = Relay(there, certificate(CERTIFICATE))
        await relay.start()
        try:
            url = f"postgres://{USER}:{PASSWORD}@127.0.0.1:{relay.port}/{NAME}"
            yield Addon(url=url, socket=folder, relay=relay)
        finally:
            await relay.stop()
