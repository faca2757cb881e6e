"""The engine's own promises: nothing of ours stays behind at the database."""

import asyncio

import pytest
from sqlalchemy import text

from bot.store.db import Database


@pytest.mark.parametrize("using", ["read", "begin"])
async def test_what_is_ended_while_it_uses_a_connection_leaves_none_behind(
    migrated_url: str, using: str
) -> None:
    database = Database(migrated_url)
    inside = asyncio.Event()

    async def use() -> None:
        async with getattr(database, using)() as link:
            await link.execute(text("SELECT 1"))
            inside.set()
            try:
                await asyncio.Event().wait()
            finally:
                for _ in range(9):  # whoever is ended has something to put away first
                    await asyncio.sleep(0)

    tasks = [asyncio.create_task(use()) for _ in range(4)]  # more than there are connections
    await inside.wait()
    for task in tasks:
        task.cancel()

    await database.close()

    assert all(task.done() for task in tasks)
    assert database._engine.pool.checkedout() == 0  # type: ignore[attr-defined]


# Takes a while, and gives a row: on SQLite it holds the lock until somebody has fetched that.
LONG = """
INSERT INTO schema_floor (revision)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
SELECT CAST(max(i) AS VARCHAR(32)) FROM n RETURNING revision
"""


async def test_who_is_ended_in_the_middle_of_writing_holds_no_lock(migrated_url: str) -> None:
    database = Database(migrated_url)
    writing, kept = asyncio.Event(), list[BaseException]()

    async def write() -> None:
        try:
            async with database.begin() as link:
                writing.set()
                await link.execute(text(LONG))
        except asyncio.CancelledError as error:
            kept.append(error)  # and with it its traceback, and every statement that stands there

    ended = asyncio.create_task(write())
    await writing.wait()
    await asyncio.sleep(0.02)  # it has begun, and takes ten times as long
    ended.cancel()
    await ended
    assert kept

    async with database.begin() as link:
        await link.execute(text("UPDATE schema_floor SET revision = revision"))
    await database.close()
