"""The outbox: one ready and one claimed row a key, fences, and hand-overs that happen once."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.util import await_only

from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.ids import CaseId
from bot.case.model import State
from bot.errors import CaseMoved
from bot.store import cases, due, outbox, waiting
from bot.store.db import Database
from bot.store.effect_rows import Claim
from tests.case.examples import drafting
from tests.case.life import NOON
from tests.databases import POSTGRESQL
from tests.store.test_cases import added, case

T = TypeVar("T")

ID = CaseId("case_1")
GATHER, DRAFT, SHOW = Gather(case_id=ID), Draft(case_id=ID, revision=1), Show(case_id=ID)
LOOK, HAND_OVER = Look(case_id=ID, revision=1), HandOver(case_id=ID, revision=1)
ROOM = dict.fromkeys(("gather", "draft", "show", "look", "tell", "hand_over"), 10)
# On SQLite one writes at a time.
ON_POSTGRESQL = pytest.mark.parametrize("databases", [POSTGRESQL], indirect=True)
WAITING_FOR_US = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")


@pytest.fixture
async def stage(database: Database) -> Database:
    await added(database, case())
    return database


async def add(
    stage: Database, effect: Effect, owner: str | None = None, now: datetime = NOON
) -> Claim | None:
    async with stage.begin() as link:
        return await outbox.add(link, effect, now=now, owner=owner)


async def claim(stage: Database, owner: str = "ada", now: datetime = NOON) -> list[Claim]:
    async with stage.begin() as link:
        return await outbox.claim(link, now=now, owner=owner, room=ROOM)


async def finish(stage: Database, one: Claim, state: str = "done") -> bool:
    async with stage.begin() as link:
        return await outbox.finish(link, one, state=state, now=NOON)


async def give_back(
    stage: Database, one: Claim, due: datetime = NOON, trouble: str | None = None
) -> bool:
    async with stage.begin() as link:
        return await outbox.give_back(link, one, due=due, trouble=trouble)


@pytest.mark.parametrize("effect", [GATHER, DRAFT, SHOW, LOOK, Tell(case_id=ID, lost="x/1")])
async def test_an_effect_is_claimed_as_it_was_written(stage: Database, effect: Effect) -> None:
    await add(stage, effect)
    [found] = await claim(stage)
    assert (found.effect, found.owner, found.attempt, found.failures) == (effect, "ada", 1, 0)
    assert await claim(stage, "ben") == []


async def test_a_ready_row_stands_for_all_its_likes(stage: Database) -> None:
    for _ in range(5):
        await add(stage, GATHER)
    assert len(await claim(stage)) == 1


async def anew(doing: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Whoever a deadlock was broken at the cost of begins anew, as the bot does."""
    while True:
        try:
            return await doing()
        except CaseMoved:
            continue


@ON_POSTGRESQL
async def test_a_card_claimed_while_its_like_is_given_back_knows_that_it_may_stand_already(
    stage: Database,
) -> None:
    """A worker died after it posted; its claim is swept up while somebody presses."""
    dead = await add(stage, SHOW, "ada")
    assert dead is not None
    async with stage.begin() as link:
        await outbox.give_back(link, dead, due=NOON, trouble="abandoned")
        adding = asyncio.create_task(add(stage, SHOW, "ben"))
        while not (await link.execute(WAITING_FOR_US)).scalar_one():
            pass
    found = await adding
    claims = [found] if found else await claim(stage, "ben")
    assert [one.effect for one in claims] == [replace(SHOW, again=True)]


@ON_POSTGRESQL
@pytest.mark.parametrize("owner", [None, "ben"])
async def test_what_is_added_while_its_like_is_being_claimed_is_done_once_more(
    stage: Database, owner: str | None
) -> None:
    await add(stage, SHOW)
    async with stage.begin() as link:
        [first] = await outbox.claim(link, now=NOON, owner="ada", room=ROOM)
        adding = asyncio.create_task(add(stage, SHOW, owner))
        while not (await link.execute(WAITING_FOR_US)).scalar_one():
            pass
    assert await adding is None
    assert await finish(stage, first)
    assert len(await claim(stage, "ben")) == 1


@ON_POSTGRESQL
@pytest.mark.parametrize("owner", [None, "ben"])
async def test_a_row_that_stands_for_a_change_is_not_claimed_before_the_change_is_there(
    stage: Database, owner: str | None
) -> None:
    await add(stage, SHOW)
    async with stage.begin() as link:
        await outbox.add(link, SHOW, now=NOON, owner=owner)
        assert await claim(stage) == []
    assert len(await claim(stage)) == (1 if owner is None else 0)


