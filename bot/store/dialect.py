"""The few places where PostgreSQL and SQLite differ."""

from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_or_ignore(connection: AsyncConnection, table: Table) -> Any:  # noqa: ANN401 - two Insert types
    """INSERT … ON CONFLICT DO NOTHING: any unique constraint may refuse.

    Whether it did is asked by RETURNING: an INSERT's row count is -1 with psycopg. The values are
    better handed over with it than put into it, which takes time with every row.
    """
    return _insert(connection.dialect.name, table)


@cache
def _insert(dialect: str, table: Table) -> Any:  # noqa: ANN401
    module = sqlite if dialect == "sqlite" else postgresql
    return module.insert(table).on_conflict_do_nothing()
