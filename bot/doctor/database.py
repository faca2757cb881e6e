"""Whether the database can be reached, has the schema of this program, and may be written."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from bot.config import Config
from bot.doctor.finding import Finding, Verdict, in_turn, ok, wrong
from bot.errors import DatabaseTrouble
from bot.store import schema
from bot.store.db import Database
from bot.store.schema import Schema


async def examined(config: Config) -> list[Finding]:
    """The findings about the database. A file that is not there is not made."""
    rest = {
        "database.schema": partial(_schema, config),
        "database.writes": partial(_writes, config),
    }
    return await in_turn("database.reach", partial(_reach, config), rest)


async def _reach(config: Config) -> Verdict:
    try:
        async with _opened(config, read_only=True) as database:
            await schema.state(database)
    except (DatabaseTrouble, OSError):
        return wrong("no_answer")
    return ok()


async def _schema(config: Config) -> Verdict:
    async with _opened(config, read_only=True) as database:
        found = await schema.state(database)
    return ok() if found is Schema.USABLE else wrong(found.value)


async def _writes(config: Config) -> Verdict:
    try:
        async with _opened(config, read_only=False) as database:
            await schema.write_nothing(database)
    except DatabaseTrouble:
        return wrong("read_only")
    return ok()


@asynccontextmanager
async def _opened(config: Config, *, read_only: bool) -> AsyncGenerator[Database]:
    database = Database(config.database_url, read_only=read_only)
    try:
        yield database
    finally:
        await database.close()
