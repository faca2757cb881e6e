"""Claim, perform, report: what fails is tried again or told, and nothing is lost or doubled."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.case.effects import Draft, Gather, HandOver, Look, Show
from bot.case.model import InvoiceId, State
from bot.errors import BillingTrouble, ChannelTrouble
from bot.store.arrival_rows import ArrivalClaim
from bot.store.effect_rows import LEASE
from bot.work import Room, Work
from tests.case.life import POLICY
from tests.databases import ONE_DATABASE
from tests.office import KEY, Office, offices


@pytest.fixture
async def office(migrated_url: str) -> AsyncIterator[Office]:
    async with offices(migrated_url, "ada") as [one]:
        yield one


@pytest.fixture
async def two(migrated_url: str) -> AsyncIterator[list[Office]]:
    async with offices(migrated_url, "ada", "ben") as both:
        yield both


class Fails:
    """Raises so many times, then works."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.left = error, times

    async def __call__(self) -> None:
        if self.left:
            self.left -= 1
            raise self.error


class Hangs:
    """Waits until it is let go."""

    def __init__(self) -> None:
        self.began, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> None:
        self.began.set()
        await self.go.wait()


async def test_a_letter_goes_its_whole_way_and_is_mailed_once(office: Office) -> None:
    case = await office.in_review()
    await office.approve()
    done = await office.later(timedelta(seconds=31))
    assert (done.state, done.sent, done.notice) == (State.WAITING, 1, 2)
    assert office.outside.mailed == [f"send/{case.id}/1"]
    assert {state for _, state in await office.rows()} == {"done", "sent"}


async def test_what_fails_is_tried_again_later_and_then_works(office: Office) -> None:
    office.outside.before[Gather] = Fails(BillingTrouble("down"), 3)
    await office.comes()
    for _ in range(3):
        assert (await office.idle()).state is State.WAITING
        office.clock.move(timedelta(minutes=1))
    assert (await office.idle()).state is State.IN_REVIEW


@ONE_DATABASE
async def test_nobody_waits_less_than_the_other_side_asked(office: Office) -> None:
    office.outside.before[Gather] = Fails(BillingTrouble("rate", retry_after=300), 1)
    await office.comes()
    assert (await office.idle()).facts is None
    assert (await office.later(timedelta(seconds=290))).facts is None
    assert (await office.later(timedelta(seconds=20))).facts is not None


@ONE_DATABASE
async def test_what_cannot_be_mended_is_given_up_soon_and_the_team_is_told_once(
    office: Office,
) -> None:
    office.outside.before[Gather] = Fails(BillingTrouble("authentication", permanent=True), 99)
    await office.comes()
    for _ in range(20):
        case = await office.later(timedelta(minutes=2))
    assert office.outside.told == ["stripe/authentication"]
    assert (f"gather/{case.id}", "failed") in await office.rows()


@ONE_DATABASE
async def test_what_one_system_holds_up_is_told_once_for_all_cases_and_again_a_day_later(
    office: Office,
) -> None:
    office.outside.before[Gather] = Fails(BillingTrouble("authentication", permanent=True), 99)
    for number in range(3):
        office.worker._arrived = _Of(office, f"cus_{number}")  # type: ignore[assignment]
        await office.comes(number, customer=f"cus_{number}", invoice=InvoiceId(f"in_{number}"))
        await office.worker.idle()
    for _ in range(30):
        office.clock.move(timedelta(minutes=30))
        await office.worker.idle()
    assert office.outside.told == ["stripe/authentication"]


@ONE_DATABASE
async def test_an_outage_is_told_once_and_its_work_goes_on_within_minutes_of_its_end(
    office: Office,
) -> None:
    office.outside.before[Gather] = Fails(BillingTrouble("down"), 10_000)
    await office.comes()
    for _ in range(120):
        await office.later(timedelta(minutes=1))
    assert office.outside.told == ["stripe/down"]
    office.outside.before.clear()
    assert (await office.later(timedelta(minutes=6))).state is State.IN_REVIEW


@ONE_DATABASE
async def test_a_mistake_of_our_own_is_told_of_each_case(office: Office) -> None:
    office.outside.before[Gather] = Fails(ValueError("odd"), 10_000)
    await office.comes()
    for _ in range(20):
        case = await office.later(timedelta(minutes=2))
    assert office.outside.told == [f"gather/{case.id}"]


@ONE_DATABASE
async def test_news_that_cannot_be_read_is_told_once_whatever_came(office: Office) -> None:
    office.worker._arrived = _Fails()  # type: ignore[assignment]
    for number in range(5):
        await office.comes(number)
    for _ in range(30):
        office.clock.move(timedelta(minutes=5))
        await office.worker.idle()
    (told,) = office.outside.told
    assert told.endswith(": down")


