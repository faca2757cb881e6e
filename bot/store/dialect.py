"""The few places where PostgreSQL and SQLite differ."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_or_ignore(connection: AsyncConnection, table: Table) -> Any:  # noqa: ANN401 - two Insert types
    """INSERT … ON CONFLICT DO NOTHING: any unique constraint may refuse.

    Whether it did is asked by RETURNING: an INSERT's row count is -1 with psycopg.
    """
    module = sqlite if connection.dialect.name == "sqlite" else postgresql
    return module.insert(table).on_conflict_do_nothing()
