"""Answering at a response_url."""

from datetime import timedelta

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User
from tests.sandbox.slack.stage import Bot, HandClock, actions, button, card, section


async def answer_at(url: str, **body: object) -> tuple[int, str]:
    async with aiohttp.request("POST", url, json=body) as response:
        return response.status, await response.text()


async def test_a_response_url_whispers_replaces_and_deletes(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    ts = await card(client, desk, actions(button()))
    await slack.press(ana.id, desk.id, ts, "approve")
    url = bot.payload()["response_url"]
    assert await answer_at(url, text="Only you") == (200, "ok")
    assert slack.state.ephemerals[-1].text == "Only you"
    assert await answer_at(url, text="Done", replace_original=True) == (200, "ok")
    assert slack.messages(desk.id)[0].text == "Done"
    assert slack.messages(desk.id)[0].blocks == []
    assert await answer_at(url, delete_original=True) == (200, "ok")
    assert slack.messages(desk.id) == []


async def test_a_whisper_can_be_pressed_and_replaced(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    said = await client.chat_postEphemeral(
        channel=desk.id, user=ana.id, text="Sure?", blocks=[actions(button("yes"))]
    )
    ts = said["message_ts"]
    await slack.press(ana.id, desk.id, ts, "yes")
    payload = bot.payload()
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    await answer_at(payload["response_url"], text="Done", replace_original=True)
    assert [e.text for e in slack.state.ephemerals] == ["Done"]


async def test_a_response_url_serves_five_times(slack: Slack, desk: Channel, ana: User) -> None:
    url = slack.state.response_url(ana.id, desk.id)
    for _ in range(5):
        assert await answer_at(url, text="Hi") == (200, "ok")
    assert await answer_at(url, text="Hi") == (404, "used_url")


async def test_a_response_url_lives_thirty_minutes(
    slack: Slack, clock: HandClock, desk: Channel, ana: User
) -> None:
    url = slack.state.response_url(ana.id, desk.id)
    clock.moment += timedelta(minutes=30)
    assert await answer_at(url, text="Hi") == (200, "ok")
    clock.moment += timedelta(seconds=1)
    assert await answer_at(url, text="Hi") == (404, "expired_url")


async def test_a_response_url_refuses_what_it_cannot_show(
    slack: Slack, desk: Channel, ana: User
) -> None:
    url = slack.state.response_url(ana.id, desk.id)
    assert await answer_at(url, blocks=[section("")]) == (400, "invalid_blocks")
    assert await answer_at(url) == (400, "no_text")
    assert await answer_at(url, text="x", replace_original=True) == (
        400,
        "message_not_found",
    )
    assert await answer_at(f"{url}0", text="Hi") == (404, "no_such_url")
