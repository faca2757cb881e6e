"""The restore drill: a database that is put back holds its letters and asks about each of them."""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

from bot.case.model import State
from bot.review import actions
from bot.sandbox.sendgrid import SendGrid
from bot.sandbox.town import Houses
from bot.store import verify
from bot.store.db import Database
from tests.databases import ONE_DATABASE, POSTGRESQL, PostgresServer, programs
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, DOUBT, MINUTE, UNDO, Story
from tests.journeys.test_restart import killed

HOUR = timedelta(hours=1)
Backup = Callable[[], Callable[[], None]]  # made now; what it gives puts it back


@pytest.fixture
def backup(migrated_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Backup:
    """A backup as docs/how-to/backups.md makes it, of the test's database."""
    url = make_url(migrated_url)
    if url.get_backend_name() == "sqlite":
        return lambda: _sqlite_copy(Path(str(url.database)), tmp_path / "backup.sqlite3")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return lambda: _postgres_dump(server, str(url.database), tmp_path / "backup.dump")


def _sqlite_copy(file: Path, copy: Path) -> Callable[[], None]:
    with (
        contextlib.closing(sqlite3.connect(file)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)

    def put_back() -> None:
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(copy, file)

    return put_back


def _postgres_dump(server: PostgresServer, database: str, copy: Path) -> Callable[[], None]:
    where = [f"--host={server.folder}", "--username=postgres", f"--dbname={database}"]
    folder = programs(server.folder)

    def run(*command: str) -> None:
        subprocess.run([folder / command[0], *where, *command[1:]], check=True, cwd="/")

    run("pg_dump", "--format=custom", f"--file={copy}")
    return lambda: run("pg_restore", "--clean", "--if-exists", "--no-owner", str(copy))


async def whole(story: Story) -> bool:
    """Whether verify-journal finds nothing."""
    return all([not one.flaws async for one in verify.every(story.town.parts.database)])


def told(story: Story) -> list[str]:
    """What the channel was told of a restored database."""
    texts = [one.text for one in story.town.slack.messages(story.town.review.id)]
    return [one for one in texts if "restored or moved" in one]


async def test_the_drill(build: Towns, standing: Houses, backup: Backup) -> None:
    async with build(among=standing, polls=True) as story:
        asked = await story.failed(name="Ada Asked", email="ada@example.com")
        approved = await story.failed(name="Bo Approved", email="bo@example.com")
        await story.press(actions.APPROVE)
        put_back = backup()
        await story.town.later(UNDO)
        assert len(story.mailed()) == 1
        lost = await story.failed(name="Lou Lost", email="lou@example.com")
        await story.approve()
        assert len(story.mailed()) == 2
    standing.clock.move(HOUR)
    put_back()
    async with build(among=standing, polls=True) as story:
        await story.town.idle()
        for _ in range(4):
            await story.town.later(5 * MINUTE)
        # Nothing leaves, everybody is told, and each letter is asked about.
        assert len(story.mailed()) == 2
        (said,) = told(story)
        assert "One letter was about to leave then" in said
        assert "/dunning resume" in said
        assert (await story.case(approved)).state is State.UNCLEAR
        assert (await story.case(asked)).state is State.IN_REVIEW
        question = next(
            one for one in reversed(story.town.cards()) if "Bo Approved" in story.card(one)
        )
        assert story.buttons(question) == DOUBT
        assert "look into your mail’s sent folder. Did it arrive?" in story.card(question)
        # What the database forgot whole is found at Stripe, and asked about with the same words.
        assert (await story.case(lost)).state is State.IN_REVIEW
        again = next(one for one in reversed(story.town.cards()) if "Lou Lost" in story.card(one))
        assert "this letter may have left already" in story.card(again)
        await story.press(actions.APPROVE, on=again)
        await story.town.later(HOUR)
        assert len(story.mailed()) == 2
        # A person compares and says what they found; then all goes on.
        await story.press(actions.ARRIVED, on=question)
        await story.commands("resume")
        await story.town.later(MINUTE)
        assert len(story.mailed()) == 3
        assert (await story.case(approved)).sent == 1
        assert await whole(story)
    async with build(among=standing, polls=True) as story:
        await story.town.later(DAY)
        assert len(told(story)) == 1


@ONE_DATABASE
async def test_a_process_that_was_killed_and_started_again_is_no_restore(
    build: Towns, standing: Houses
) -> None:
    for _ in range(2):
        async with killed(build, standing) as story:
            await story.failed()
    async with build(among=standing) as story:
        await story.town.later(DAY)
        assert told(story) == []


async def test_what_the_provider_knows_is_not_asked_of_a_person(
    build: Towns, standing: Houses, backup: Backup
) -> None:
    sendgrid = SendGrid(standing.clock)
    await sendgrid.start()
    try:
        async with build(among=standing, MAIL_URL=sendgrid.url) as story:
            invoice = await story.failed()
            await story.press(actions.APPROVE)
            put_back = backup()
            await story.town.later(UNDO)
            assert len(sendgrid.mails) == 1
        put_back()
        async with build(among=standing, MAIL_URL=sendgrid.url) as story:
            await story.town.later(DAY)
            case = await story.case(invoice)
            assert (case.state, case.sent, len(sendgrid.mails)) == (State.WAITING, 1, 1)
    finally:
        await sendgrid.stop()


@pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)
async def test_a_start_whose_database_goes_away_looks_again(
    build: Towns, standing: Houses, migrated_url: str
) -> None:
    held, watching = Database(migrated_url), Database(migrated_url)
    async with held.begin() as lock:
        await lock.execute(text("LOCK TABLE identity"))

        async def cut_off() -> None:
            first = await waiter(watching, standing)
            async with watching.begin() as link:
                await link.execute(select(func.pg_terminate_backend(first)))
            assert await waiter(watching, standing, but=first)
            await lock.rollback()

        cutting = asyncio.create_task(cut_off())
        async with build(among=standing) as story:
            await cutting
            assert story.town.running.ready()
    for database in (held, watching):
        await database.close()


async def waiter(database: Database, houses: Houses, *, but: int = 0) -> int:
    """The number of a connection that waits for a lock, another one than `but`."""
    query = text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND pid <> :but"
    ).bindparams(but=but)
    while True:
        async with database.read() as link:
            found = (await link.execute(query)).scalar()
        if found is not None:
            return int(found)
        houses.clock.move(timedelta(seconds=1))
        await asyncio.sleep(0.01)