class _Fails:
    async def __call__(self, _claim: object) -> object:
        raise BillingTrouble("down")


@ONE_DATABASE
async def test_a_dead_letter_gets_another_chance_an_hour_later(office: Office) -> None:
    office.outside.before[Gather] = Fails(BillingTrouble("authentication", permanent=True), 2)
    await office.comes()
    for _ in range(5):
        await office.later(timedelta(seconds=10))
    assert office.outside.told
    assert (await office.later(timedelta(hours=1, seconds=10))).state is State.IN_REVIEW


async def test_an_event_that_cannot_be_handled_is_put_off_and_loses_nothing(
    migrated_url: str,
) -> None:
    async with offices(migrated_url, "ada") as [office]:
        office.worker._arrived = _FailsFirst(office)
        await office.comes()
        await office.worker.idle()
        async with office.database.read() as link:
            assert (await link.execute(text("SELECT count(*) FROM cases"))).scalar() == 0
        assert (await office.later(timedelta(seconds=5))).state is State.IN_REVIEW


class _FailsFirst:
    def __init__(self, office: Office) -> None:
        self.office, self.first = office, True

    async def __call__(self, claim: object) -> object:
        if self.first:
            self.first = False
            raise BillingTrouble("down")
        return await self.office._arrived(claim)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Gather, HandOver])
async def test_one_damaged_case_stops_nobody_elses_work(
    two: list[Office], kind: type[Gather | HandOver]
) -> None:
    dead, ben = two
    dead.outside.before[kind] = Hangs()
    if kind is HandOver:
        await dead.in_review()
        await dead.approve()
        dead.clock.move(timedelta(seconds=31))
    else:
        await dead.comes()
    running = asyncio.create_task(dead.worker.idle())
    await dead.outside.before[kind].began.wait()  # type: ignore[attr-defined]
    running.cancel()  # what hangs goes on hanging; it looks for nothing new
    await asyncio.gather(running, return_exceptions=True)
    async with ben.database.begin() as link:
        await link.execute(text("UPDATE cases SET body = '{}'"))
    del dead.outside.before[kind]
    for one in two:
        one.worker._arrived = _Of(one, "cus_2")  # type: ignore[assignment]
    ben.outside.invoices = (replace(ben.outside.invoices[0], id=InvoiceId("in_2")),)
    ben.clock.move(2 * LEASE)
    await ben.comes(2, customer="cus_2", invoice=InvoiceId("in_2"))
    await ben.worker.idle()
    other = await ben.memory.open_case(replace(KEY, customer="cus_2"))
    assert other is not None
    assert other.state is State.IN_REVIEW


class _Of:
    def __init__(self, office: Office, customer: str) -> None:
        self.office, self.key = office, replace(KEY, customer=customer)

    async def __call__(self, claim: ArrivalClaim) -> object:
        return await self.office.casework.arrived(claim, self.key, take=self.office._take)


async def test_a_hand_over_that_breaks_is_a_question_and_never_repeated(office: Office) -> None:
    await office.in_review()
    await office.approve()
    office.outside.before[HandOver] = Fails(ValueError("broke"), 99)
    case = await office.later(timedelta(seconds=31))
    assert case.state is State.UNCLEAR
    assert office.outside.calls.count(f"send/{case.id}/1") == 1
    await office.later(timedelta(minutes=10))
    assert office.outside.calls.count(f"send/{case.id}/1") == 1


async def test_stopping_gives_back_what_does_not_finish(two: list[Office]) -> None:
    ada, ben = two
    ada.worker.patience = 0.05
    hangs = Hangs()
    ada.outside.before[Draft] = hangs
    await ada.comes()
    running = asyncio.create_task(ada.worker.run())
    await hangs.began.wait()
    await ada.worker.stop()
    await running
    case = await ada.case()
    assert await ada.rows("draft/%") == [(f"draft/{case.id}/1", "ready")]
    hangs.go.set()
    assert (await ben.idle()).state is State.IN_REVIEW


async def test_stopping_waits_for_what_finishes_in_time_and_takes_nothing_new(
    office: Office,
) -> None:
    hangs = Hangs()
    office.outside.before[Draft] = hangs
    await office.comes()
    running = asyncio.create_task(office.worker.run())
    await hangs.began.wait()
    stopping = asyncio.create_task(office.worker.stop())
    await asyncio.sleep(0)
    hangs.go.set()
    await stopping
    await running
    case = await office.case()
    assert case.state is State.IN_REVIEW
    assert case.shown == ()
    assert (f"show/{case.id}/slack", "ready") in await office.rows()


