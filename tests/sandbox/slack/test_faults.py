"""The loopback Slack on a bad day."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Fault, Slack
from tests.sandbox.slack.stage import (
    HandClock,
    error,
)


async def test_posting_faster_than_the_rate_is_told_to_wait(
    client: AsyncWebClient, slack: Slack, clock: HandClock, desk: Channel
) -> None:
    slack.limits.enforced = True
    for _ in range(3):
        await client.chat_postMessage(channel=desk.id, text="Hi")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=desk.id, text="Hi")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert caught.value.response["error"] == "ratelimited"
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=desk.id, text="Hi")
    clock.moment += timedelta(seconds=1)
    await client.chat_postMessage(channel=desk.id, text="Hi")
    early = [call.early for call in slack.calls("chat.postMessage")]
    assert early == [False, False, False, False, True, False]


async def test_another_channel_has_its_own_rate(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    slack.limits.enforced = True
    other = slack.add_channel("vip")
    for _ in range(3):
        await client.chat_postMessage(channel=desk.id, text="Hi")
    await client.chat_postMessage(channel=other.id, text="Hi")
    assert len(slack.messages(other.id)) == 1


async def test_updates_are_limited_to_about_fifty_a_minute(
    client: AsyncWebClient, slack: Slack, clock: HandClock, desk: Channel
) -> None:
    ts = (await client.chat_postMessage(channel=desk.id, text="Hi"))["ts"]
    slack.limits.enforced = True
    taken = 0
    for _ in range(240):
        clock.moment += timedelta(seconds=0.25)
        try:
            await client.chat_update(channel=desk.id, ts=ts, text="Hi")
        except SlackApiError:
            continue
        taken += 1
    assert 50 <= taken <= 56


async def test_a_named_error_happens_as_often_as_told(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    slack.fault("chat.postMessage", Fault(error="fatal_error"), times=2)
    for _ in range(2):
        call = client.chat_postMessage(channel=desk.id, text="Hi")
        assert await error(call) == "fatal_error"
    await client.chat_postMessage(channel=desk.id, text="Hi")
    assert len(slack.messages(desk.id)) == 1


async def test_an_outage_lasts_until_it_is_over(client: AsyncWebClient, slack: Slack) -> None:
    slack.fault("*", Fault(status=503), times=None)
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        assert caught.value.response.status_code == 503
    slack.faults.clear()
    await client.auth_test()
    assert [call.status for call in slack.calls("auth.test")] == [503, 503, 503, 200]


async def test_a_switched_rate_limit_tells_how_long(client: AsyncWebClient, slack: Slack) -> None:
    slack.fault("auth.test", Fault(retry_after=30))
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.headers["Retry-After"] == "30"


async def test_a_dropped_connection_leaves_the_message_behind(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    slack.fault("chat.postMessage", Fault(drop=True))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=desk.id, text="Hi")
    assert [m.text for m in slack.messages(desk.id)] == ["Hi"]
    assert slack.calls("chat.postMessage")[0].status is None


async def test_a_call_that_hangs_is_not_done(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    slack.fault("chat.postMessage", Fault(hang=True))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.chat_postMessage(channel=desk.id, text="Hi")
    assert slack.messages(desk.id) == []


async def test_a_delay_is_slept_on_the_clock(
    client: AsyncWebClient, slack: Slack, clock: HandClock
) -> None:
    before = clock.now()
    slack.fault("auth.test", Fault(delay=20))
    await client.auth_test()
    assert clock.now() - before == timedelta(seconds=20)