@ON_POSTGRESQL
async def test_one_that_came_back_while_its_like_was_written_may_be_claimed_meanwhile(
    stage: Database,
) -> None:
    """The writer and whoever claims what came back must not wait for each other."""
    first = await add(stage, SHOW, "ada")
    assert first is not None
    turns: list[asyncio.Task[list[Claim]]] = []
    async with stage.begin() as link:

        async def is_claimed() -> None:
            turns.append(asyncio.create_task(claim(stage, "cat")))
            while not (await link.execute(WAITING_FOR_US)).scalar_one():
                pass

        def before(*statement: object) -> None:
            if str(statement[2]).startswith("INSERT"):
                await_only(give_back(stage, first, NOON, "slack_down"))

        def after(*statement: object) -> None:
            if str(statement[2]).startswith("INSERT"):
                await_only(is_claimed())

        event.listen(link.sync_connection, "before_cursor_execute", before)
        event.listen(link.sync_connection, "after_cursor_execute", after)
        taken = await outbox.add(link, SHOW, now=NOON, owner="ben")
    assert taken is not None
    assert taken.effect == replace(SHOW, again=True)
    assert await turns[0] == []


async def test_while_one_is_in_hand_its_like_waits(stage: Database) -> None:
    await add(stage, GATHER)
    [first] = await claim(stage)
    await add(stage, GATHER)
    assert await claim(stage, "ben") == []
    async with stage.read() as link:
        assert not await due.kinds(link, NOON)
    assert await finish(stage, first)
    [second] = await claim(stage, "ben")
    assert second.id != first.id


async def test_an_effect_taken_along_is_claimed_at_once(stage: Database) -> None:
    taken = await add(stage, GATHER, owner="ada")
    assert taken is not None
    assert (taken.owner, taken.attempt) == ("ada", 1)
    assert await add(stage, GATHER, owner="ben") is None  # its like is in hand: one waits
    assert await finish(stage, taken)
    assert len(await claim(stage)) == 1


async def test_an_effect_taken_along_takes_the_row_that_waits(stage: Database) -> None:
    await add(stage, GATHER)
    taken = await add(stage, GATHER, owner="ada")
    assert taken is not None
    assert await finish(stage, taken)
    assert await claim(stage) == []


async def test_what_is_put_off_is_not_taken_along_sooner(stage: Database) -> None:
    await add(stage, GATHER)
    [first] = await claim(stage)
    await give_back(stage, first, NOON + timedelta(minutes=1), "down")
    assert await add(stage, GATHER, owner="ada") is None
    assert await claim(stage) == []


async def test_a_reading_that_may_wait_is_due_later(stage: Database) -> None:
    soon = NOON + timedelta(seconds=1)
    assert await add(stage, Gather(case_id=ID, due=soon), owner="ada") is None
    assert await claim(stage) == []
    assert len(await claim(stage, now=soon)) == 1


async def test_words_are_asked_for_once_a_revision(stage: Database) -> None:
    await add(stage, DRAFT)
    [one] = await claim(stage)
    await finish(stage, one)
    await add(stage, DRAFT)
    assert await add(stage, DRAFT, owner="ada") is None
    assert await claim(stage) == []


async def test_many_workers_claim_each_effect_once(stage: Database) -> None:
    for number in range(30):
        await add(stage, Draft(case_id=ID, revision=number))

    async def some(owner: str) -> list[Claim]:
        async with stage.begin() as link:
            return await outbox.claim(link, now=NOON, owner=owner, room={"draft": 8})

    shares = await asyncio.gather(*(some(f"w{number}") for number in range(6)))
    taken = [one.id for share in shares for one in share]
    assert len(taken) == len(set(taken))
    assert (
        len(taken)
        + len(await claim(stage, "rest"))
        + len(await claim(stage, "rest"))
        + len(await claim(stage, "rest"))
        == 30
    )


async def test_likes_written_taken_and_given_back_by_many_at_once_are_never_two_in_hand(
    stage: Database,
) -> None:
    in_hand = 0

    async def work(owner: str) -> None:
        nonlocal in_hand
        for turn in range(8):
            taken = await anew(lambda: add(stage, SHOW, owner=owner))
            for one in [taken] if taken else await anew(lambda: claim(stage, owner)):
                in_hand += 1
                assert in_hand == 1
                await asyncio.sleep(0)
                in_hand -= 1
                end = give_back if turn % 3 else finish
                assert await anew(partial(end, stage, one))

    await asyncio.gather(*(work(f"w{number}") for number in range(6)))


