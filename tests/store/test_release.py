"""A release migrates once, waits its turn and no longer, and may die at any moment."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from bot import config as settings
from bot.__main__ import _database_told
from bot.errors import DatabaseTrouble, Misconfigured
from bot.words import say
from migrations.run import LOCK, PATIENCE, upgrade

ROOT = Path(__file__).parents[2]
HEROKU_ENDS_A_RELEASE_AFTER = 3600  # seconds; https://devcenter.heroku.com/articles/release-phase


def test_a_migration_that_is_killed_in_its_middle_leaves_nothing_behind(
    database_url: str,
) -> None:
    command = (sys.executable, "-m", "tests.store.half_migrated", database_url)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == "middle\n"
        dying.kill()
    assert tables(database_url) == set()
    assert "now at" in upgrade(database_url)
    assert "nothing to do" in upgrade(database_url)


def test_a_migration_waits_no_longer_than_its_patience(database_url: str) -> None:
    with held(database_url), pytest.raises(DatabaseTrouble) as trouble:
        upgrade(database_url, patience=0.05)
    assert trouble.value.code == "locked"
    assert tables(database_url) == set()
    assert "now at" in upgrade(database_url)


def test_its_patience_is_shorter_than_a_release_may_take() -> None:
    assert PATIENCE < HEROKU_ENDS_A_RELEASE_AFTER / 10


def test_the_command_says_that_somebody_holds_the_database() -> None:
    config = settings.load({})
    with pytest.raises(Misconfigured) as wrong, _database_told(config):
        raise DatabaseTrouble("locked")
    assert wrong.value.mistakes == (say("en", "start.locked"),)


@contextmanager
def held(url: str) -> Iterator[None]:
    """Somebody else migrates, and does not come to an end."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("BEGIN IMMEDIATE"))
        else:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        yield
    engine.dispose()


def tables(url: str) -> set[str]:
    """What was made, and committed."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found
