"""The journal: append-only, and any single altered row is found."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import and_, select, text

from bot.case.events import AnyEvent, Approved, Erased, Looked, Replied
from bot.case.ids import CaseId
from bot.case.machine import step
from bot.store import cases, chain, journal, verify
from bot.store.chain import Damage, Head
from bot.store.db import Database, Link
from bot.store.tables import cases as cases_table
from bot.store.tables import journal as journal_table
from bot.store.tables import journal_texts
from tests.case.examples import in_review
from tests.case.life import ANA, POLICY, Life
from tests.store.test_cases import added

ID = CaseId("case_1")
ROWS = (1, 2, 3)
ALTERED = {
    "case_id": "'case_2'",
    "sequence": "99",
    "at": "'2020-01-01 00:00:00'",
    "event": "'Edited'",
    "who": "'slack:T1:U9'",
    "source": "'evt_9'",
    "state_before": "'closed'",
    "state_after": "'closed'",
    "why_after": "'stopped'",
    "revision_before": "7",
    "revision_after": "7",
    "policy_version": "7",
    "effects": "'[\"send/case_1/9\"]'",
    "refused": "'closed'",
    "seen": "'0'",
    "text_digest": "'0'",
    "previous": "'0'",
    "digest": "'0'",
}
ALTERED_TEXTS = {"case_id": "'case_2'", "sequence": "99", "salt": "'0'", "body": "'{}'"}
ALTERED_HEADS = {"journal_length": "2", "journal_digest": "'0'"}
# SQLite takes anything into any column.
GARBAGE = {
    "at": "'yesterday'",
    "effects": "'['",
    "sequence": "'x'",
    "revision_after": "x'00'",
    "who": "x'ff'",
}


@pytest.fixture
async def stage(database: Database) -> Database:
    """A case with three things in its journal, and a second one with one."""
    life, other = in_review(), in_review()
    key = replace(other.case.key, customer="cus_2")
    await added(database, life.case)
    await added(database, replace(other.case, id=CaseId("case_2"), key=key))
    async with database.begin() as link:
        for event in (
            Replied(at=life.at),
            Approved(at=life.at, who=ANA, revision=0, seen="abc"),
            # The same moment on another clock is the same moment.
            Replied(at=life.at.astimezone(timezone(timedelta(hours=5, minutes=30)))),
        ):
            await happens(link, life, event)
        await happens(link, other, Replied(at=other.at), CaseId("case_2"))
    return database


async def happens(link: Link, life: Life, event: AnyEvent, case_id: CaseId = ID) -> Head:
    locked = await cases.lock(link, case_id, event.at)
    assert locked is not None
    taken = step(locked.case, event, life.standing, POLICY)
    head = await journal.append(link, locked, event, taken, policy_version=3, source="evt_1")
    await cases.save_head(link, case_id, head)
    return head


async def damage(link: Link, case_id: str = ID) -> list[tuple[int, Damage]]:
    found = await verify.one(link, case_id)
    assert found is not None
    return [(flaw.sequence, flaw.damage) for flaw in found.flaws]


async def everywhere(stage: Database) -> list[tuple[str, int, Damage]]:
    found = [checked.flaws async for checked in verify.every(stage)]
    return [(one.case_id, one.sequence, one.damage) for flaws in found for one in flaws]


async def alter(stage: Database, *statements: str) -> None:
    """As somebody would who has the database's password, foreign keys or not."""
    async with stage.begin() as link:
        if stage.is_sqlite:
            await link.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            await link.execute(text(statement))


async def test_what_happened_is_read_back_in_order_with_who_and_what(stage: Database) -> None:
    async with stage.read() as link:
        first, second, third = await journal.entries(link, ID)
    assert (first.event, first.who, first.source) == ("Replied", "system", "evt_1")
    assert (first.state_before, first.state_after) == ("in_review", "by_hand")
    assert (second.event, second.who, second.refused, second.seen) == (
        "Approved",
        ANA,
        "stale",
        "abc",
    )
    assert (first.sequence, second.sequence, third.sequence) == ROWS
    assert first.effects == ("show/case_1/slack",)
    assert second.text is not None
    assert ANA in second.text
    assert await everywhere(stage) == []


