"""Slack set up wrongly: it is said where one looks, by the setting's name, until it is mended."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.review import actions
from bot.sandbox.slack import Fault
from bot.sandbox.town import Houses, Town
from bot.words import say
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.test_first_day import got

SOON = timedelta(minutes=1)
SELDOM = timedelta(minutes=15)
PATIENCE = 60  # real seconds, for a machine that is busy

pytestmark = ONE_DATABASE


async def becomes(town: Town, waiting_for: list[str]) -> None:
    """Ask until /readyz says so: the watch's own questions cross real sockets too."""
    said = "[" + ", ".join(f'"{one}"' for one in waiting_for) + "]"
    async with asyncio.timeout(PATIENCE):
        while said not in (await got(f"{town.url}/readyz"))[1]:
            pass
    assert (await got(f"{town.url}/readyz"))[0] == (503 if waiting_for else 200)


async def shows(town: Town, name: str, code: str) -> None:
    page = (await got(town.url))[1]
    assert f"<code>{name}</code> {say('en', f'wrong.{code}')}" in page.replace("&#x27;", "'")
    assert "Everything is set." not in page


async def looks_again(town: Town, times: int) -> None:
    """Let minutes pass until the watch has asked so many times more."""
    until = len(town.slack.calls("auth.test")) + times
    async with asyncio.timeout(PATIENCE):
        while len(town.slack.calls("auth.test")) < until:
            town.clock.move(SOON)
            await got(f"{town.url}/healthz")


async def is_mended(town: Town) -> None:
    # The first may have been asked before it was mended.
    await looks_again(town, 2)
    await becomes(town, [])
    assert "Everything is set." in (await got(town.url))[1]


def archived(houses: Houses) -> None:
    houses.review.is_archived = not houses.review.is_archived


def public(houses: Houses) -> None:
    houses.review.is_private = not houses.review.is_private


def shared(houses: Houses) -> None:
    houses.review.is_ext_shared = not houses.review.is_ext_shared


def without_the_bot(houses: Houses) -> None:
    bot, members = houses.slack.state.bot_user, houses.review.members
    (members.remove if bot in members else members.append)(bot)


def revoked(houses: Houses) -> None:
    houses.slack.token_error = None if houses.slack.token_error else "token_revoked"


def unknown_token(houses: Houses) -> None:
    houses.slack.token_error = None if houses.slack.token_error else "invalid_auth"


def inactive(houses: Houses) -> None:
    houses.slack.token_error = None if houses.slack.token_error else "account_inactive"


def without_scope(houses: Houses) -> None:
    houses.slack.state.scopes ^= {"groups:read"}


def without_writing(houses: Houses) -> None:
    houses.slack.state.scopes ^= {"chat:write"}


def without_history(houses: Houses) -> None:
    houses.slack.state.scopes ^= {"groups:history"}


Toggle = Callable[[Houses], None]
BY_NAME: list[tuple[Toggle, str, str]] = [
    (archived, "REVIEW_CHANNEL", "channel_not_found"),
    (public, "REVIEW_CHANNEL", "channel_not_found"),
    (shared, "REVIEW_CHANNEL", "channel_not_private"),
    (without_the_bot, "REVIEW_CHANNEL", "channel_not_found"),
    (revoked, "SLACK_BOT_TOKEN", "token_revoked"),
    (unknown_token, "SLACK_BOT_TOKEN", "invalid_auth"),
    (inactive, "SLACK_BOT_TOKEN", "account_inactive"),
    (without_scope, "SLACK_BOT_TOKEN", "missing_scope"),
    (without_writing, "SLACK_BOT_TOKEN", "missing_scope"),
    (without_history, "SLACK_BOT_TOKEN", "missing_scope"),
]
BY_ID: list[tuple[Toggle, str]] = [
    (archived, "is_archived"),
    (public, "channel_not_private"),
    (shared, "channel_not_private"),
    (without_the_bot, "channel_not_found"),
]


