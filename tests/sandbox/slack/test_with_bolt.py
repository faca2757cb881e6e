"""The loopback Slack and Bolt understand each other: a press, a modal, a whisper, an event."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import SystemClock
from bot.sandbox.slack import Channel, Slack, User, render_text
from tests.sandbox.slack.stage import actions, asks, button, modal, section

Ack = Callable[..., Awaitable[None]]


# Bolt compares a request's age with the machine's clock.
@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    slack = Slack(SystemClock())
    await slack.start()
    yield slack
    await slack.stop()


@pytest.fixture
async def bolt(slack: Slack, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    quiet = logging.getLogger("tests.bolt")
    quiet.setLevel(logging.CRITICAL)
    bolt = AsyncApp(
        client=client,
        signing_secret=slack.signing_secret,
        process_before_response=True,
        logger=quiet,
    )

    async def listen(request: web.Request) -> web.Response:
        answer = await bolt.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    app = web.Application()
    app.router.add_post("/slack/events", listen)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.bot_url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield bolt
    await runner.cleanup()


async def test_a_press_opens_a_modal_whose_words_reach_the_card(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bolt: AsyncApp
) -> None:
    @bolt.action("edit")
    async def edit(ack: Ack, body: dict[str, Any]) -> None:
        await client.views_open(
            trigger_id=body["trigger_id"],
            view=modal(asks("body"), callback_id="edited", private_metadata=posted["ts"]),
        )
        await ack()

    @bolt.view("edited")
    async def edited(ack: Ack, view: dict[str, Any]) -> None:
        words = view["state"]["values"]["body"]["text"]["value"]
        if "link" not in words:
            await ack(response_action="errors", errors={"body": "No link"})
            return
        ts = view["private_metadata"]
        await client.chat_update(channel=desk.id, ts=ts, text=words, blocks=[section(words)])
        await ack()

    posted = await client.chat_postMessage(
        channel=desk.id, text="Card", blocks=[actions(button("edit"))]
    )
    assert (await slack.press(ana.id, desk.id, posted["ts"], "edit")).problem is None
    view = next(iter(slack.state.views.values()))
    await slack.submit_view(ana.id, view.id, {"body": "no"})
    assert view.errors == {"body": "No link"}
    answer = await slack.submit_view(ana.id, view.id, {"body": "with a link"})
    assert answer.problem is None
    assert not view.is_open
    assert render_text(slack.messages(desk.id)[0]) == "with a link"


async def test_a_command_is_answered_at_its_response_url(
    slack: Slack, desk: Channel, ana: User, bolt: AsyncApp
) -> None:
    @bolt.command("/dunning")
    async def dunning(ack: Ack, respond: Callable[..., Awaitable[object]]) -> None:
        await respond("Nothing waits")
        await ack()

    assert (await slack.command(ana.id, desk.id, "/dunning")).problem is None
    assert [e.text for e in slack.state.ephemerals] == ["Nothing waits"]


async def test_the_home_is_published_when_it_is_opened(
    client: AsyncWebClient, slack: Slack, ana: User, bolt: AsyncApp
) -> None:
    @bolt.event("app_home_opened")
    async def home(event: dict[str, Any]) -> None:
        view = {"type": "home", "blocks": [section("Welcome")]}
        await client.views_publish(user_id=event["user"], view=view)

    assert (await slack.open_home(ana.id)).problem is None
    assert [render_text(view) for view in slack.state.views.values()] == ["Welcome"]


async def test_a_wrong_signature_is_turned_away(slack: Slack, bolt: AsyncApp) -> None:
    assert bolt.name
    answer = await slack.post_signed(b"payload={}", secret="other")
    assert answer.status == 401
