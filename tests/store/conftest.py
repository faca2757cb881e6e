from collections.abc import AsyncIterator

import pytest

from bot.store.db import Database


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    found = Database(migrated_url)
    yield found
    await found.close()