def test_every_column_is_tried() -> None:
    assert set(ALTERED) == set(journal_table.columns.keys())
    assert set(ALTERED_TEXTS) == set(journal_texts.columns.keys())
    heads = {one.name for one in cases_table.columns if one.name.startswith("journal_")}
    assert set(ALTERED_HEADS) == heads


@pytest.mark.parametrize(
    ("table", "altered"),
    [("journal", ALTERED), ("journal_texts", ALTERED_TEXTS)],
)
async def test_any_single_altered_column_of_any_row_is_found(
    stage: Database, table: str, altered: dict[str, str]
) -> None:
    missed = []
    async with stage.begin() as link:
        for column, value in altered.items():
            for row in ROWS:
                point = await link.begin_nested()
                await link.execute(text("DELETE FROM journal_texts WHERE case_id = 'case_2'"))
                if table == "journal":
                    await link.execute(text("DELETE FROM journal WHERE case_id = 'case_2'"))
                changed = f"UPDATE {table} SET {column} = {value}"  # noqa: S608
                await link.execute(text(f"{changed} WHERE case_id = 'case_1' AND sequence = {row}"))
                if not await damage(link):
                    missed.append((column, row))
                await point.rollback()
    assert missed == []
    assert await everywhere(stage) == []


@pytest.mark.parametrize(("column", "value"), ALTERED_HEADS.items())
async def test_an_altered_head_is_found(stage: Database, column: str, value: str) -> None:
    await alter(stage, f"UPDATE cases SET {column} = {value} WHERE id = 'case_1'")  # noqa: S608
    [(case_id, sequence, _)] = await everywhere(stage)
    assert (case_id, sequence) == (ID, 3)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("column", "value"), GARBAGE.items())
async def test_what_cannot_even_be_read_is_found_and_does_not_stop_the_reading(
    stage: Database, column: str, value: str
) -> None:
    await alter(stage, f"UPDATE journal SET {column} = {value} WHERE sequence = 2")  # noqa: S608
    assert (ID, Damage.ALTERED_ROW) in [(one[0], one[2]) for one in await everywhere(stage)]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (1, (1, Damage.MISSING_ROW)),
        (2, (2, Damage.MISSING_ROW)),
        (3, (3, Damage.MISSING_END)),
    ],
)
@pytest.mark.parametrize("with_text", [True, False])
async def test_a_dropped_row_is_found_wherever_it_stood(
    stage: Database, row: int, found: tuple[int, Damage], with_text: bool
) -> None:
    where = f"WHERE case_id = 'case_1' AND sequence = {row}"
    await alter(stage, f"DELETE FROM journal {where}")  # noqa: S608
    if with_text:
        await alter(stage, f"DELETE FROM journal_texts {where}")  # noqa: S608
    strays = [] if with_text else [(ID, row, Damage.STRAY_TEXT)]
    first, *rest = await everywhere(stage)
    assert first == (ID, *found)
    assert [one for one in rest if one[2] is not Damage.NOT_NEXT] == strays


async def test_a_wholly_dropped_record_is_found(stage: Database) -> None:
    await alter(stage, "DELETE FROM journal_texts", "DELETE FROM journal")
    assert await everywhere(stage) == [
        (ID, 0, Damage.NO_RECORD),
        ("case_2", 0, Damage.NO_RECORD),
    ]


async def test_swapped_rows_are_found(stage: Database) -> None:
    await alter(
        stage,
        "UPDATE journal SET sequence = 9 WHERE sequence = 1 AND case_id = 'case_1'",
        "UPDATE journal SET sequence = 1 WHERE sequence = 2 AND case_id = 'case_1'",
        "UPDATE journal SET sequence = 2 WHERE sequence = 9 AND case_id = 'case_1'",
    )
    assert {one[1] for one in await everywhere(stage)} >= {1, 2}


async def test_an_added_row_is_found_even_with_the_right_digests(stage: Database) -> None:
    async with stage.begin() as link:
        locked = await cases.lock(link, ID, in_review().at)
        assert locked is not None
        event = Approved(at=in_review().at, who=ANA, revision=0)
        taken = step(locked.case, event, in_review().standing, POLICY)
        await journal.append(link, locked, event, taken, policy_version=3)
    assert await everywhere(stage) == [(ID, 4, Damage.ADDED_ROW)]


