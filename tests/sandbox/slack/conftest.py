"""A loopback Slack, its SDK client, a person, a channel and a bot that listens."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User
from tests.sandbox.slack.stage import Bot, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def slack(clock: HandClock) -> AsyncIterator[Slack]:
    slack = Slack(clock)
    await slack.start()
    yield slack
    await slack.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session


@pytest.fixture
def client(slack: Slack, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(
        token=slack.token, base_url=slack.api_url, session=session, retry_handlers=[]
    )


@pytest.fixture
def ana(slack: Slack) -> User:
    return slack.add_user("ana", email="ana@example.com")


@pytest.fixture
def desk(slack: Slack, ana: User) -> Channel:
    return slack.add_channel("dunning", members=[ana])


@pytest.fixture
async def bot(slack: Slack) -> AsyncIterator[Bot]:
    bot = Bot()
    app = web.Application()
    app.router.add_post("/slack/events", bot.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.bot_url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield bot
    await runner.cleanup()
