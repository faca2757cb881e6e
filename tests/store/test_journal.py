"""The journal: append-only, and any single altered row is found."""

from datetime import timedelta, timezone

import pytest
from sqlalchemy import text

from bot.case.events import Approved, Erased, Looked, Replied
from bot.case.ids import CaseId
from bot.case.machine import step
from bot.store import journal
from bot.store.db import Database
from tests.case.examples import in_review
from tests.case.life import ANA, POLICY
from tests.store.test_cases import added

ID = CaseId("case_1")
ALTERED = {
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


@pytest.fixture
async def stage(database: Database) -> Database:
    """A case with three things in its journal."""
    life = in_review()
    await added(database, life.case)
    told = [
        Replied(at=life.at),
        Approved(at=life.at, who=ANA, revision=0, seen="abc"),
        # The same moment on another clock is the same moment.
        Replied(at=life.at.astimezone(timezone(timedelta(hours=5, minutes=30)))),
    ]
    for event in told:
        taken = step(life.case, event, life.standing, POLICY)
        async with database.begin() as link:
            await journal.append(link, life.case, event, taken, policy_version=3, source="evt_1")
    return database


async def breaks(stage: Database) -> list[int]:
    async with stage.read() as link:
        return await journal.broken(link, ID)


async def alter(stage: Database, statement: str) -> None:
    async with stage.begin() as link:
        if stage.is_sqlite:
            await link.execute(text("PRAGMA defer_foreign_keys = ON"))
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
    assert (first.sequence, second.sequence, third.sequence) == (1, 2, 3)
    assert first.effects == ("show/case_1/slack",)
    assert second.text is not None
    assert ANA in second.text
    assert await breaks(stage) == []


def test_every_column_is_tried() -> None:
    assert {*ALTERED, "case_id"} == set(journal.journal.columns.keys())


async def test_any_single_altered_column_of_any_row_is_found(stage: Database) -> None:
    missed = []
    async with stage.begin() as link:
        for column, value in ALTERED.items():
            for row in (1, 2, 3):
                altered = await link.begin_nested()
                changed = f"UPDATE journal SET {column} = {value} WHERE sequence = {row}"  # noqa: S608
                await link.execute(text(changed))
                if not await journal.broken(link, ID):
                    missed.append((column, row))
                await altered.rollback()
    assert missed == []
    assert await breaks(stage) == []


@pytest.mark.parametrize("column", ["salt", "body"])
async def test_an_altered_text_is_found(stage: Database, column: str) -> None:
    await alter(stage, f"UPDATE journal_texts SET {column} = 'x' WHERE sequence = 2")  # noqa: S608
    assert await breaks(stage) == [2]


async def test_a_dropped_row_is_found(stage: Database) -> None:
    await alter(stage, "DELETE FROM journal WHERE sequence = 2")
    assert await breaks(stage)


async def test_a_row_moved_to_another_case_is_found_there(stage: Database) -> None:
    life = in_review()
    async with stage.begin() as link:
        await link.execute(
            text(
                "INSERT INTO cases (id, account, livemode, customer, state, version, opened_at,"
                " body) SELECT 'case_2', account, livemode, 'cus_2', state, version, opened_at,"
                " body FROM cases"
            )
        )
    await alter(stage, "UPDATE journal SET case_id = 'case_2' WHERE sequence = 3")
    async with stage.read() as link:
        assert await journal.broken(link, CaseId("case_2")) == [3]
    assert life.case.id == ID


async def test_erasing_the_texts_keeps_the_chain_whole(stage: Database) -> None:
    async with stage.begin() as link:
        await journal.erase_texts(link, ID)
    assert await breaks(stage) == []
    async with stage.read() as link:
        entries = await journal.entries(link, ID)
        left = await link.execute(text("SELECT count(*) FROM journal_texts"))
    assert [one.text for one in entries] == [None, None, None]
    assert left.scalar() == 0


async def test_what_comes_after_an_erasure_keeps_no_text(stage: Database) -> None:
    life = in_review()
    erased = Erased(at=life.at, who=ANA)
    async with stage.begin() as link:
        gone = step(life.case, erased, life.standing, POLICY)
        await journal.append(link, life.case, erased, gone, policy_version=3)
    async with stage.read() as link:
        last = (await journal.entries(link, ID))[-1]
    assert (last.event, last.who, last.text) == ("Erased", ANA, None)
    assert await breaks(stage) == []


async def test_links_which_open_a_payment_page_are_never_kept(database: Database) -> None:
    life = in_review()
    await added(database, life.case)
    look = Looked(
        at=life.at,
        revision=1,
        facts=life.facts(),
        links={"in_1": "https://secret.example/pay"},  # type: ignore[dict-item]
    )
    async with database.begin() as link:
        taken = step(life.case, look, life.standing, POLICY)
        await journal.append(link, life.case, look, taken, policy_version=3)
        [entry] = await journal.entries(link, ID)
    assert entry.text is not None
    assert "secret.example" not in entry.text
    assert "in_1" in entry.text
