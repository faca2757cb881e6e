"""The first day: settings are missing, or the database is not there yet; the program says so."""

import asyncio

import aiohttp
import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.town import town
from migrations.run import upgrade
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import Story


async def got(url: str, *, post: bool = False) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.request("POST" if post else "GET", url) as answer,
    ):
        return answer.status, await answer.text()


@ONE_DATABASE
@pytest.mark.parametrize(
    "missing",
    [
        ["STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"],
        ["REVIEW_CHANNEL"],
        ["MAIL_URL", "MAIL_FROM", "COMPANY_NAME"],
    ],
)
async def test_without_settings_the_page_names_them_and_nothing_is_taken(
    build: Towns, missing: list[str]
) -> None:
    async with build(**dict.fromkeys(missing, "")) as story:
        status, page = await got(story.town.url)
        assert status == 200
        for name in missing:
            assert f"<code>{name}</code>" in page
        assert "whsec_" not in page
        assert (await got(f"{story.town.url}/healthz"))[0] == 200
        assert (await got(f"{story.town.url}/readyz"))[0] == 503
        assert (await got(f"{story.town.url}/stripe/webhook", post=True))[0] == 503
        assert (await got(f"{story.town.url}/slack/events", post=True))[0] == 503


async def test_with_everything_set_it_is_ready(story: Story) -> None:
    status, page = await got(story.town.url)
    assert (status, "Everything is set." in page) == (200, True)
    assert (await got(f"{story.town.url}/readyz"))[0] == 200


@ONE_DATABASE
async def test_in_test_mode_the_page_says_that_nobody_is_mailed(build: Towns) -> None:
    for address, told in (("", True), ("ana@example.com", False)):
        async with build(TEST_MAIL_TO=address) as story:
            _, page = await got(story.town.url)
            assert ("TEST_MAIL_TO is not set" in page) is told


async def test_until_the_database_is_migrated_everything_is_503_and_then_it_starts(
    database_url: str, clock: MovableClock
) -> None:
    async with town(database_url, clock) as found:
        story = Story(found)
        story.world.fail_payment(story.subscribed())
        events = found.stripe.take()
        refused = [await found.stripe.deliver(event) for event in events]
        assert {one.status for tries in refused for one in tries} == {503}
        assert (await got(f"{found.url}/readyz"))[0] == 503
        page = (await got(found.url))[1]
        assert "python -m bot migrate" in page
        assert "Everything is set. " not in page
        await asyncio.to_thread(upgrade, database_url)
        while found.running.parts is None:
            clock.skip()
            await asyncio.sleep(0)
        for event in events:
            await found.stripe.deliver(event)
        await found.settle()
        assert len(found.cards()) == 1
