"""What the loopback Slack refuses: tokens, scopes, channels, people."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User
from tests.sandbox.slack.stage import error, refused


async def test_a_missing_token_is_refused(slack: Slack, session: aiohttp.ClientSession) -> None:
    async with session.post(f"{slack.api_url}auth.test") as response:
        assert (await response.json())["error"] == "not_authed"


async def test_a_foreign_token_is_refused(client: AsyncWebClient) -> None:
    client.token = "xoxb-other"
    assert await error(client.auth_test()) == "invalid_auth"


@pytest.mark.parametrize("name", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_lost_token_is_refused_by_its_name(
    client: AsyncWebClient, slack: Slack, name: str
) -> None:
    slack.token_error = name
    assert await error(client.auth_test()) == name


@pytest.mark.parametrize(
    "needs",
    [
        ("chat.postMessage", {}, "chat:write"),
        ("chat.update", {}, "chat:write"),
        ("chat.delete", {}, "chat:write"),
        ("chat.postEphemeral", {}, "chat:write"),
        ("conversations.info", {}, "groups:read"),
        ("conversations.members", {}, "groups:read"),
        ("conversations.list", {"types": "private_channel"}, "groups:read"),
        ("conversations.list", {}, "channels:read"),
        ("conversations.history", {}, "groups:history"),
        ("conversations.replies", {"ts": "1.1"}, "groups:history"),
        ("conversations.open", {}, "im:write"),
        ("users.info", {}, "users:read"),
        ("users.list", {}, "users:read"),
        ("users.lookupByEmail", {}, "users:read.email"),
        ("usergroups.list", {}, "usergroups:read"),
        ("usergroups.users.list", {}, "usergroups:read"),
    ],
)
async def test_each_method_needs_its_scope(
    client: AsyncWebClient, slack: Slack, desk: Channel, needs: tuple[str, dict[str, str], str]
) -> None:
    method, args, scope = needs
    slack.state.scopes.discard(scope)
    call = client.api_call(method, json={"channel": desk.id, **args})
    answer = await refused(call)
    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
    assert scope not in answer["provided"].split(",")


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    assert await error(client.api_call("chat.shout")) == "unknown_method"


async def test_an_unknown_channel_is_refused(client: AsyncWebClient) -> None:
    call = client.chat_postMessage(channel="C999999999", text="Hi")
    assert await error(call) == "channel_not_found"


async def test_a_private_channel_without_the_bot_does_not_exist(
    client: AsyncWebClient, slack: Slack
) -> None:
    channel = slack.add_channel("secret", with_bot=False)
    call = client.chat_postMessage(channel=channel.id, text="Hi")
    assert await error(call) == "channel_not_found"


async def test_a_public_channel_without_the_bot_is_refused(
    client: AsyncWebClient, slack: Slack
) -> None:
    channel = slack.add_channel("general", with_bot=False, is_private=False)
    call = client.chat_postMessage(channel=channel.id, text="Hi")
    assert await error(call) == "not_in_channel"


async def test_a_public_channel_cannot_be_read_with_the_scopes_for_private_ones(
    client: AsyncWebClient, slack: Slack
) -> None:
    channel = slack.add_channel("general", is_private=False)
    answer = await refused(client.conversations_info(channel=channel.id))
    assert answer["needed"] == "channels:read"


async def test_an_archived_channel_is_refused(client: AsyncWebClient, desk: Channel) -> None:
    desk.is_archived = True
    assert await error(client.chat_postMessage(channel=desk.id, text="Hi")) == "is_archived"


async def test_a_cursor_that_was_never_given_is_refused(
    client: AsyncWebClient, desk: Channel
) -> None:
    call = client.conversations_members(channel=desk.id, cursor="???")
    assert await error(call) == "invalid_cursor"


async def test_a_limit_out_of_range_is_refused(client: AsyncWebClient, desk: Channel) -> None:
    call = client.conversations_history(channel=desk.id, limit=1000)
    assert await error(call) == "invalid_limit"


async def test_a_missing_argument_is_refused(client: AsyncWebClient) -> None:
    answer = await refused(client.api_call("users.info"))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: user"]


async def test_unknown_people_are_refused(client: AsyncWebClient, slack: Slack) -> None:
    slack.state.scopes.add("im:write")
    slack.add_user("gone", email="gone@example.com", deleted=True)
    assert await error(client.users_info(user="U999999999")) == "user_not_found"
    assert await error(client.conversations_open(users="U999999999")) == "user_not_found"
    assert await error(client.users_lookupByEmail(email="no@example.com")) == "users_not_found"
    assert await error(client.users_lookupByEmail(email="gone@example.com")) == "users_not_found"


async def test_an_unknown_group_is_refused(client: AsyncWebClient) -> None:
    call = client.usergroups_users_list(usergroup="S999999999")
    assert await error(call) == "no_such_subteam"


async def test_groups_need_a_paid_plan(client: AsyncWebClient, slack: Slack) -> None:
    slack.state.paid_plan = False
    call = client.usergroups_users_list(usergroup="S000000001")
    assert await error(call) == "plan_upgrade_required"
    assert await error(client.usergroups_list()) == "plan_upgrade_required"


async def test_a_body_that_is_no_object_is_refused(slack: Slack) -> None:
    for body, name in ((b"{", "invalid_json"), (b"[]", "json_not_object")):
        headers = {"Content-Type": "application/json"}
        url = f"{slack.api_url}auth.test"
        async with aiohttp.request("POST", url, data=body, headers=headers) as response:
            assert (await response.json())["error"] == name


async def test_every_answer_tells_what_the_token_may_do(
    client: AsyncWebClient, slack: Slack
) -> None:
    slack.state.scopes = {"chat:write", "users:read"}
    answer = await client.auth_test()
    assert answer.headers["X-OAuth-Scopes"] == "chat:write,users:read"


async def test_a_direct_conversation_cannot_be_read_with_the_scopes_for_private_channels(
    client: AsyncWebClient, ana: User
) -> None:
    posted = await client.chat_postMessage(channel=ana.id, text="Hi")
    answer = await refused(client.conversations_history(channel=posted["channel"]))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "im:history")
