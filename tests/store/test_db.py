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
