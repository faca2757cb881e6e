import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Fault, NotLetError, NotThereError, Slack, User, render_text


class HandClock:
    """Stands still until it is moved; a sleeper moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 17, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Bot:
    """Where Slack sends what people do: keeps it, and answers as told."""

    def __init__(self) -> None:
        self.got: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.answer: dict[str, Any] | str | None = None
        self.status = 200
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(request)
        self.bodies.append(await request.read())
        if isinstance(self.answer, dict):
            return web.json_response(self.answer, status=self.status)
        return web.Response(text=self.answer or "", status=self.status)

    def payload(self) -> dict[str, Any]:
        fields = parse_qs(self.bodies[-1].decode())
        found: dict[str, Any] = json.loads(fields["payload"][0])
        return found

    def form(self) -> dict[str, str]:
        fields = parse_qs(self.bodies[-1].decode())
        return {name: values[0] for name, values in fields.items()}


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


def words(text: str = "Hello") -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str = "approve", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": words("Approve"), "action_id": action_id, **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def options(count: int) -> list[dict[str, Any]]:
    return [{"text": words(f"Option {n}"), "value": f"o{n}"} for n in range(count)]


def asks(block_id: str = "body", **more: Any) -> dict[str, Any]:
    field = {"type": "plain_text_input", "action_id": "text", **more}
    return {"type": "input", "block_id": block_id, "label": words("Body"), "element": field}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": words("Edit"),
        "submit": words("Send"),
        "blocks": list(blocks) or [section()],
        **more,
    }


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: dict[str, Any] = caught.value.response.data
    assert answer["ok"] is False
    return answer


async def error(call: Any) -> str:
    return str((await refused(call))["error"])


# What it keeps


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


# What it refuses: the token and the channel


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
    ("method", "args", "scope"),
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
async def test_each_method_needs_its_scope(  # noqa: PLR0913
    client: AsyncWebClient,
    slack: Slack,
    desk: Channel,
    method: str,
    args: dict[str, str],
    scope: str,
) -> None:
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


# What it refuses: messages


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
    assert await error(client.chat_postMessage(channel=desk.id, text="")) == "no_text"


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


_CONFIRM = {"title": words(), "text": words(), "confirm": words(), "deny": words()}
_MENU = {"type": "static_select", "action_id": "menu", "options": options(2)}
_PICTURE = {"image_url": "https://example.com/a.png", "alt_text": "A"}

BLOCKS_REFUSED: dict[str, tuple[list[Any], str]] = {
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items allowed"),
    "an unknown block": ([{"type": "carousel"}], "unsupported type: carousel"),
    "a block without type": ([{"text": words()}], "missing required field: type"),
    "an unknown field": ([section(colour="red")], "no such field: colour"),
    "empty section text": ([section("")], "must be more than 0 characters"),
    "long section text": ([section("x" * 3001)], "must be less than 3001 characters"),
    "a section without text": ([{"type": "section"}], "must provide either text or fields"),
    "text as a bare string": ([{"type": "section", "text": "Hi"}], "must be an object"),
    "11 fields": ([section(fields=[words()] * 11)], "no more than 10 items allowed"),
    "a long field": ([section(fields=[words("x" * 2001)])], "must be less than 2001 characters"),
    "expand as a word": ([section(expand="yes")], "must be a boolean"),
    "a long header": ([{"type": "header", "text": words("x" * 151)}], "less than 151"),
    "a header in mrkdwn": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "Hi"}}],
        "must be one of: plain_text",
    ),
    "a button's label in mrkdwn": (
        [actions(button(text={"type": "mrkdwn", "text": "Hi"}))],
        "must be one of: plain_text",
    ),
    "11 context elements": (
        [{"type": "context", "elements": [words()] * 11}],
        "no more than 10 items allowed",
    ),
    "a button in a context": (
        [{"type": "context", "elements": [button()]}],
        "unsupported type: button",
    ),
    "26 actions": (
        [actions(*(button(f"a{n}") for n in range(26)))],
        "no more than 25 items allowed",
    ),
    "no actions": ([actions()], "no less than 1 items allowed"),
    "a long label": ([actions(button(text=words("x" * 76)))], "must be less than 76"),
    "a long value": ([actions(button(value="x" * 2001))], "must be less than 2001"),
    "a long url": ([actions(button(url=f"https://a.b/{'x' * 3000}"))], "must be less than 3001"),
    "a url of another scheme": (
        [actions(button(url="javascript:alert(1)"))],
        "must be a valid URL",
    ),
    "a long action_id": ([actions(button("x" * 256))], "must be less than 256"),
    "a long block_id": ([section(block_id="x" * 256)], "must be less than 256"),
    "a made-up style": ([actions(button(style="green"))], "must be one of: primary, danger"),
    "one action_id twice": ([actions(button(), button())], "action_id approve already exists"),
    "one block_id twice": (
        [section(block_id="b"), section(block_id="b")],
        "block_id b already exists",
    ),
    "an unknown element": ([actions({"type": "slider"})], "unsupported type: slider"),
    "a text input in actions": (
        [actions({"type": "plain_text_input", "action_id": "t"})],
        "unsupported type: plain_text_input",
    ),
    "six overflow options": (
        [actions({"type": "overflow", "action_id": "o", "options": options(6)})],
        "no more than 5 items allowed",
    ),
    "an overflow without options": (
        [actions({"type": "overflow", "action_id": "o", "options": []})],
        "no less than 1 items allowed",
    ),
    "a long option": (
        [actions({**_MENU, "options": [{"text": words("x" * 76), "value": "a"}]})],
        "must be less than 76",
    ),
    "a long option value": (
        [actions({**_MENU, "options": [{"text": words(), "value": "x" * 151}]})],
        "must be less than 151",
    ),
    "a first choice that is no option": (
        [actions({**_MENU, "initial_option": {"text": words("No"), "value": "no"}})],
        "initial option must be one of the options",
    ),
    "a menu without options": (
        [actions({"type": "static_select", "action_id": "m"})],
        "must provide either options or option_groups",
    ),
    "a confirmation without a way out": (
        [actions(button(confirm={key: _CONFIRM[key] for key in ("title", "text", "confirm")}))],
        "missing required field: deny",
    ),
    "a long confirmation title": (
        [actions(button(confirm={**_CONFIRM, "title": words("x" * 101)}))],
        "must be less than 101",
    ),
    "a long confirmation": (
        [actions(button(confirm={**_CONFIRM, "text": words("x" * 301)}))],
        "must be less than 301",
    ),
    "a long confirm button": (
        [actions(button(confirm={**_CONFIRM, "confirm": words("x" * 31)}))],
        "must be less than 31",
    ),
    "a long deny button": (
        [actions(button(confirm={**_CONFIRM, "deny": words("x" * 31)}))],
        "must be less than 31",
    ),
    "a picture without words": (
        [{"type": "image", "image_url": "https://example.com/a.png"}],
        "missing required field: alt_text",
    ),
    "a picture without a source": (
        [{"type": "image", "alt_text": "A"}],
        "must provide either image_url or slack_file",
    ),
    "rich text of an unknown kind": (
        [{"type": "rich_text", "elements": [{"type": "rich_text_poem", "elements": []}]}],
        "unsupported type: rich_text_poem",
    ),
    "101 table rows": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]] * 101}],
        "no more than 100 items allowed",
    ),
    "21 table columns": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}],
        "no more than 20 items allowed",
    ),
    "two tables": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}] * 2,
        "only one table allowed",
    ),
}


@pytest.mark.parametrize("name", BLOCKS_REFUSED)
async def test_blocks_are_refused_for(client: AsyncWebClient, desk: Channel, name: str) -> None:
    blocks, reason = BLOCKS_REFUSED[name]
    answer = await refused(client.chat_postMessage(channel=desk.id, text="Hi", blocks=blocks))
    assert answer["error"] == "invalid_blocks"
    assert any(reason in line for line in answer["errors"]), answer["errors"]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {e}" for e in answer["errors"]]


async def test_a_complaint_points_at_the_place(client: AsyncWebClient, desk: Channel) -> None:
    blocks = [section(), section("")]
    answer = await refused(client.chat_postMessage(channel=desk.id, text="Hi", blocks=blocks))
    assert answer["errors"] == ["must be more than 0 characters [json-pointer:/blocks/1/text/text]"]


async def test_blocks_at_their_limits_are_taken(client: AsyncWebClient, desk: Channel) -> None:
    rich = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "Hi"}]},
        ],
    }
    blocks = [
        {"type": "header", "text": words("x" * 150)},
        section("x" * 3000, expand=True, fields=[words("x" * 2000)] * 10, accessory=button()),
        {"type": "context", "elements": [words(), {"type": "image", **_PICTURE}] * 5},
        actions(*(button(f"a{n}", value="x" * 2000) for n in range(25))),
        actions(button("x" * 255, confirm=_CONFIRM, style="danger", url="https://a.example/b")),
        actions({"type": "overflow", "action_id": "o", "options": options(5)}, _MENU),
        {"type": "image", **_PICTURE, "title": words()},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 20] * 100},
        rich,
        *[{"type": "divider"}] * 41,
    ]
    assert (await client.chat_postMessage(channel=desk.id, text="Hi", blocks=blocks))["ok"]


# What it refuses: people and groups


async def test_unknown_people_are_refused(client: AsyncWebClient, slack: Slack) -> None:
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


# Views


async def test_a_modal_opens_once_on_a_trigger(
    client: AsyncWebClient, slack: Slack, ana: User
) -> None:
    trigger = slack.state.trigger(ana.id)
    opened = await client.views_open(trigger_id=trigger, view=modal())
    assert slack.state.views[opened["view"]["id"]].user == ana.id
    again = client.views_open(trigger_id=trigger, view=modal())
    assert await error(again) == "exchanged_trigger_id"


async def test_a_trigger_lives_three_seconds(
    client: AsyncWebClient, slack: Slack, clock: HandClock, ana: User
) -> None:
    late, in_time = slack.state.trigger(ana.id), slack.state.trigger(ana.id)
    clock.moment += timedelta(seconds=3)
    assert (await client.views_open(trigger_id=in_time, view=modal()))["ok"]
    clock.moment += timedelta(milliseconds=1)
    assert await error(client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"


async def test_an_unknown_trigger_is_refused(client: AsyncWebClient) -> None:
    assert await error(client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"


async def test_a_view_can_be_pushed_only_from_a_modal(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    trigger = slack.state.trigger(ana.id)
    assert await error(client.views_push(trigger_id=trigger, view=modal())) == "invalid_trigger_id"
    first = modal(actions(button("more")))
    opened = await client.views_open(trigger_id=slack.state.trigger(ana.id), view=first)
    below = opened["view"]["id"]
    for _ in range(2):
        await slack.press_in_view(below, "more")
        pushed = await client.views_push(trigger_id=bot.payload()["trigger_id"], view=modal())
        assert pushed["view"]["previous_view_id"] == below
    await slack.press_in_view(below, "more")
    call = client.views_push(trigger_id=bot.payload()["trigger_id"], view=modal())
    assert await error(call) == "push_limit_reached"


async def test_an_update_of_a_changed_view_is_refused(
    client: AsyncWebClient, slack: Slack, ana: User
) -> None:
    view = (await client.views_open(trigger_id=slack.state.trigger(ana.id), view=modal()))["view"]
    updated = await client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert updated["view"]["hash"] != view["hash"]
    stale = client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert await error(stale) == "hash_conflict"


async def test_an_unknown_view_is_refused(client: AsyncWebClient) -> None:
    assert await error(client.views_update(view_id="V999999999", view=modal())) == "not_found"


async def test_a_closed_view_cannot_be_updated(
    client: AsyncWebClient, slack: Slack, ana: User
) -> None:
    view = (await client.views_open(trigger_id=slack.state.trigger(ana.id), view=modal()))["view"]
    assert await slack.close_view(ana.id, view["id"]) is None
    assert await error(client.views_update(view_id=view["id"], view=modal())) == "not_found"


async def test_a_home_is_published_for_a_person(
    client: AsyncWebClient, slack: Slack, ana: User
) -> None:
    for text in ("First", "Second"):
        home = {"type": "home", "blocks": [section(text)]}
        published = await client.views_publish(user_id=ana.id, view=home)
    assert len(slack.state.views) == 1
    assert render_text(slack.state.views[published["view"]["id"]]) == "Second"
    stale = client.views_publish(user_id=ana.id, view=home, hash="old")
    assert await error(stale) == "hash_conflict"
    unknown = client.views_publish(user_id="U999999999", view=home)
    assert await error(unknown) == "user_not_found"
    assert await error(client.views_publish(user_id=ana.id, view=modal())) == "invalid_arguments"


async def test_a_view_too_large_is_refused(client: AsyncWebClient, slack: Slack, ana: User) -> None:
    view = modal(*[section("x" * 3000)] * 90)
    call = client.views_open(trigger_id=slack.state.trigger(ana.id), view=view)
    assert await error(call) == "view_too_large"


VIEWS_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "101 blocks": (modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed"),
    "a long title": (modal(title=words("x" * 25)), "must be less than 25"),
    "a long submit": (modal(submit=words("x" * 25)), "must be less than 25"),
    "a long close": (modal(close=words("x" * 25)), "must be less than 25"),
    "long private metadata": (modal(private_metadata="x" * 3001), "must be less than 3001"),
    "a long callback_id": (modal(callback_id="x" * 256), "must be less than 256"),
    "an input and no submit": (
        {key: value for key, value in modal(asks()).items() if key != "submit"},
        "submit is required when an input block is within blocks",
    ),
    "a modal without title": (
        {key: value for key, value in modal().items() if key != "title"},
        "missing required field: title",
    ),
    "an unknown kind of view": ({"type": "drawer", "blocks": []}, "unsupported type: drawer"),
    "an unknown block": (modal({"type": "carousel"}), "unsupported type: carousel"),
    "a table": (modal({"type": "table", "rows": []}), "unsupported type: table"),
    "an unknown field": (modal(colour="red"), "no such field: colour"),
    "a button as an input": (
        modal({"type": "input", "label": words(), "element": button()}),
        "unsupported type: button",
    ),
    "no blocks": (
        {key: value for key, value in modal().items() if key != "blocks"},
        "missing required field: blocks",
    ),
}


@pytest.mark.parametrize("name", VIEWS_REFUSED)
async def test_views_are_refused_for(
    client: AsyncWebClient, slack: Slack, ana: User, name: str
) -> None:
    view, reason = VIEWS_REFUSED[name]
    call = client.views_open(trigger_id=slack.state.trigger(ana.id), view=view)
    answer = await refused(call)
    assert answer["error"] == "invalid_arguments"
    assert any(reason in line for line in answer["errors"]), answer["errors"]


# Bad days


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


# What people do


async def card(client: AsyncWebClient, desk: Channel, *blocks: dict[str, Any]) -> str:
    """Post a card with these blocks and give its ts."""
    posted = await client.chat_postMessage(channel=desk.id, text="Card", blocks=list(blocks))
    return str(posted["ts"])


async def test_a_press_is_signed_and_says_what_stands_on_the_card(  # noqa: PLR0913
    client: AsyncWebClient, slack: Slack, clock: HandClock, desk: Channel, ana: User, bot: Bot
) -> None:
    ts = await card(client, desk, actions(button(value="v1:7", style="primary"), block_id="row"))
    answer = await slack.press(ana.id, desk.id, ts, "approve")
    request, body = bot.got[-1], bot.bodies[-1]
    verifier = SignatureVerifier(slack.signing_secret, clock=_Seconds(clock))
    assert verifier.is_valid_request(body, dict(request.headers))
    assert (answer.status, answer.problem, answer.sent) == (200, None, body)
    payload = bot.payload()
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == ana.id
    assert payload["user"]["team_id"] == payload["team"]["id"] == slack.state.team_id
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == ts
    assert payload["channel"]["id"] == desk.id
    assert payload["enterprise"] is None
    assert payload["is_enterprise_install"] is False
    pressed = payload["actions"][0]
    assert (pressed["action_id"], pressed["block_id"], pressed["type"]) == (
        "approve",
        "row",
        "button",
    )
    assert (pressed["value"], pressed["style"], pressed["text"]["text"]) == (
        "v1:7",
        "primary",
        "Approve",
    )


class _Seconds:
    """The clock as slack_sdk's verifier wants it."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock

    def now(self) -> float:
        return self.clock.now().timestamp()


