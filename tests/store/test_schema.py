"""The schema: what the migrations make, what the tables say, and who may work with it."""

import asyncio
import stat
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from bot.case.pause import Held
from bot.errors import SchemaMismatch
from bot.store import schema
from bot.store.db import Database
from bot.store.schema import HEAD, Schema, judged
from bot.store.tables import metadata
from migrations.run import PYPROJECT, upgrade
from tests.case.life import ANA, NOON
from tests.office import Office, offices


def config() -> Config:
    return Config(toml_file=PYPROJECT)


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    found = create_engine(migrated_url.replace("+aiosqlite", ""))
    yield found
    found.dispose()


def test_the_program_knows_the_newest_revision_and_they_form_one_line() -> None:
    script = ScriptDirectory.from_config(config())
    assert script.get_heads() == [HEAD]
    revisions = [one.revision for one in script.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)


def test_the_migrations_make_the_tables_that_the_program_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_indexes_that_guard_the_promises_are_partial_and_unique(engine: Engine) -> None:
    found = {
        index["name"]: index
        for table in ("cases", "outbox")
        for index in inspect(engine).get_indexes(table)
    }
    for name in ("uq_cases_open", "uq_outbox_ready", "uq_outbox_claimed", "uq_outbox_once"):
        assert found[name]["unique"]
        dialect = engine.dialect.name
        assert found[name]["dialect_options"][f"{dialect}_where"] is not None


def test_every_revision_goes_up_and_down_and_up_again(engine: Engine) -> None:
    with engine.connect() as connection:
        alembic = config()
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        connection.rollback()
        command.upgrade(alembic, "head")
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


async def test_heads_are_made_for_what_was_journalled_before_and_can_be_taken_away(
    migrated_url: str, engine: Engine
) -> None:
    async with offices(migrated_url, "ada") as [office]:
        await office.in_review()
        await office.approve()
        told = await office.memory.journal((await office.case()).id)
    for down in ("0001", "0001"):
        await asyncio.to_thread(moved, engine, down)
        with engine.connect() as connection:
            columns = {one["name"] for one in inspect(connection).get_columns("cases")}
        assert not [name for name in columns if name.startswith("journal_")]
        await asyncio.to_thread(moved, engine, "head")
    async with offices(migrated_url, "ada") as [office]:
        case = await office.case()
        assert await office.memory.journal_breaks(case.id) == []
        assert await office.memory.journal(case.id) == told
        later = await office.later(timedelta(minutes=1))
        assert len(office.outside.mailed) == 1
        assert await office.memory.journal_breaks(later.id) == []


async def test_a_filled_database_answers_the_same_after_its_way_down_and_up(
    migrated_url: str, engine: Engine
) -> None:
    async with offices(migrated_url, "ada") as [office]:
        await office.in_review()
        before = await answers(office)
        assert [len(one) for one in before] == [1, 1, 1]
        await office.ledger.pause(Held.ALL, None, "gone with its table", ANA)
    for down in ("0003", "0002", "0001"):
        await asyncio.to_thread(moved, engine, down)
        await asyncio.to_thread(moved, engine, "head")
    async with offices(migrated_url, "ada") as [office]:
        assert await answers(office) == [(), (), ()]
        await office.idle()  # takes in what stands, in the background
        assert await answers(office) == before
        await office.approve()
        await office.later(timedelta(minutes=1))
        assert len(office.outside.mailed) == 1


async def answers(office: Office) -> list[Sequence[object]]:
    queue, stats = await office.ledger.queue(), await office.ledger.stats(NOON)
    return [queue.first, await office.ledger.find("IN_1 "), stats.at_failure]


async def test_the_program_before_goes_on_with_a_newer_schema_that_only_added(
    migrated_url: str, engine: Engine
) -> None:
    """It names no column that it does not know; what is new to it has a default."""
    with engine.connect() as connection:
        floor = connection.execute(text("SELECT revision FROM schema_floor")).scalar()
        added = inspect(connection).get_columns("cases")[-5:]
    assert floor == "0001"
    heads, derived = added[:2], added[2:]
    assert [one["name"] for one in heads] == ["journal_length", "journal_digest"]
    assert all(one["default"] is not None for one in heads)
    assert [one["name"] for one in derived] == ["registered", "waits_since", "forgotten_at"]
    assert all(one["nullable"] for one in derived)
    assert await state(migrated_url) is Schema.USABLE


def moved(engine: Engine, to: str) -> None:
    """Alembic's own way up or down."""
    with engine.connect() as connection:
        alembic = config()
        alembic.attributes["connection"] = connection
        if to == "head":
            command.upgrade(alembic, to)
        else:
            command.downgrade(alembic, to)


def test_migrating_again_changes_nothing(migrated_url: str) -> None:
    assert "nothing to do" in upgrade(migrated_url)


async def test_many_that_migrate_at_once_do_it_once(database_url: str) -> None:
    said = await asyncio.gather(*(asyncio.to_thread(upgrade, database_url) for _ in range(4)))
    assert sum("now at" in one for one in said) == 1
    assert await state(database_url) is Schema.USABLE


async def test_an_empty_database_is_told_from_a_usable_one(database_url: str) -> None:
    assert await state(database_url) is Schema.EMPTY
    upgrade(database_url)
    assert await state(database_url) is Schema.USABLE


async def test_a_newer_schema_that_still_works_is_accepted_as_it_stands(
    migrated_url: str, engine: Engine
) -> None:
    write(engine, "UPDATE alembic_version SET version_num = '0099'")
    assert await state(migrated_url) is Schema.USABLE
    assert "0099: nothing to do" in upgrade(migrated_url)


async def test_a_schema_that_is_too_new_is_refused(migrated_url: str, engine: Engine) -> None:
    write(engine, "UPDATE alembic_version SET version_num = '0099'")
    write(engine, "UPDATE schema_floor SET revision = '0098'")
    assert await state(migrated_url) is Schema.TOO_NEW
    with pytest.raises(SchemaMismatch, match="0099"):
        upgrade(migrated_url)


def test_an_older_schema_is_behind() -> None:
    assert judged("0000", "0000") is Schema.BEHIND
    assert judged(None, None) is Schema.EMPTY


def test_a_database_file_that_migrating_makes_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    upgrade(f"sqlite+aiosqlite:///{file}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def state(url: str) -> Schema:
    database = Database(url)
    try:
        return await schema.state(database)
    finally:
        await database.close()


def write(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))