async def test_a_row_written_anew_with_its_digest_does_not_lead_to_the_next(
    stage: Database,
) -> None:
    async with stage.begin() as link:
        second = and_(journal_table.c.case_id == ID, journal_table.c.sequence == 2)
        row = (await link.execute(select(journal_table).where(second))).mappings().one()
        forged = dict(row) | {"who": "slack:T1:U9"}
        forged |= {"digest": chain.digest(forged)}
        await link.execute(journal_table.update().where(second).values(forged))
    assert await everywhere(stage) == [(ID, 3, Damage.NOT_NEXT)]


@pytest.mark.parametrize("column", ["salt", "body"])
async def test_an_altered_text_is_found(stage: Database, column: str) -> None:
    where = "WHERE case_id = 'case_1' AND sequence = 2"
    await alter(stage, f"UPDATE journal_texts SET {column} = 'x' {where}")  # noqa: S608
    assert await everywhere(stage) == [(ID, 2, Damage.ALTERED_TEXT)]


async def test_texts_that_changed_places_are_found(stage: Database) -> None:
    of_case = "AND case_id = 'case_1'"
    await alter(
        stage,
        f"UPDATE journal_texts SET sequence = 9 WHERE sequence = 1 {of_case}",  # noqa: S608
        f"UPDATE journal_texts SET sequence = 1 WHERE sequence = 3 {of_case}",  # noqa: S608
        f"UPDATE journal_texts SET sequence = 3 WHERE sequence = 9 {of_case}",  # noqa: S608
    )
    assert await everywhere(stage) == [
        (ID, 1, Damage.ALTERED_TEXT),
        (ID, 3, Damage.ALTERED_TEXT),
    ]


async def test_a_text_that_is_gone_without_an_erasure_is_found(stage: Database) -> None:
    await alter(stage, "DELETE FROM journal_texts WHERE sequence = 2")
    assert await everywhere(stage) == [(ID, 2, Damage.MISSING_TEXT)]


async def test_a_row_moved_to_another_case_is_found_in_both(stage: Database) -> None:
    await alter(stage, "UPDATE journal SET case_id = 'case_2' WHERE sequence = 3")
    found = await everywhere(stage)
    assert (ID, 3, Damage.MISSING_END) in found
    assert ("case_2", 3, Damage.ALTERED_ROW) in found


async def test_erasing_keeps_the_chain_whole_and_what_comes_after_keeps_no_text(
    stage: Database,
) -> None:
    life = in_review()
    async with stage.begin() as link:
        await happens(link, life, Erased(at=life.at, who=ANA))
        await journal.erase_texts(link, ID)
    assert await everywhere(stage) == []
    async with stage.read() as link:
        entries = await journal.entries(link, ID)
    assert [(one.event, one.text) for one in entries][-1] == ("Erased", None)
    assert [one.text for one in entries] == [None] * 4


async def test_an_altered_row_of_an_erased_case_is_still_found(stage: Database) -> None:
    life = in_review()
    async with stage.begin() as link:
        await happens(link, life, Erased(at=life.at, who=ANA))
        await journal.erase_texts(link, ID)
    await alter(stage, "UPDATE journal SET who = 'nobody' WHERE event = 'Erased'")
    assert (ID, 4, Damage.ALTERED_ROW) in await everywhere(stage)


async def test_rows_that_an_older_program_added_are_taken_up_by_the_next(stage: Database) -> None:
    life = in_review()
    head = "UPDATE cases SET journal_length = {}, journal_digest = '{}' WHERE id = 'case_1'"
    async with stage.begin() as link:
        locked = await cases.lock(link, ID, in_review().at)
        assert locked is not None
        await happens(link, life, Replied(at=life.at))
        await link.execute(text(head.format(locked.head.length, locked.head.digest)))
    async with stage.begin() as link:
        assert (await happens(link, life, Replied(at=life.at))).length == 5
    assert await everywhere(stage) == []


async def test_links_which_open_a_payment_page_are_never_kept(stage: Database) -> None:
    life = in_review()
    look = Looked(
        at=life.at,
        revision=1,
        facts=life.facts(),
        links={"in_1": "https://secret.example/pay"},  # type: ignore[dict-item]
    )
    async with stage.begin() as link:
        await happens(link, life, look)
        entry = (await journal.entries(link, ID))[-1]
    assert entry.text is not None
    assert "secret.example" not in entry.text
    assert "in_1" in entry.text
