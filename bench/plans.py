"""Which way PostgreSQL takes to an answer: the statements that were asked, and the plan of each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine, event

EXPLAIN = "EXPLAIN (FORMAT JSON) "


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A statement as the driver got it, and its parameters."""

    statement: str
    parameters: Any


@contextmanager
def listening() -> Iterator[list[Asked]]:
    """Every SELECT that any engine is given meanwhile."""
    heard: list[Asked] = []

    def hears(*said: Any) -> None:  # noqa: ANN401 - SQLAlchemy's six arguments
        statement, parameters = said[2], said[3]
        if statement.startswith("SELECT"):
            heard.append(Asked(statement=statement, parameters=parameters))

    event.listen(Engine, "before_cursor_execute", hears)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hears)


def read_whole(url: str, asked: list[Asked]) -> list[str]:
    """The tables that PostgreSQL would read from the first row to the last for these."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            plans = [
                connection.exec_driver_sql(EXPLAIN + one.statement, one.parameters).scalar_one()
                for one in asked
            ]
    finally:
        engine.dispose()
    return sorted({table for plan in plans for table in _scanned(_parsed(plan)[0]["Plan"])})


def _parsed(plan: Any) -> Any:  # noqa: ANN401 - JSON
    return json.loads(plan) if isinstance(plan, str) else plan


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        yield from _scanned(part)
