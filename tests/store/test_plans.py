"""Every question goes by an index. How long that takes after years is measured by `make growth`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import CacheStats

from bench.crowd import fill
from bench.growth import SMALL, questions
from bench.plans import Asked, listening, read_whole
from bot.store.db import Database
from tests.databases import POSTGRESQL, SQLITE

CLOSED, OPENED = 4000, 100


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    found = Database(migrated_url)
    yield found
    await found.close()


async def asked(database: Database) -> dict[str, list[Asked]]:
    """The statements behind each question, by its name."""
    heard = {}
    for name, question in questions(database, CLOSED).items():
        with listening() as statements:
            await question()
        heard[name] = statements
    return heard


@pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)
async def test_postgresql_reads_no_table_whole(migrated_url: str, database: Database) -> None:
    fill(migrated_url, closed=CLOSED, opened=OPENED)
    whole = {
        name: read_whole(migrated_url, statements)
        for name, statements in (await asked(database)).items()
    }
    assert {name: tables for name, tables in whole.items() if set(tables) - SMALL} == {}


@pytest.mark.parametrize("databases", [SQLITE], indirect=True)
async def test_sqlite_reads_no_table_whole(database: Database) -> None:
    for name, statements in (await asked(database)).items():
        for one in statements:
            async with database.read() as link:
                plan = await link.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {one.statement}", one.parameters
                )
                steps = [row.detail for row in plan]
            whole = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
            assert [step for step in whole if _is_large(step)] == [], name


async def test_what_is_asked_again_is_not_compiled_again(database: Database) -> None:
    compiled: set[str] = set()

    def note(*ran: Any) -> None:
        _, _, statement, _, context, _ = ran
        if context.cache_hit is CacheStats.NO_CACHE_KEY:
            compiled.add(statement)

    event.listen(Engine, "after_cursor_execute", note)
    try:
        for question in questions(database, CLOSED).values():
            await question()
    finally:
        event.remove(Engine, "after_cursor_execute", note)
    assert compiled == set()


def _is_large(step: str) -> bool:
    """Whether a table's own rows are read, and not those of a part of the same query."""
    table = step.split()[1]
    return table in {"cases", "figures", "finding", "inbox", "outbox", "case_invoices", "customers"}