async def test_stopping_waits_for_a_round_no_longer_than_patience_lasts(office: Office) -> None:
    began = asyncio.Event()

    async def never_ends() -> list[Work]:
        began.set()
        await asyncio.Event().wait()
        return []

    office.worker._rounds = (never_ends,)
    office.worker.patience = 0.05
    running = asyncio.create_task(office.worker.run())
    await began.wait()
    async with asyncio.timeout(30):
        await office.worker.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_worker_that_dies_between_claim_and_report_loses_nothing(
    two: list[Office],
) -> None:
    dead, ben = two
    await dead.comes()
    arrivals, _ = await dead.queue.claimed({"arrival": 8})
    assert arrivals
    ben.clock.move(LEASE + timedelta(seconds=6))
    await ben.idle()
    assert (await ben.case()).state is State.IN_REVIEW


@pytest.mark.parametrize("kind", [Gather, Draft, Show, Look])
async def test_a_worker_that_dies_while_performing_is_replaced(
    two: list[Office], kind: type[Gather | Draft | Show | Look]
) -> None:
    dead, ben = two
    hangs = Hangs()
    dead.outside.before[kind] = hangs
    if kind is Look:
        await dead.in_review()
        await dead.approve()
        dead.clock.move(timedelta(seconds=31))
    else:
        await dead.comes()
    running = asyncio.create_task(dead.worker.run())
    await hangs.began.wait()
    running.cancel()
    for task in list(dead.worker._tasks):
        task.cancel()
    await asyncio.gather(running, return_exceptions=True)
    dead.outside.before.clear()
    case = await ben.later(LEASE + timedelta(seconds=6))
    if kind is Look:
        assert (case.state, case.sent) == (State.WAITING, 1)
    else:
        assert (case.state, len(case.shown)) == (State.IN_REVIEW, 1)


async def test_what_a_living_worker_has_in_hand_is_not_taken_away(two: list[Office]) -> None:
    ada, ben = two
    await ben.worker.idle()  # a process alone on SQLite takes over at its start only
    hangs = Hangs()
    ada.outside.before[Draft] = hangs
    await ada.comes()
    running = asyncio.create_task(ada.worker.run())
    await hangs.began.wait()
    for _ in range(8):
        ada.clock.move(timedelta(seconds=11))
        await ada.sweep.round()
        await ben.idle()
    hangs.go.set()
    await ada.worker.stop()
    await running
    assert ada.outside.calls.count(f"draft/{(await ada.case()).id}/1") == 1


async def test_two_workers_on_one_database_do_each_thing_once(two: list[Office]) -> None:
    await two[0].comes()
    await asyncio.gather(*(one.worker.idle() for one in two))
    await two[0].approve()
    two[0].clock.move(timedelta(seconds=31))
    await asyncio.gather(*(one.worker.idle() for one in two))
    case = await two[0].idle()
    assert (case.state, two[0].outside.mailed) == (State.WAITING, [f"send/{case.id}/1"])


async def test_while_paused_nobody_looks_and_nothing_leaves(migrated_url: str) -> None:
    async with offices(migrated_url, "ada", policy=replace(POLICY, paused=True)) as [office]:
        case = await office.in_review()
        await office.approve()
        await office.later(timedelta(seconds=31))
        assert await office.rows("look/%") == [(f"look/{case.id}/1", "ready")]
        expired = await office.later(timedelta(hours=24))
        assert expired.state is State.IN_REVIEW
        assert office.outside.mailed == []
        assert f"look/{case.id}/1" not in office.outside.calls


async def test_a_process_does_so_much_at_once_and_no_more(migrated_url: str) -> None:
    async with offices(migrated_url, "ada", room=Room(draft=0)) as [office]:
        await office.comes()
        case = await office.idle()
        assert case.state is State.DRAFTING
        assert await office.rows("draft/%") == [(f"draft/{case.id}/1", "ready")]


async def test_a_card_that_could_not_be_posted_is_posted_with_a_look_for_the_first_try(
    office: Office,
) -> None:
    office.outside.before[Show] = Fails(ChannelTrouble("dropped"), 1)
    await office.comes()
    assert (await office.idle()).shown == ()
    assert len((await office.later(timedelta(seconds=5))).shown) == 1


async def test_the_loop_goes_on_after_a_round_that_failed(office: Office) -> None:
    failed = False

    async def breaks() -> list[object]:
        nonlocal failed
        if not failed:
            failed = True
            raise ValueError("broke")
        return []

    office.worker._rounds = (breaks, *office.worker._rounds)  # type: ignore[assignment]
    hangs = Hangs()
    office.outside.before[Gather] = hangs
    await office.comes()
    running = asyncio.create_task(office.worker.run())
    await hangs.began.wait()
    hangs.go.set()
    await office.worker.stop()
    await running
    assert failed