async def test_only_what_stands_on_the_card_now_can_be_pressed(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    ts = await card(client, desk, actions(button()))
    await client.chat_update(channel=desk.id, ts=ts, text="Sent", blocks=[section("Sent")])
    with pytest.raises(NotThereError, match="approve"):
        await slack.press(ana.id, desk.id, ts, "approve")
    with pytest.raises(NotThereError):
        await slack.press(ana.id, desk.id, "1.1", "approve")
    assert bot.got == []


async def test_a_press_made_before_an_update_can_arrive_after_it(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    ts = await card(client, desk, actions(button(value="v1:7")))
    press = slack.pressing(ana.id, desk.id, ts, "approve")
    await client.chat_update(channel=desk.id, ts=ts, text="Sent", blocks=[section("Sent")])
    answer = await slack.send_payload(press)
    await slack.post_signed(answer.sent)
    assert bot.bodies[0] == bot.bodies[1]
    assert bot.payload()["actions"][0]["value"] == "v1:7"


async def test_a_press_can_carry_a_forged_value(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    ts = await card(client, desk, actions(button(value="v1:7")))
    await slack.press(ana.id, desk.id, ts, "approve", value="v9:1")
    assert bot.payload()["actions"][0]["value"] == "v9:1"


async def test_menus_are_pressed_by_choosing(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    more = {"type": "overflow", "action_id": "more", "options": options(3)}
    ts = await card(client, desk, section(accessory=more), actions(_MENU))
    await slack.press(ana.id, desk.id, ts, "more", value="o2")
    assert bot.payload()["actions"][0]["selected_option"] == options(3)[2]
    await slack.press(ana.id, desk.id, ts, "menu", value="o1")
    payload = bot.payload()
    assert payload["actions"][0]["selected_option"]["value"] == "o1"
    state = payload["state"]["values"][payload["actions"][0]["block_id"]]["menu"]
    assert state["selected_option"]["value"] == "o1"
    with pytest.raises(NotThereError, match="o9"):
        await slack.press(ana.id, desk.id, ts, "menu", value="o9")
    with pytest.raises(NotThereError, match="which choice"):
        await slack.press(ana.id, desk.id, ts, "more")


async def test_a_press_opens_a_modal_that_is_filled_in_and_sent(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    ts = await card(client, desk, actions(button()))
    await slack.press(ana.id, desk.id, ts, "approve")
    view = modal(asks("subject", initial_value="Old"), asks("body"), private_metadata="7")
    opened = await client.views_open(trigger_id=bot.payload()["trigger_id"], view=view)
    name = opened["view"]["id"]
    await slack.submit_view(ana.id, name, {"body": "New words"})
    payload = bot.payload()
    assert payload["type"] == "view_submission"
    assert payload["view"]["private_metadata"] == "7"
    values = payload["view"]["state"]["values"]
    assert values["subject"]["text"] == {"type": "plain_text_input", "value": "Old"}
    assert values["body"]["text"]["value"] == "New words"
    assert not slack.state.views[name].is_open


async def opened(client: AsyncWebClient, slack: Slack, user: User, view: dict[str, Any]) -> str:
    """Open a modal for somebody and give its id."""
    trigger = slack.state.trigger(user.id)
    return str((await client.views_open(trigger_id=trigger, view=view))["view"]["id"])


async def test_slacks_own_form_refuses_before_the_bot_hears_of_it(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    name = await opened(client, slack, ana, modal(asks("body", max_length=5, min_length=2)))
    for value in (None, "", "x", "too long"):
        with pytest.raises(NotLetError, match="body"):
            await slack.submit_view(ana.id, name, {"body": value})
    with pytest.raises(NotThereError, match="subject"):
        await slack.submit_view(ana.id, name, {"subject": "x"})
    assert bot.got == []


async def test_errors_show_on_their_fields_and_keep_the_modal_open(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    name = await opened(client, slack, ana, modal(asks("body")))
    bot.answer = {"response_action": "errors", "errors": {"body": "No pay link"}}
    answer = await slack.submit_view(ana.id, name, {"body": "x"})
    assert answer.problem is None
    assert slack.state.views[name].errors == {"body": "No pay link"}
    assert slack.state.views[name].is_open
    bot.answer = {"response_action": "errors", "errors": {"subject": "No such field"}}
    answer = await slack.submit_view(ana.id, name, {"body": "x"})
    assert answer.problem == "errors on what is no input block: subject"


async def test_an_answer_can_update_push_and_clear_the_modal(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    name = await opened(client, slack, ana, modal(asks("body")))
    bot.answer = {"response_action": "update", "view": modal(section("Newer"))}
    await slack.submit_view(ana.id, name, {"body": "x"})
    assert render_text(slack.state.views[name]) == "Newer"
    bot.answer = {"response_action": "push", "view": modal(section("Above"))}
    await slack.submit_view(ana.id, name)
    above = list(slack.state.views.values())[-1]
    assert (above.previous_id, above.is_open) == (name, True)
    bot.answer = {"response_action": "clear"}
    await slack.submit_view(ana.id, above.id)
    assert not any(view.is_open for view in slack.state.views.values())


async def test_an_answer_with_a_bad_view_is_a_problem(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    name = await opened(client, slack, ana, modal())
    bot.answer = {"response_action": "update", "view": modal(title=words("x" * 25))}
    answer = await slack.submit_view(ana.id, name)
    assert "invalid_arguments" in (answer.problem or "")
    bot.answer = {"response_action": "dance"}
    assert "dance" in ((await slack.submit_view(ana.id, name)).problem or "")
    bot.answer = "ok"
    assert "neither empty nor JSON" in ((await slack.submit_view(ana.id, name)).problem or "")


async def test_a_modal_tells_that_it_was_closed_when_it_asked_to(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    name = await opened(client, slack, ana, modal(notify_on_close=True))
    await slack.close_view(ana.id, name)
    assert bot.payload()["type"] == "view_closed"
    with pytest.raises(NotThereError):
        await slack.submit_view(ana.id, name)


async def test_a_command_is_called_and_its_answer_whispered(
    slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    bot.answer = {"text": "Three wait for you"}
    answer = await slack.command(ana.id, desk.id, "/dunning", "status")
    form = bot.form()
    assert (form["command"], form["text"], form["user_id"]) == ("/dunning", "status", ana.id)
    assert (form["channel_id"], form["channel_name"]) == (desk.id, "privategroup")
    assert "thread_ts" not in form
    assert answer.problem is None
    assert [(e.user, e.text) for e in slack.state.ephemerals] == [(ana.id, "Three wait for you")]
    bot.answer = {"text": "Hi all", "response_type": "in_channel"}
    await slack.command(ana.id, desk.id, "/dunning")
    assert [m.text for m in slack.messages(desk.id)] == ["Hi all"]


async def test_opening_the_home_is_an_event(slack: Slack, ana: User, bot: Bot) -> None:
    await slack.open_home(ana.id)
    body = json.loads(bot.bodies[-1])
    assert bot.got[-1].content_type == "application/json"
    assert (body["type"], body["event"]["type"]) == ("event_callback", "app_home_opened")
    assert (body["event"]["user"], body["event"]["tab"]) == (ana.id, "home")


async def test_a_home_has_buttons_too(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    home = {"type": "home", "blocks": [actions(button("next", value="2"))]}
    name = (await client.views_publish(user_id=ana.id, view=home))["view"]["id"]
    await slack.press_in_view(name, "next")
    payload = bot.payload()
    assert payload["container"] == {"type": "view", "view_id": name}
    assert payload["actions"][0]["value"] == "2"


async def test_what_the_bot_fails_to_answer_is_a_problem(
    slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    bot.status = 500
    assert (await slack.command(ana.id, desk.id, "/dunning")).problem == "the bot answered 500"
    slack.bot_url = "http://127.0.0.1:1"
    answer = await slack.command(ana.id, desk.id, "/dunning")
    assert (answer.status, answer.problem) == (0, "the bot did not answer")


async def test_a_request_can_be_forged_for_tests_of_the_guard(
    slack: Slack, clock: HandClock, bot: Bot
) -> None:
    old = clock.now() - timedelta(minutes=6)
    await slack.post_signed(b"\xff", secret="other", timestamp=old)
    request = bot.got[-1]
    assert request.headers["X-Slack-Request-Timestamp"] == str(int(old.timestamp()))
    verifier = SignatureVerifier("other", clock=_Seconds(clock))
    assert not verifier.is_valid_request(bot.bodies[-1], dict(request.headers))
    clock.moment = old
    signature = request.headers["X-Slack-Signature"]
    assert signature.startswith("v0=")
    assert bot.bodies[-1] == b"\xff"


# response_url


async def answer_at(session: aiohttp.ClientSession, url: str, **body: Any) -> tuple[int, str]:
    async with session.post(url, json=body) as response:
        return response.status, await response.text()


async def test_a_response_url_whispers_replaces_and_deletes(  # noqa: PLR0913
    client: AsyncWebClient,
    slack: Slack,
    session: aiohttp.ClientSession,
    desk: Channel,
    ana: User,
    bot: Bot,
) -> None:
    ts = await card(client, desk, actions(button()))
    await slack.press(ana.id, desk.id, ts, "approve")
    url = bot.payload()["response_url"]
    assert await answer_at(session, url, text="Only you") == (200, "ok")
    assert slack.state.ephemerals[-1].text == "Only you"
    assert await answer_at(session, url, text="Done", replace_original=True) == (200, "ok")
    assert slack.messages(desk.id)[0].text == "Done"
    assert slack.messages(desk.id)[0].blocks == []
    assert await answer_at(session, url, delete_original=True) == (200, "ok")
    assert slack.messages(desk.id) == []


async def test_a_whisper_can_be_pressed_and_replaced(  # noqa: PLR0913
    client: AsyncWebClient,
    slack: Slack,
    session: aiohttp.ClientSession,
    desk: Channel,
    ana: User,
    bot: Bot,
) -> None:
    said = await client.chat_postEphemeral(
        channel=desk.id, user=ana.id, text="Sure?", blocks=[actions(button("yes"))]
    )
    ts = said["message_ts"]
    await slack.press(ana.id, desk.id, ts, "yes")
    payload = bot.payload()
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    await answer_at(session, payload["response_url"], text="Done", replace_original=True)
    assert [e.text for e in slack.state.ephemerals] == ["Done"]
    other = slack.add_user("other")
    with pytest.raises(NotThereError):
        await slack.press(other.id, desk.id, ts, "yes")


async def test_a_response_url_serves_five_times(
    slack: Slack, session: aiohttp.ClientSession, desk: Channel, ana: User
) -> None:
    url = slack.state.response_url(ana.id, desk.id)
    for _ in range(5):
        assert await answer_at(session, url, text="Hi") == (200, "ok")
    assert await answer_at(session, url, text="Hi") == (404, "used_url")


async def test_a_response_url_lives_thirty_minutes(
    slack: Slack, session: aiohttp.ClientSession, clock: HandClock, desk: Channel, ana: User
) -> None:
    url = slack.state.response_url(ana.id, desk.id)
    clock.moment += timedelta(minutes=30)
    assert await answer_at(session, url, text="Hi") == (200, "ok")
    clock.moment += timedelta(seconds=1)
    assert await answer_at(session, url, text="Hi") == (404, "expired_url")


async def test_a_response_url_refuses_what_it_cannot_show(
    slack: Slack, session: aiohttp.ClientSession, desk: Channel, ana: User
) -> None:
    url = slack.state.response_url(ana.id, desk.id)
    assert await answer_at(session, url, blocks=[section("")]) == (400, "invalid_blocks")
    assert await answer_at(session, url) == (400, "no_text")
    assert await answer_at(session, url, text="x", replace_original=True) == (
        400,
        "message_not_found",
    )
    assert await answer_at(session, f"{url}0", text="Hi") == (404, "no_such_url")


# The plain rendition


async def test_a_message_is_rendered_as_plain_lines(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User
) -> None:
    more = {"type": "overflow", "action_id": "more", "options": options(2)}
    await client.chat_postMessage(
        channel=desk.id,
        text="Fallback",
        blocks=[
            {"type": "header", "text": words("Payment failed")},
            section(f"<@{ana.id}> &lt;b&gt; <https://a.example|pay> <!date^1^{{date}}|noon>"),
            {"type": "section", "fields": [words("One"), words("Two")]},
            {"type": "divider"},
            {"type": "context", "elements": [words("a"), {"type": "image", **_PICTURE}]},
            actions(button(), more),
            {"type": "table", "rows": [[{"type": "raw_text", "text": t} for t in "xy"]]},
        ],
    )
    text = render_text(slack.messages(desk.id)[0], {ana.id: "ana"})
    assert text.splitlines() == [
        "PAYMENT FAILED",
        "@ana <b> pay (https://a.example) noon",
        "One",
        "Two",
        "---",
        "a · (picture: A)",
        "[Approve] [Option 0 / Option 1]",
        "x | y",
    ]


async def test_a_message_without_blocks_is_rendered_as_its_text(
    client: AsyncWebClient, slack: Slack, desk: Channel
) -> None:
    await client.chat_postMessage(channel=desk.id, text="Five &gt; four")
    assert render_text(slack.messages(desk.id)[0]) == "Five > four"
