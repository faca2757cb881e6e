"""Whether the database can be reached, has our schema, may be written, and has our time."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from bot.clock import Clock
from bot.config import Config
from bot.doctor.finding import Finding, Verdict, in_turn, ok, skipped, wrong
from bot.errors import DatabaseTrouble
from bot.store import schema, skew
from bot.store.db import Database
from bot.store.schema import Schema


async def examined(config: Config, clock: Clock) -> list[Finding]:
    """The findings about the database. A file that is not there is not made."""
    rest = {
        "database.schema": partial(_schema, config),
        "database.writes": partial(_writes, config),
        "database.clock": partial(_skew, config, clock),
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


async def _skew(config: Config, clock: Clock) -> Verdict:
    async with _opened(config, read_only=True) as database:
        found = await skew.apart(database, clock.now)
    if found is None:
        return skipped("same_machine")
    return (
        ok() if found <= skew.MOST_APART else wrong("skewed", seconds=round(found.total_seconds()))
    )


@asynccontextmanager
async def _opened(config: Config, *, read_only: bool) -> AsyncGenerator[Database]:
    database = Database(config.database_url, read_only=read_only)
    try:
        yield database
    finally:
        await database.close()
