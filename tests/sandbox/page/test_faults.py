"""What goes wrong at a switch, goes right again at the same one; real processes throughout."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.review import actions
from bot.sandbox.page.cast import AOIFE, FRENCH, LONG_STANDING, SPANISH
from bot.sandbox.page.opening import opened
from bot.sandbox.page.resident import State, Why
from tests.databases import ONE_DATABASE, SqliteFiles
from tests.sandbox.page.visitor import Room, Visitor, until, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT_ONCE = {"UNDO_SECONDS": "0"}


@dataclass(kw_only=True)
class Stage:
    visitor: Visitor
    room: Room


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stage(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """One desk for these tests: each has a customer of its own, and heals what it broke."""
    with sqlite_files.migrated(tmp_path_factory.mktemp("desk")) as url:
        async with opened(url, settings=AT_ONCE) as site, visiting(site.url) as visitor:
            yield Stage(visitor=visitor, room=Room(site))


@ONE_DATABASE
async def test_a_bot_killed_between_send_and_commit_asks_and_never_sends_again(
    migrated_url: str,
) -> None:
    async with opened(migrated_url, settings=AT_ONCE) as site, visiting(site.url) as visitor:
        room, mails = Room(site), site.desk.houses.mailbox.mails
        await visitor.fails()
        await visitor.do("faults.set", name="kill_between", on=True)
        assert (await visitor.screen("faults"))["on"] == ["kill_between"]
        await room.press(actions.APPROVE)
        await until(lambda: site.desk.bot.state is State.DOWN)
        shown = await visitor.screen("faults")
        assert (shown["bot"], shown["why"], shown["on"]) == (State.DOWN, Why.KILLED, [])
        assert len(mails) == 1

        await visitor.do("faults.start")
        await visitor.do("clock.move", unit="hour")  # past the lease of whoever was killed
        await room.card(actions.ARRIVED)
        await visitor.do("clock.move", unit="day")
        assert len(mails) == 1
        await room.press(actions.ARRIVED)
        await until(lambda: not room.offers(actions.ARRIVED))
        await visitor.do("clock.move", unit="day")
        assert len(mails) == 1


async def test_slack_down_and_back_loses_nothing(stage: Stage) -> None:
    visitor, room = stage.visitor, stage.room
    before = len(room.cards())
    await visitor.do("faults.set", name="slack_down", on=True)
    await visitor.do("faults.set", name="slack_busy", on=True)
    await visitor.fails(FRENCH.name)
    await until(lambda: [one for one in room.houses.slack.state.calls if one.status == 503])
    await visitor.do("faults.set", name="slack_down", on=False)
    await visitor.do("clock.move", unit="hour")
    await until(lambda: [one for one in room.houses.slack.state.calls if one.status == 429])
    assert len(room.cards()) == before
    assert (await visitor.screen("faults"))["on"] == ["slack_busy"]
    await visitor.do("faults.set", name="slack_busy", on=False)
    await visitor.do("clock.move", unit="hour")
    card = await room.card()
    assert FRENCH.name in room.told()
    assert card in room.cards()[before:]


async def test_stripe_down_and_the_mail_server_down_are_waited_out(stage: Stage) -> None:
    visitor, room, mails = stage.visitor, stage.room, stage.room.houses.mailbox.mails
    await visitor.do("faults.set", name="stripe_down", on=True)
    await visitor.fails(SPANISH.name)
    await until(lambda: [one for one in room.houses.stripe.calls if one.status == 500])
    assert SPANISH.name not in room.told()
    await visitor.do("faults.set", name="stripe_down", on=False)
    await visitor.do("clock.move", unit="hour")
    await until(lambda: SPANISH.name in room.told())

    await visitor.do("faults.set", name="mail_down", on=True)
    before = len(mails)
    await room.press(actions.APPROVE)
    await visitor.do("clock.move", unit="hour")
    assert len(mails) == before
    await visitor.do("faults.set", name="mail_down", on=False)
    await visitor.do("clock.move", unit="hour")
    await until(lambda: len(mails) == before + 1)


async def test_what_a_malicious_model_writes_reaches_nobody(stage: Stage) -> None:
    visitor, room, model = stage.visitor, stage.room, stage.room.houses.model
    await visitor.do("faults.mood", mood="malicious")
    assert (await visitor.screen("faults"))["mood"] == "malicious"
    asked = len(model.requests)
    await visitor.fails(LONG_STANDING.name)
    await until(lambda: LONG_STANDING.name in room.told())
    assert len(model.requests) > asked
    assert "broke a rule" in room.told()
    await visitor.do("faults.mood", mood="sensible")


async def test_a_channel_shared_with_another_company_has_its_stranger_until_it_is_not(
    stage: Stage,
) -> None:
    review, stranger = stage.room.houses.review, stage.room.desk.stranger.id
    for _ in range(2):  # two tabs press the same switch
        await stage.visitor.do("faults.set", name="slack_shared", on=True)
    assert review.is_ext_shared
    assert review.members.count(stranger) == 1
    await stage.visitor.do("faults.set", name="slack_shared", on=False)
    assert not review.is_ext_shared
    assert stranger not in review.members


async def test_the_bot_is_ended_and_started_by_hand_and_that_is_shown(stage: Stage) -> None:
    visitor = stage.visitor
    await visitor.do("faults.stop")
    shown = await visitor.screen("faults")
    assert (shown["bot"], shown["why"]) == (State.DOWN, Why.STOPPED)
    await visitor.do("faults.restart")
    assert (await visitor.screen("faults"))["bot"] == State.UP


@pytest.mark.parametrize(
    ("act", "given"),
    [("set", {"name": "earthquake", "on": True}), ("set", {}), ("mood", {"mood": "drunk"})],
)
async def test_a_fault_that_does_not_exist_is_said_so(
    stage: Stage, act: str, given: dict[str, object]
) -> None:
    answer = await stage.visitor.tries(f"faults.{act}", **given)
    assert answer["problem"]["key"] == "faults.unknown"


async def test_the_story_goes_on_after_all_that(stage: Stage) -> None:
    await stage.visitor.fails(AOIFE.name)
    await until(lambda: AOIFE.name in stage.room.told())