async def test_room_is_kept_for_each_kind(stage: Database) -> None:
    for number in range(5):
        await add(stage, Draft(case_id=ID, revision=number))
    await add(stage, SHOW)
    async with stage.begin() as link:
        found = await outbox.claim(link, now=NOON, owner="ada", room={"draft": 2, "show": 1})
    assert [one.effect for one in found] == [replace(DRAFT, revision=0), DRAFT, SHOW]


async def test_who_lost_a_claim_can_neither_finish_nor_give_back_nor_bury(stage: Database) -> None:
    await add(stage, GATHER)
    [lost] = await claim(stage)
    await give_back(stage, lost, NOON, "abandoned")
    [held] = await claim(stage, "ben")
    assert not await finish(stage, lost)
    assert not await give_back(stage, lost, NOON, "late")
    async with stage.begin() as link:
        assert not await outbox.bury(link, lost, trouble="late", now=NOON)
    assert held.failures == 1
    assert await finish(stage, held)


async def test_given_back_beside_a_newer_like_one_goes_on_and_knows_of_the_failure(
    stage: Database,
) -> None:
    await add(stage, SHOW)
    [first] = await claim(stage)
    await add(stage, SHOW)
    later = NOON + timedelta(seconds=9)
    assert await give_back(stage, first, later, "slack_down")
    assert await claim(stage) == []
    [second] = await claim(stage, now=later)
    assert second.failures == 1
    assert second.effect == Show(case_id=ID, again=True)


async def test_a_card_that_was_tried_before_says_so(stage: Database) -> None:
    await add(stage, SHOW)
    [first] = await claim(stage)
    assert first.effect == SHOW
    await give_back(stage, first, NOON, "dropped")
    [again] = await claim(stage)
    assert again.effect == Show(case_id=ID, again=True)


async def test_a_hand_over_is_born_in_hand_and_claimed_by_nobody(stage: Database) -> None:
    born = await add(stage, replace(HAND_OVER, links={}), owner="ada")
    assert born is not None
    assert (born.owner, born.attempt) == ("ada", 1)
    assert await claim(stage, "ben", NOON + timedelta(days=1)) == []


@pytest.mark.parametrize("state", ["not_sent", "unknown"])
async def test_a_hand_over_is_born_again_where_it_did_not_arrive(
    stage: Database, state: str
) -> None:
    born = await add(stage, HAND_OVER, owner="ada")
    assert born is not None
    assert await finish(stage, born, state)
    again = await add(stage, HAND_OVER, owner="ben")
    assert again is not None
    assert (again.id, again.attempt) == (born.id, born.attempt + 1)
    assert not await finish(stage, born, "sent")


@pytest.mark.parametrize("state", ["sending", "sent"])
async def test_a_hand_over_is_never_born_twice(stage: Database, state: str) -> None:
    born = await add(stage, HAND_OVER, owner="ada")
    assert born is not None
    if state != "sending":
        await finish(stage, born, state)
    with pytest.raises(IntegrityError):
        await add(stage, HAND_OVER, owner="ben")


async def test_ready_effects_that_the_case_has_no_use_for_are_cancelled(stage: Database) -> None:
    life = drafting()
    now, old = DRAFT, replace(DRAFT, revision=0)
    for effect in (now, old, LOOK, GATHER, SHOW):
        await add(stage, effect)
    async with stage.begin() as link:
        await waiting.cancel_unwanted(link, life.case, NOON)
    assert {one.effect for one in await claim(stage)} == {now, GATHER, SHOW}


async def test_a_dead_letter_waits_for_nobody(stage: Database) -> None:
    await add(stage, GATHER)
    [one] = await claim(stage)
    await add(stage, SHOW, now=NOON + timedelta(seconds=5))
    async with stage.begin() as link:
        assert await outbox.bury(link, one, trouble="poison", now=NOON)
        assert await waiting.oldest_due(link, NOON + timedelta(seconds=9)) == NOON + timedelta(
            seconds=5
        )
        found = await cases.load(link, ID)
    assert found is not None
    assert found.state is State.WAITING


async def test_a_card_after_one_that_was_given_up_looks_for_it_first(stage: Database) -> None:
    await add(stage, SHOW)
    [one] = await claim(stage)
    async with stage.begin() as link:
        await outbox.bury(link, one, trouble="no_answer", now=NOON)
    await add(stage, SHOW)
    [again] = await claim(stage)
    assert isinstance(again.effect, Show)
    assert again.effect.again
    assert again.id == one.id
