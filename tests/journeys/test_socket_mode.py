"""Slack without a public address: everything that people do comes over a connection we opened."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.review import actions
from bot.running import Running
from bot.sandbox.slack import Fault
from bot.sandbox.town import Houses, Town
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import UNDO, Story, until
from tests.journeys.test_first_day import got
from tests.journeys.test_slack_setup import PATIENCE, SOON, becomes


@asynccontextmanager
async def by_socket(build: Towns, standing: Houses, **settings: str) -> AsyncIterator[Story]:
    """A bot that has an app-level token and no signing secret: no request could be let in."""
    token = standing.slack.sockets.app_token
    with_token = {"SLACK_APP_TOKEN": token, "SLACK_SIGNING_SECRET": ""} | settings
    async with build(among=standing, **with_token) as story:
        yield story


async def is_open(town: Town, connections: int = 1) -> None:
    """So many connections were opened, and one of them stands."""
    sockets = town.slack.sockets
    async with asyncio.timeout(PATIENCE):
        await until(lambda: sockets.opened >= connections and sockets.open > 0)


async def test_a_letter_is_approved_and_leaves_without_a_request_from_slack(
    build: Towns, standing: Houses
) -> None:
    async with by_socket(build, standing) as story:
        await story.failed()
        await story.approve()
        assert len(story.mailed()) == 1
        assert "Sent to " in story.card()
        assert (await standing.slack.post_signed(b"payload={}")).status == 404
    kinds = {(one.type, len(one.answers)) for one in standing.slack.sockets.envelopes}
    assert kinds == {("interactive", 1)}


@ONE_DATABASE
async def test_a_modal_is_sent_back_with_its_mistakes_on_the_fields(
    build: Towns, standing: Houses
) -> None:
    async with by_socket(build, standing) as story:
        await story.failed(locales=["en"], currency="eur")
        await story.edits(body="Please pay [amount].")
        assert set(story.errors()) == {"body"}
        await story.submits(body="Please pay [amount] here: [pay link]")
        assert story.modal() == ""
        assert "Please pay €" in story.card()


@ONE_DATABASE
async def test_a_command_is_answered_and_the_home_is_drawn(build: Towns, standing: Houses) -> None:
    async with by_socket(build, standing) as story:
        assert "/dunning" in await story.commands("help")
        assert (
            await story.town.passing(standing.slack.open_home(story.people.maya.id))
        ).problem is None
        assert len(standing.slack.calls("views.publish")) == 1
    kinds = [one.type for one in standing.slack.sockets.envelopes]
    assert kinds == ["slash_commands", "events_api"]


@ONE_DATABASE
async def test_a_press_that_is_not_allowed_changes_nothing(build: Towns, standing: Houses) -> None:
    async with by_socket(build, standing) as story:
        await story.failed()
        await story.press(actions.APPROVE, who=story.people.guest)
        assert story.asks()


@ONE_DATABASE
async def test_a_connection_that_breaks_is_replaced_and_nothing_pressed_is_lost(
    build: Towns, standing: Houses
) -> None:
    async with by_socket(build, standing) as story:
        await story.failed()
        await is_open(story.town)
        standing.slack.sockets.drop()
        await story.approve()
        standing.slack.sockets.drop()
        await is_open(story.town, 2)
        assert len(story.mailed()) == 1
        assert story.whispers() == []


@ONE_DATABASE
@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_connection_that_slack_replaces_is_followed_by_another_at_once(
    build: Towns, standing: Houses, reason: str
) -> None:
    async with by_socket(build, standing) as story:
        await story.failed()
        await is_open(story.town)
        await standing.slack.sockets.say_goodbye(reason, then_close=reason != "warning")
        await is_open(story.town, 2)
        async with asyncio.timeout(PATIENCE):
            await until(lambda: standing.slack.sockets.open == 1)
        await story.approve()
        assert len(story.mailed()) == 1


@ONE_DATABASE
async def test_a_token_that_slack_does_not_take_is_told_and_holds_nothing_up(
    build: Towns, standing: Houses, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="bot"):
        async with by_socket(build, standing, SLACK_APP_TOKEN="xapp-1-wrong") as story:
            await becomes(story.town, ["slack"])
            page = (await got(story.town.url))[1]
            assert "<code>SLACK_APP_TOKEN</code> opens no connection to Slack" in page
            assert "(its code: invalid_auth)" in page
            await story.failed()
            assert story.asks()  # cards need only the bot's token
            asked = len(standing.slack.calls("apps.connections.open"))
            standing.slack.sockets.app_token = "xapp-1-wrong"
            async with asyncio.timeout(PATIENCE):
                while len(standing.slack.calls("apps.connections.open")) == asked:
                    story.town.clock.move(SOON)
                    await got(f"{story.town.url}/healthz")
            await becomes(story.town, [])
            await story.approve()
            assert len(story.mailed()) == 1
    said = [(one.msg, vars(one)["fields"]) for one in caplog.records if "slack_setting" in one.msg]
    fields = {"name": "SLACK_APP_TOKEN", "code": "invalid_auth"}
    assert said == [("slack_setting_wrong", fields), ("slack_setting_mended", fields)]
    assert "xapp-1-wrong" not in caplog.text


@ONE_DATABASE
async def test_a_worker_by_itself_opens_no_connection(build: Towns, standing: Houses) -> None:
    async with by_socket(build, standing) as story:
        await is_open(story.town)
        asked = len(standing.slack.calls("auth.test"))
        worker = Running(story.town.config, standing.clock)
        async for _ in worker.lifetime():
            await until(lambda: len(standing.slack.calls("auth.test")) > asked)
            await worker.parts.worker.idle()  # type: ignore[union-attr]
            assert standing.slack.sockets.open == 1


@ONE_DATABASE
async def test_a_slack_that_is_away_at_the_start_is_connected_when_it_is_back(
    build: Towns, standing: Houses
) -> None:
    standing.slack.fault("apps.connections.open", Fault(status=503), times=2)
    standing.slack.fault("apps.connections.open", Fault(retry_after=30), times=1)
    standing.slack.fault("apps.connections.open", Fault(drop=True), times=1)
    async with by_socket(build, standing) as story:
        await story.failed()
        async with asyncio.timeout(PATIENCE):
            while not standing.slack.sockets.open:
                story.town.clock.move(timedelta(seconds=1))
                await asyncio.sleep(0)
        assert [one for one in standing.slack.calls("apps.connections.open") if one.early] == []
        await story.approve()
        assert len(story.mailed()) == 1


async def test_the_end_of_a_process_finishes_what_was_pressed_and_leaves_the_rest_to_another(
    build: Towns, standing: Houses
) -> None:
    async with by_socket(build, standing) as story:
        await story.failed()
        press = story.finger_on(actions.APPROVE)
        standing.slack.fault("users.info", Fault(delay=1), times=1)
        pressing = asyncio.create_task(standing.slack.send_payload(press))
        await until(lambda: bool(standing.slack.calls("users.info")))
        socket = story.town.parts.socket
        assert socket is not None
        socket.patience = PATIENCE
        await story.town.passing(socket.stop())
        assert (await pressing).problem is None
        assert standing.slack.sockets.open == 0
    async with by_socket(build, standing) as story:
        await story.town.later(UNDO)
        assert len(story.mailed()) == 1
