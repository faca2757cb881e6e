"""An answer that takes longer is announced at once, and follows where Slack wants it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from aiohttp import web

from bot.review.deciding import Deciding
from bot.sandbox.slack import Slack
from bot.words import words
from tests.review.counter import Counter, Everybody


async def asked_late(counter: Counter, url: str) -> str:
    """What is told at once; the answer follows when Slack has said who it is."""
    counter.patience, counter.people.known = 0.0, asyncio.Event()
    answer = await counter.asks("help", response_url=url)
    counter.people.known.set()
    await asyncio.gather(*counter.unfinished)
    return str(answer["text"])


@asynccontextmanager
async def served(status: int, hits: list[str], **headers: str) -> AsyncIterator[str]:
    """A Slack that answers all that is posted to it like this."""

    async def take(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response(status=status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield "http://{}:{}".format(*runner.addresses[0][:2])
    await runner.cleanup()


def test_something_is_answered_within_a_second() -> None:
    assert Deciding.__dataclass_fields__["patience"].default < 1


async def test_a_slow_answer_follows_at_the_response_url_in_their_language(slack: Slack) -> None:
    ana = slack.add_user("ana")
    desk = slack.add_channel("desk", members=[ana])
    url = slack.state.response_url(ana.id, desk.id)
    counter = Counter(people=Everybody(locale="fr"), slack_api=slack.api_url)
    assert await asked_late(counter, url) == words("en")["command.one_moment"]
    [told] = slack.state.ephemerals
    assert (told.user, told.text) == (ana.id, words("fr")["help.title"])


async def test_a_late_answer_follows_no_redirect() -> None:
    hits: list[str] = []
    async with served(HTTPStatus.TEMPORARY_REDIRECT, hits, Location="/elsewhere") as base:
        await asked_late(Counter(slack_api=f"{base}/api/"), f"{base}/response/x")
    assert hits == ["/response/x"]


async def test_a_late_answer_is_never_posted_to_a_stranger(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hits: list[str] = []
    async with served(HTTPStatus.OK, hits) as base:
        await asked_late(Counter(), f"{base}/response/x")
    assert hits == []
    assert "late_answer_failed" in caplog.text


async def test_a_slack_that_is_gone_by_then_is_only_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    api = "http://127.0.0.1:1/api/"
    await asked_late(Counter(slack_api=api), "http://127.0.0.1:1/response/x")
    assert "late_answer_failed" in caplog.text


async def test_a_bot_that_stops_still_gives_an_answer_that_was_announced(slack: Slack) -> None:
    ana = slack.add_user("ana")
    url = slack.state.response_url(ana.id, slack.add_channel("desk", members=[ana]).id)
    known = asyncio.Event()
    counter = Counter(people=Everybody(known=known), slack_api=slack.api_url, patience=0.0)
    await counter.asks("help", response_url=url)
    known.set()

    await counter.asking().deciding.finish(within=60)

    assert [told.text for told in slack.state.ephemerals] == [words("en")["help.title"]]


async def test_a_bot_that_stops_does_not_wait_for_an_answer_that_never_comes() -> None:
    counter = Counter(people=Everybody(known=asyncio.Event()), patience=0.0)
    await counter.asks("help", response_url="http://127.0.0.1:1/response/x")

    await counter.asking().deciding.finish(within=0.01)

    assert not counter.unfinished
