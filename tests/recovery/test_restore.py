"""A restored database is noticed, once, whoever looks; and an ordinary day is none."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.case.events import AnyEvent
from bot.case.ids import SYSTEM, CaseId
from bot.case.model import State
from bot.case.pause import Held
from bot.errors import CaseMoved
from bot.recovery.restore import Restore
from bot.store import companion
from bot.store.identity import Identity
from tests.case.life import ANA, POLICY
from tests.databases import ONE_DATABASE, POSTGRESQL
from tests.office import Office, offices

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ONLY_POSTGRESQL = pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)


@pytest.fixture
async def two(migrated_url: str) -> AsyncIterator[list[Office]]:
    async with offices(migrated_url, "ada", "ben") as both:
        yield both


@pytest.fixture
def file(migrated_url: str) -> Path:
    return Path(str(make_url(migrated_url).database))


def starting(office: Office, url: str) -> Restore:
    """What a process does at its start, by `look`."""
    identity = Identity(office.database, url)
    return Restore(
        office.database,
        identity,
        office.casework,
        office.clock,
        ask=office._asked,
        policy=POLICY,
    )


async def held(office: Office) -> list[Held]:
    """What the program itself holds back."""
    return [one.what for one in await office.ledger.paused() if one.by == SYSTEM]


async def carried_off(office: Office, where: str = "name NOT IN ('restored', 'known')") -> None:
    """As in a copy: the data carries marks that the place does not have."""
    async with office.database.begin() as link:
        moved = f"UPDATE identity SET mark = 'elsewhere' WHERE {where}"  # noqa: S608 - the test's own
        await link.execute(text(moved))


async def in_doubt(office: Office) -> bool:
    return (await office.case()).state is State.UNCLEAR


async def test_ordinary_days_are_no_restore(two: list[Office], migrated_url: str) -> None:
    await two[0].in_review()  # under a program that knew no marks yet
    for _ in range(2):
        await asyncio.gather(*(starting(one, migrated_url).look() for one in two))
    async with two[0].database.begin() as link:
        await link.execute(text("DELETE FROM erasures"))
    await starting(two[1], migrated_url).leave()
    await starting(two[0], migrated_url).look()
    assert await held(two[0]) == []


async def test_many_that_start_at_once_ask_once_and_tell_once(
    two: list[Office], migrated_url: str
) -> None:
    await starting(two[0], migrated_url).look()
    await two[0].in_review()
    await two[0].approve()
    await carried_off(two[0])
    two[0].clock.move(HOUR)
    await asyncio.gather(*(starting(one, migrated_url).look() for one in two))
    assert await held(two[0]) == [Held.SENDING]
    assert await in_doubt(two[0])
    await two[0].idle()
    assert [one.pause.by for one in two[0].outside.announced] == [SYSTEM]
    assert "One letter was about to leave" in two[0].outside.announced[0].pause.reason
    assert await two[0].ledger.resume(ANA) is True
    await starting(two[1], migrated_url).look()
    assert await held(two[0]) == []


async def test_a_pause_of_everything_stays_one(two: list[Office], migrated_url: str) -> None:
    await starting(two[0], migrated_url).look()
    await two[0].in_review()
    await two[0].ledger.pause(Held.ALL, None, "prices", ANA)
    await carried_off(two[0])
    await starting(two[0], migrated_url).look()
    assert await held(two[0]) == [Held.ALL]


async def test_who_dies_in_the_midst_leaves_it_to_the_next(
    two: list[Office], migrated_url: str
) -> None:
    await starting(two[0], migrated_url).look()
    await two[0].in_review()
    await two[0].approve()
    await carried_off(two[0])
    happened = two[0].casework.happened

    async def dies(case_id: CaseId, event: AnyEvent, **_: object) -> None:
        await happened(case_id, event)
        raise CaseMoved("killed here")

    two[0].casework.happened = dies  # type: ignore[method-assign, assignment]
    with pytest.raises(CaseMoved):
        await starting(two[0], migrated_url).look()
    asked = (await two[1].case()).ask
    two[1].clock.move(HOUR)
    await starting(two[1], migrated_url).look()
    assert (await in_doubt(two[1]), (await two[1].case()).ask) == (True, asked)
    assert len(await held(two[1])) == 1
    first = (await two[1].case()).restored_at
    await carried_off(two[1])  # put back once more: that is a restore of its own
    await starting(two[1], migrated_url).look()
    assert (await two[1].case()).restored_at != first


@ONLY_POSTGRESQL
async def test_under_a_running_program_no_letter_is_let_go_before_it_is_noticed(
    two: list[Office], migrated_url: str
) -> None:
    office = two[0]
    await starting(office, migrated_url).look()
    await office.in_review()
    await office.approve()
    await carried_off(office, "name = 'tables'")
    for _ in range(2):
        assert (await office.later(HOUR)).state is State.APPROVED
    assert not any(one.startswith("look/") for one in office.outside.calls)
    await starting(office, migrated_url).look()
    assert await in_doubt(office)


@ONLY_POSTGRESQL
async def test_only_marks_that_both_sides_know_are_compared(
    two: list[Office], migrated_url: str
) -> None:
    office = two[0]
    await starting(office, migrated_url).look()
    await office.in_review()
    async with office.database.begin() as link:
        await link.execute(text("DELETE FROM identity WHERE name IN ('system', 'timeline')"))
    await starting(office, migrated_url).look()
    assert await held(office) == []
    for name in ("system", "timeline", "tables"):
        await carried_off(office, f"name = '{name}'")
        await starting(office, migrated_url).look()
        assert await held(office) == [Held.SENDING], name
        await office.ledger.resume(ANA)


@ONLY_POSTGRESQL
async def test_tables_that_are_written_anew_in_place_are_the_same(
    two: list[Office], migrated_url: str
) -> None:
    await starting(two[0], migrated_url).look()
    await two[0].in_review()
    async with two[0].database.begin() as link:
        vacuum = await link.get_raw_connection()
        await vacuum.driver_connection.rollback()  # type: ignore[union-attr]
        await vacuum.driver_connection.set_autocommit(True)  # type: ignore[union-attr]
        await vacuum.driver_connection.execute("VACUUM FULL cases")  # type: ignore[union-attr]
        await vacuum.driver_connection.set_autocommit(False)  # type: ignore[union-attr]
    await starting(two[0], migrated_url).look()
    assert await held(two[0]) == []


@ONE_DATABASE
async def test_a_file_is_noticed_when_it_is_put_back_alone_or_copied_with_its_folder(
    migrated_url: str, file: Path, tmp_path: Path
) -> None:
    async with offices(migrated_url, "ada") as [office]:
        await starting(office, migrated_url).look()
        await office.in_review()
    shutil.copyfile(file, tmp_path / "older")
    async with offices(migrated_url, "ada") as [office]:
        await starting(office, migrated_url).leave()
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for one in (file, file.with_name(f"{file.name}-mark")):
        shutil.copyfile(one, folder / one.name)
    elsewhere = migrated_url.replace(str(file), str(folder / file.name))
    async with offices(elsewhere, "ada") as [office]:
        await starting(office, elsewhere).look()
        assert await held(office) == [Held.SENDING]
    shutil.copyfile(tmp_path / "older", file)
    async with offices(migrated_url, "ada") as [office]:
        await starting(office, migrated_url).look()
        assert await held(office) == [Held.SENDING]


@ONE_DATABASE
async def test_a_start_that_was_cut_off_before_its_file_was_written_is_no_restore(
    migrated_url: str, file: Path
) -> None:
    async with offices(migrated_url, "ada") as [office]:
        await starting(office, migrated_url).look()
        await office.in_review()
        beside = file.with_name(f"{file.name}-mark")
        before = beside.read_bytes()
        assert beside.stat().st_mode & 0o077 == 0
        await starting(office, migrated_url).look()
        assert beside.read_bytes() != before
        beside.write_bytes(before)
        await starting(office, migrated_url).look()
        assert await held(office) == []
        beside.unlink()
        await starting(office, migrated_url).look()
        assert await held(office) == [Held.SENDING]
        assert companion.read(file) is not None


@ONE_DATABASE
async def test_what_is_written_while_the_mark_is_renewed_renews_it_once_more(
    migrated_url: str, file: Path
) -> None:
    async with offices(migrated_url, "ada") as [office]:
        identity = Identity(office.database, migrated_url)
        # One writes at a time, in turn: between the database's half of the mark and the file's.
        await asyncio.gather(identity.note(office.clock.now()), office.in_review())
        renewed = companion.read(file)
        await identity.note(office.clock.now())
        assert companion.read(file) != renewed
        renewed = companion.read(file)
        await office.comes()  # Stripe knows of that, and nothing has come of it yet
        await identity.note(office.clock.now())
        assert companion.read(file) == renewed
        await office.ledger.pause(Held.ALL, None, "the copy would not know of it", ANA)
        await identity.note(office.clock.now())
        assert companion.read(file) != renewed
