"""What the loopback Slack refuses in messages."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User
from tests.sandbox.slack.stage import error


async def test_an_unknown_ts_is_refused(client: AsyncWebClient, desk: Channel) -> None:
    ts = "1794916800.000001"
    assert await error(client.chat_update(channel=desk.id, ts=ts, text="x")) == "message_not_found"
    assert await error(client.chat_delete(channel=desk.id, ts=ts)) == "message_not_found"
    link = client.chat_getPermalink(channel=desk.id, message_ts=ts)
    assert await error(link) == "message_not_found"
    replies = client.conversations_replies(channel=desk.id, ts=ts)
    assert await error(replies) == "thread_not_found"


async def test_somebody_elses_message_cannot_be_changed(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User
) -> None:
    ts = slack.say(ana.id, desk.id, "Mine").ts
    assert (
        await error(client.chat_update(channel=desk.id, ts=ts, text="x")) == "cant_update_message"
    )
    assert await error(client.chat_delete(channel=desk.id, ts=ts)) == "cant_delete_message"


async def test_a_message_without_words_is_refused(client: AsyncWebClient, desk: Channel) -> None:
    assert await error(client.api_call("chat.postMessage", json={"channel": desk.id})) == "no_text"


async def test_a_message_too_long_is_refused(client: AsyncWebClient, desk: Channel) -> None:
    call = client.chat_postMessage(channel=desk.id, text="x" * 40_001)
    assert await error(call) == "msg_too_long"


async def test_an_update_takes_four_thousand_bytes_of_text(
    client: AsyncWebClient, desk: Channel
) -> None:
    ts = (await client.chat_postMessage(channel=desk.id, text="Hi"))["ts"]
    await client.chat_update(channel=desk.id, ts=ts, text="x" * 4000)
    call = client.chat_update(channel=desk.id, ts=ts, text="é" * 2001)
    assert await error(call) == "msg_too_long"


async def test_a_thread_ts_of_another_shape_is_refused(
    client: AsyncWebClient, desk: Channel
) -> None:
    call = client.chat_postMessage(channel=desk.id, text="Hi", thread_ts="0")
    assert await error(call) == "invalid_thread_ts"


async def test_a_reply_that_is_broadcast_stands_in_the_thread_and_in_the_channel(
    client: AsyncWebClient, desk: Channel
) -> None:
    top = await client.chat_postMessage(channel=desk.id, text="Top", reply_broadcast=True)
    for word, broadcast in (("quiet", False), ("loud", True)):
        await client.chat_postMessage(
            channel=desk.id, text=word, thread_ts=top["ts"], reply_broadcast=broadcast
        )
    history = (await client.conversations_history(channel=desk.id))["messages"]
    assert [(one["text"], one.get("subtype")) for one in history] == [
        ("loud", "thread_broadcast"),
        ("Top", None),
    ]
    replies = (await client.conversations_replies(channel=desk.id, ts=top["ts"]))["messages"]
    assert [one["text"] for one in replies] == ["Top", "quiet", "loud"]


async def test_a_whisper_to_somebody_outside_is_refused(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    other = slack.add_user("other")
    call = client.chat_postEphemeral(channel=desk.id, user=other.id, text="Psst")
    assert await error(call) == "user_not_in_channel"


async def test_blocks_that_are_no_array_are_refused(client: AsyncWebClient, desk: Channel) -> None:
    for blocks in ("[{", '"x"', '{"type": "divider"}'):
        call = client.chat_postMessage(channel=desk.id, text="Hi", blocks=blocks)
        assert await error(call) == "invalid_blocks_format"


async def test_metadata_that_is_no_json_is_refused(client: AsyncWebClient, desk: Channel) -> None:
    call = client.api_call(
        "chat.postMessage", data={"channel": desk.id, "text": "Hi", "metadata": "{"}
    )
    assert await error(call) == "invalid_metadata_format"


@pytest.mark.parametrize(
    "metadata",
    [
        {"event_type": "card"},
        {"event_payload": {}},
        {"event_type": "", "event_payload": {}},
        {"event_type": "card", "event_payload": []},
        {"event_type": "card", "event_payload": {}, "more": 1},
        {"event_type": "x" * 256, "event_payload": {}},
    ],
)
async def test_metadata_of_another_shape_is_refused(
    client: AsyncWebClient, desk: Channel, metadata: dict[str, Any]
) -> None:
    call = client.chat_postMessage(channel=desk.id, text="Hi", metadata=metadata)
    assert await error(call) == "invalid_metadata_schema"
