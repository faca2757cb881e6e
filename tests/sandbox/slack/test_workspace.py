"""What the loopback Slack keeps, and tells when asked."""

import json

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User
from tests.sandbox.slack.stage import error, section


async def test_a_posted_message_is_kept_and_read_back(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    meta = {"event_type": "card", "event_payload": {"case": "1"}}
    blocks = [section("Hi")]
    posted = await client.chat_postMessage(channel=desk.id, text="Hi", blocks=blocks, metadata=meta)
    read = await client.conversations_history(channel=desk.id, include_all_metadata=True)
    assert [m["ts"] for m in read["messages"]] == [posted["ts"]]
    assert read["messages"][0]["metadata"] == meta
    assert read["messages"][0]["blocks"][0]["text"]["text"] == "Hi"
    assert slack.messages(desk.id)[0].text == "Hi"
    assert [(c.method, c.status) for c in slack.calls("chat.postMessage")] == [
        ("chat.postMessage", 200)
    ]


async def test_metadata_is_told_only_when_asked_for(client: AsyncWebClient, desk: Channel) -> None:
    meta = {"event_type": "card", "event_payload": {}}
    await client.chat_postMessage(channel=desk.id, text="Hi", metadata=meta)
    read = await client.conversations_history(channel=desk.id)
    assert "metadata" not in read["messages"][0]


async def test_form_bodies_say_the_same_as_json_bodies(
    slack: Slack, session: aiohttp.ClientSession, desk: Channel
) -> None:
    form = {"token": slack.token, "channel": desk.id, "blocks": json.dumps([section("Hi")])}
    async with session.post(f"{slack.api_url}chat.postMessage", data=form) as response:
        assert (await response.json())["ok"] is True
    assert slack.messages(desk.id)[0].blocks[0]["text"]["text"] == "Hi"
    assert "token" not in slack.state.calls[0].args


async def test_a_ts_is_unique_and_rises_while_the_clock_stands(
    client: AsyncWebClient, desk: Channel
) -> None:
    posted = [await client.chat_postMessage(channel=desk.id, text="Hi") for _ in range(3)]
    stamps = [p["ts"] for p in posted]
    assert stamps == sorted(set(stamps))
    assert stamps[0] == "1794916800.000000"


async def test_an_update_keeps_what_was_said_before(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    meta = {"event_type": "card", "event_payload": {}}
    posted = await client.chat_postMessage(
        channel=desk.id, text="Old", blocks=[section("Old")], metadata=meta
    )
    await client.chat_update(channel=desk.id, ts=posted["ts"], text="New", blocks=[section("New")])
    message = slack.messages(desk.id)[0]
    assert (message.text, message.metadata) == ("New", meta)
    assert message.edited
    assert [v.text for v in message.versions] == ["Old"]


async def test_an_update_with_text_alone_takes_the_blocks_away(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    posted = await client.chat_postMessage(channel=desk.id, text="Old", blocks=[section()])
    await client.chat_update(channel=desk.id, ts=posted["ts"], text="New")
    assert slack.messages(desk.id)[0].blocks == []


async def test_a_deleted_message_is_gone(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    posted = await client.chat_postMessage(channel=desk.id, text="Hi")
    await client.chat_delete(channel=desk.id, ts=posted["ts"])
    assert slack.messages(desk.id) == []
    update = client.chat_update(channel=desk.id, ts=posted["ts"], text="New")
    assert await error(update) == "message_not_found"


async def test_replies_stand_in_the_thread_and_not_in_the_history(
    client: AsyncWebClient, desk: Channel
) -> None:
    top = await client.chat_postMessage(channel=desk.id, text="Top")
    reply = await client.chat_postMessage(channel=desk.id, text="Reply", thread_ts=top["ts"])
    history = await client.conversations_history(channel=desk.id)
    thread = await client.conversations_replies(channel=desk.id, ts=top["ts"])
    assert [m["ts"] for m in history["messages"]] == [top["ts"]]
    assert history["messages"][0]["reply_count"] == 1
    assert [m["ts"] for m in thread["messages"]] == [top["ts"], reply["ts"]]


async def test_a_reply_to_a_deleted_message_lands_in_the_channel(
    client: AsyncWebClient, desk: Channel
) -> None:
    top = await client.chat_postMessage(channel=desk.id, text="Top")
    await client.chat_delete(channel=desk.id, ts=top["ts"])
    reply = await client.chat_postMessage(channel=desk.id, text="Reply", thread_ts=top["ts"])
    assert "thread_ts" not in reply["message"]


async def test_history_can_be_read_from_a_moment_and_in_pages(
    client: AsyncWebClient, desk: Channel
) -> None:
    stamps = [(await client.chat_postMessage(channel=desk.id, text=str(n)))["ts"] for n in range(5)]
    since = await client.conversations_history(channel=desk.id, oldest=stamps[2])
    assert [m["ts"] for m in since["messages"]] == [stamps[4], stamps[3]]
    first = await client.conversations_history(channel=desk.id, limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=desk.id, limit=3, cursor=cursor)
    assert [m["text"] for m in (*first["messages"], *second["messages"])] == list("43210")
    assert (first["has_more"], second["has_more"]) == (True, False)


async def test_members_and_people_come_in_pages(client: AsyncWebClient, slack: Slack) -> None:
    people = [slack.add_user(f"user{n}") for n in range(5)]
    channel = slack.add_channel("crowd", members=people)
    found: list[str] = []
    async for part in await client.conversations_members(channel=channel.id, limit=2):
        found += part["members"]
    assert found == [slack.state.bot_user, *(p.id for p in people)]
    listed: list[str] = []
    async for part in await client.users_list(limit=2):
        listed += [member["id"] for member in part["members"]]
    assert set(found) <= set(listed)


async def test_a_whisper_is_seen_by_one_person(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User
) -> None:
    await client.chat_postEphemeral(channel=desk.id, user=ana.id, text="Too late")
    assert [(e.user, e.text) for e in slack.state.ephemerals] == [(ana.id, "Too late")]
    assert slack.messages(desk.id) == []


async def test_a_direct_conversation_is_opened_once(
    client: AsyncWebClient, slack: Slack, ana: User
) -> None:
    slack.state.scopes.add("im:write")  # our bot never asks for it
    first = await client.conversations_open(users=ana.id)
    again = await client.conversations_open(users=[ana.id])
    posted = await client.chat_postMessage(channel=ana.id, text="Hi")
    assert first["channel"]["id"] == again["channel"]["id"] == posted["channel"]
    assert slack.messages(posted["channel"])[0].text == "Hi"


async def test_a_permalink_names_message_and_thread(client: AsyncWebClient, desk: Channel) -> None:
    top = await client.chat_postMessage(channel=desk.id, text="Top")
    reply = await client.chat_postMessage(channel=desk.id, text="Reply", thread_ts=top["ts"])
    link = await client.chat_getPermalink(channel=desk.id, message_ts=reply["ts"])
    assert link["permalink"].endswith(
        f"/p{reply['ts'].replace('.', '')}?thread_ts={top['ts']}&cid={desk.id}"
    )


async def test_people_are_told_with_what_makes_them_trustworthy(
    client: AsyncWebClient, slack: Slack
) -> None:
    guest = slack.add_user("guest", is_ultra_restricted=True, tz="America/New_York", locale="fr-FR")
    gone = slack.add_user("gone", deleted=True)
    stranger = slack.add_user("stranger", is_stranger=True, team_id="T999999999")
    told = (await client.users_info(user=guest.id, include_locale=True))["user"]
    assert (told["is_restricted"], told["is_ultra_restricted"]) == (True, True)
    assert (told["tz_offset"], told["locale"]) == (-18000, "fr-FR")
    assert (await client.users_info(user=gone.id))["user"]["deleted"] is True
    told = (await client.users_info(user=stranger.id))["user"]
    assert (told["is_stranger"], told["team_id"]) == (True, "T999999999")


async def test_an_address_is_hidden_without_its_scope(
    client: AsyncWebClient, slack: Slack, ana: User
) -> None:
    assert (await client.users_info(user=ana.id))["user"]["profile"]["email"] == ana.email
    slack.state.scopes.discard("users:read.email")
    assert "email" not in (await client.users_info(user=ana.id))["user"]["profile"]


async def test_people_are_found_by_address(client: AsyncWebClient, ana: User) -> None:
    found = await client.users_lookupByEmail(email="Ana@Example.com")
    assert found["user"]["id"] == ana.id


async def test_groups_tell_their_people(client: AsyncWebClient, slack: Slack, ana: User) -> None:
    group = slack.add_group("approvers", [ana])
    assert (await client.usergroups_users_list(usergroup=group.id))["users"] == [ana.id]
    assert (await client.usergroups_list())["usergroups"][0]["handle"] == "approvers"


async def test_a_channel_tells_whether_strangers_are_in_it(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    assert (await client.conversations_info(channel=desk.id))["channel"]["is_ext_shared"] is False
    desk.is_ext_shared = True
    assert (await client.conversations_info(channel=desk.id))["channel"]["is_ext_shared"] is True
    listed = await client.conversations_list(types="private_channel")
    assert [(c["id"], c["name"], c["is_private"]) for c in listed["channels"]] == [
        (desk.id, "dunning", True)
    ]
    assert slack.state.bot_user == (await client.auth_test())["user_id"]
