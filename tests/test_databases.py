import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests import conftest
from tests.databases import PostgresServer

PASSING = "def test_it_passes(): pass\n"
ON_BOTH = "def test_it_has_a_database(database_url): pass\n"
FAILING_ON_ONE = "def test_it_fails(database_url): assert 'sqlite' in database_url\n"


@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_begins_with_a_database_that_has_no_table(
    database_url: str, turn: int
) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []
        await connection.execute(text("CREATE TABLE left_behind (turn INTEGER)"))
        await connection.execute(text("INSERT INTO left_behind VALUES (:turn)"), {"turn": turn})
    await engine.dispose()
