import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot.case.arrival import Arrival
from bot.case.events import News
from bot.errors import OutsideTrouble
from bot.intake.group_commit import MOST, GroupCommit


def arrival(number: int) -> Arrival:
    return Arrival(
        id=f"evt_{number}",
        type="invoice.paid",
        created=datetime(2026, 11, 23, tzinfo=UTC),
        livemode=False,
        account="",
        news=News.CHANGE,
        customer="cus_1",
    )


@dataclass
class Database:
    """Each commit waits for `go`, so that a test says what comes while one runs."""

    go: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    began: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    commits: list[list[str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    async def store(self, arrivals: Sequence[Arrival]) -> None:
        self.began.release()
        await self.go.acquire()
        ids = [one.id for one in arrivals]
        if self.broken & set(ids):
            raise ConnectionError("gone")
        self.commits.append(ids)


def remembering(group: GroupCommit, *numbers: int) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(group.remember(arrival(number))) for number in numbers]


async def test_those_that_wait_together_share_one_commit() -> None:
    database = Database()
    group = GroupCommit(database.store)
    first = remembering(group, 1)
    await database.began.acquire()
    later = remembering(group, 2, 3, 4)
    database.go.release()
    await database.began.acquire()
    assert first[0].done()
    assert not any(one.done() for one in later)
    database.go.release()
    await asyncio.gather(*later)
    assert database.commits == [["evt_1"], ["evt_2", "evt_3", "evt_4"]]


async def test_a_lone_arrival_does_not_wait_for_company() -> None:
    database = Database()
    database.go.release()
    await GroupCommit(database.store).remember(arrival(1))
    assert database.commits == [["evt_1"]]


async def test_a_failed_commit_fails_those_in_it_and_no_others() -> None:
    database = Database(broken={"evt_2"})
    group = GroupCommit(database.store)
    [first] = remembering(group, 1)
    await database.began.acquire()
    together = remembering(group, 2, 3)
    for _ in range(2):
        database.go.release()
    results = await asyncio.gather(first, *together, return_exceptions=True)
    assert results[0] is None
    assert [type(one) for one in results[1:]] == [OutsideTrouble] * 2
    database.go.release()
    await group.remember(arrival(3))
    assert database.commits == [["evt_1"], ["evt_3"]]


async def test_a_request_that_goes_away_takes_nobody_with_it() -> None:
    database = Database()
    group = GroupCommit(database.store)
    [first] = remembering(group, 1)
    await database.began.acquire()
    gone, stays = remembering(group, 2, 3)
    await asyncio.sleep(0)
    first.cancel()
    gone.cancel()
    for _ in range(2):
        database.go.release()
    await stays
    assert database.commits[-1][-1] == "evt_3"
    assert database.commits[0] == ["evt_1"]


async def test_a_flood_is_cut_into_inserts_that_a_database_can_take() -> None:
    database = Database()
    group = GroupCommit(database.store)
    everybody = remembering(group, *range(MOST + 1))
    for _ in range(2):
        database.go.release()
    await asyncio.gather(*everybody)
    assert [len(one) for one in database.commits] == [MOST, 1]


async def test_closing_answers_all_that_was_taken_and_takes_nothing_more() -> None:
    database = Database()
    group = GroupCommit(database.store)
    waiting = remembering(group, 1)
    await database.began.acquire()
    closing = asyncio.create_task(group.close())
    database.go.release()
    await closing
    assert [one.done() for one in waiting] == [True]
    with pytest.raises(OutsideTrouble):
        await group.remember(arrival(2))


async def test_closing_before_anything_came_is_quiet() -> None:
    await GroupCommit(Database().store).close()


async def test_a_writer_that_is_cancelled_leaves_nobody_waiting() -> None:
    database = Database()
    group = GroupCommit(database.store)
    [first] = remembering(group, 1)
    await database.began.acquire()
    [second] = remembering(group, 2)
    await asyncio.sleep(0)
    assert group._writer
    group._writer.cancel()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(one) for one in results] == [OutsideTrouble] * 2
