"""What SQLAlchemy compiled for one test serves the next: each has an engine of its own.

A statement takes as long to compile as to run, and a journey needs a hundred. A program compiles
each once; so do all tests of a process, through the `compiled_cache` that SQLAlchemy lets several
engines share. https://docs.sqlalchemy.org/en/21/core/connections.html#sql-compilation-caching
"""

from typing import Any

from sqlalchemy import Connection, Engine, event


class Compiled(dict[Any, Any]):
    """Whose keys begin with a dialect: any engine's will do for another of its kind."""

    def get(self, key: Any, default: object = None) -> Any:
        return super().get(_of_its_kind(key), default)

    def __setitem__(self, key: Any, compiled: object) -> None:
        super().__setitem__(_of_its_kind(key), compiled)


def share() -> None:
    """From now on, for every engine of this process."""
    compiled = Compiled()

    @event.listens_for(Engine, "engine_connect")
    def use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)


def _of_its_kind(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *rest = key
    return (type(dialect), *rest)