@pytest.mark.parametrize(("toggle", "name", "code"), BY_NAME)
async def test_what_is_wrong_from_the_start_is_named_until_it_is_mended(
    build: Towns, standing: Houses, toggle: Toggle, name: str, code: str
) -> None:
    toggle(standing)
    async with build(among=standing) as story:
        await becomes(story.town, ["slack"])
        await shows(story.town, name, code)
        toggle(standing)
        await is_mended(story.town)


@pytest.mark.parametrize(("toggle", "code"), BY_ID)
async def test_a_channel_given_by_its_id_is_told_what_is_wrong_with_it(
    build: Towns, standing: Houses, toggle: Toggle, code: str
) -> None:
    toggle(standing)
    async with build(among=standing, REVIEW_CHANNEL=standing.review.id) as story:
        await becomes(story.town, ["slack"])
        await shows(story.town, "REVIEW_CHANNEL", code)
        toggle(standing)
        await is_mended(story.town)


async def test_a_misspelt_vip_channel_is_named_and_logged_once_each_way(
    build: Towns, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="bot"):
        async with build(VIP_CHANNEL="vip-acounts") as story:
            await becomes(story.town, ["slack"])
            await shows(story.town, "VIP_CHANNEL", "channel_not_found")
            await looks_again(story.town, 3)
            await becomes(story.town, ["slack"])
            story.town.slack.add_channel("vip-acounts")
            await is_mended(story.town)
    said = [(one.msg, vars(one)["fields"]) for one in caplog.records if "slack_setting" in one.msg]
    fields = {"name": "VIP_CHANNEL", "code": "channel_not_found"}
    assert said == [("slack_setting_wrong", fields), ("slack_setting_mended", fields)]


async def test_it_is_noticed_within_a_minute_when_mended_and_a_quarter_of_an_hour_when_broken(
    build: Towns, standing: Houses
) -> None:
    revoked(standing)
    async with build(among=standing) as story:
        await becomes(story.town, ["slack"])
        revoked(standing)
        story.town.clock.move(SOON)
        await becomes(story.town, [])
        revoked(standing)
        story.town.clock.move(SELDOM)
        await becomes(story.town, ["slack"])
        await shows(story.town, "SLACK_BOT_TOKEN", "token_revoked")


async def test_webhooks_are_kept_while_slack_is_wrong_and_their_card_comes_afterwards(
    build: Towns, standing: Houses
) -> None:
    revoked(standing)
    async with build(among=standing) as story:
        await becomes(story.town, ["slack"])
        await story.failed()
        assert story.town.cards() == []
        revoked(standing)
        await story.town.later(timedelta(hours=2))
        assert actions.APPROVE in story.buttons(story.town.cards()[-1])


async def test_a_code_that_we_have_no_words_for_is_said_itself(
    build: Towns, standing: Houses
) -> None:
    standing.slack.fault("auth.test", Fault(error="ekm_access_denied"))
    async with build(among=standing) as story:
        await becomes(story.town, ["slack"])
        said = say("en", "wrong.other", code="ekm_access_denied")
        assert said in (await got(story.town.url))[1]
        await is_mended(story.town)


async def test_an_address_where_no_slack_is_is_named(build: Towns, standing: Houses) -> None:
    elsewhere = f"{standing.stripe.api_base}/api/"
    async with build(among=standing, SLACK_API_URL=elsewhere) as story:
        await becomes(story.town, ["slack"])
        await shows(story.town, "SLACK_API_URL", "not_slack")


async def test_an_address_where_nobody_is_is_named(build: Towns) -> None:
    async with build(SLACK_API_URL="http://127.0.0.1:9/api/") as story:
        async with asyncio.timeout(PATIENCE):
            while (await got(f"{story.town.url}/readyz"))[0] == 200:
                story.town.clock.move(timedelta(seconds=1))  # it takes a breath between two tries
        await becomes(story.town, ["slack"])
        await shows(story.town, "SLACK_API_URL", "no_answer")


async def test_a_slack_that_answered_once_and_is_silent_now_is_no_wrong_setting(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        await becomes(story.town, [])
        standing.slack.fault("auth.test", Fault(drop=True), times=None)
        await looks_again(story.town, 3)
        await becomes(story.town, [])
