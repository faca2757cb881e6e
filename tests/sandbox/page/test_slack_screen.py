"""What each person sees of the page's Slack: pure reading, without a bot."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.review.commands.verbs import Verb
from bot.sandbox.clock import MovableClock
from bot.sandbox.page import slack_screen
from bot.sandbox.page.desk import Desk, Json
from bot.sandbox.page.resident import Resident
from bot.sandbox.slack import Call, Channel, Ephemeral, Fault, Message, User, View
from bot.sandbox.town import houses

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECTION: Json = {"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}
MODAL: Json = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Edit"},
    "blocks": [SECTION],
}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = MovableClock(NOON)
    async with houses(clock) as around:
        stranger = around.slack.add_user("sam", real_name="Sam Elsewhere", is_stranger=True)
        around.review.members.append(around.people.guest.id)
        bot = Resident(clock=clock, settings={"COMPANY_NAME": "Northwind"}, port=1)
        yield Desk(houses=around, bot=bot, stranger=stranger)


def posts(desk: Desk, channel: Channel, text: str = "A card", **fields: str | bool) -> Message:
    """The bot writes."""
    state = desk.houses.slack.state
    message = Message(
        channel=channel.id,
        ts=state.stamp(channel.id),
        user=state.bot_user,
        text=text,
        blocks=[SECTION],
        **fields,  # type: ignore[arg-type]
    )
    state.keep(message)
    return message


def whispers(desk: Desk, user: User, thread_ts: str | None = None) -> None:
    state, channel = desk.houses.slack.state, desk.houses.review.id
    said = Ephemeral(
        channel=channel,
        user=user.id,
        ts=state.stamp(channel),
        text="Guests can’t decide here.",
        thread_ts=thread_ts,
    )
    state.ephemerals.append(said)


def shows(desk: Desk, user: User, channel: Channel) -> list[Json]:
    found: list[Json] = slack_screen.screen(desk, user)["messages"][channel.id]
    return found


def channel_of(desk: Desk, user: User, channel: Channel) -> Json:
    seen = slack_screen.screen(desk, user)["channels"]
    found: Json = next(one for one in seen if one["id"] == channel.id)
    return found


def names(desk: Desk, user: User) -> list[str]:
    return [one["name"] for one in slack_screen.screen(desk, user)["channels"]]


async def test_everybody_sees_the_channels_that_they_are_in(desk: Desk) -> None:
    people = desk.houses.people
    assert names(desk, people.maya) == ["billing-review", "vip-accounts"]
    assert names(desk, people.priya) == ["vip-accounts"]
    assert names(desk, people.guest) == ["billing-review"]


async def test_a_stranger_sees_a_channel_only_while_it_is_shared_with_them(desk: Desk) -> None:
    review = desk.houses.review
    posts(desk, review)
    assert names(desk, desk.stranger) == []
    assert slack_screen.screen(desk, desk.stranger)["messages"] == {}
    review.members.append(desk.stranger.id)
    assert names(desk, desk.stranger) == []
    review.is_ext_shared = True
    assert names(desk, desk.stranger) == ["billing-review"]
    assert len(shows(desk, desk.stranger, review)) == 1


async def test_an_archived_channel_is_not_listed(desk: Desk) -> None:
    desk.houses.vip.is_archived = True
    assert names(desk, desk.houses.people.maya) == ["billing-review"]


async def test_what_was_whispered_is_seen_by_its_person_alone(desk: Desk) -> None:
    people, review = desk.houses.people, desk.houses.review
    posts(desk, review)
    whispers(desk, people.guest)
    assert [bool(one.get("ephemeral")) for one in shows(desk, people.guest, review)] == [
        False,
        True,
    ]
    assert [bool(one.get("ephemeral")) for one in shows(desk, people.maya, review)] == [False]


async def test_a_dismissed_whisper_is_gone(desk: Desk) -> None:
    whispers(desk, desk.houses.people.maya)
    desk.houses.slack.state.ephemerals[0].deleted = True
    assert shows(desk, desk.houses.people.maya, desk.houses.review) == []


async def test_what_was_whispered_in_a_thread_stands_in_that_thread(desk: Desk) -> None:
    card = posts(desk, desk.houses.review)
    whispers(desk, desk.houses.people.maya, thread_ts=card.ts)
    (shown,) = shows(desk, desk.houses.people.maya, desk.houses.review)
    assert [one["ephemeral"] for one in shown["replies"]] == [True]


async def test_replies_stand_under_their_message_and_nowhere_else(desk: Desk) -> None:
    vip, people = desk.houses.vip, desk.houses.people
    card = posts(desk, vip)
    desk.houses.slack.say(people.priya.id, vip.id, "Calling them", thread_ts=card.ts)
    desk.houses.slack.say(people.maya.id, vip.id, "Thanks", thread_ts=card.ts)
    (shown,) = shows(desk, people.maya, vip)
    assert [one["text"] for one in shown["replies"]] == ["Calling them", "Thanks"]


async def test_a_reply_for_the_whole_channel_is_seen_there_too(desk: Desk) -> None:
    vip = desk.houses.vip
    card = posts(desk, vip)
    posts(desk, vip, "Paid", thread_ts=card.ts, broadcast=True)
    first, second = shows(desk, desk.houses.people.maya, vip)
    assert [one["text"] for one in first["replies"]] == ["Paid"]
    assert (second["broadcast"], second["thread_ts"]) == (True, card.ts)


async def test_a_deleted_message_leaves_a_trace_only_over_its_thread(desk: Desk) -> None:
    vip = desk.houses.vip
    alone, answered = posts(desk, vip), posts(desk, vip, "Secret")
    posts(desk, vip, "An answer", thread_ts=answered.ts)
    alone.deleted = answered.deleted = True
    (shown,) = shows(desk, desk.houses.people.maya, vip)
    assert (shown["deleted"], shown["text"], shown.get("blocks")) == (True, "", None)


async def test_an_edited_message_says_so(desk: Desk) -> None:
    card = posts(desk, desk.houses.review)
    card.change(at="1.000000", text="Other", blocks=[], metadata=None)
    (shown,) = shows(desk, desk.houses.people.maya, desk.houses.review)
    assert (shown["edited"], shown["text"]) == (True, "Other")


async def test_news_is_counted_for_each_person_until_they_have_read_it(desk: Desk) -> None:
    people, review = desk.houses.people, desk.houses.review
    card = posts(desk, review)
    own = desk.houses.slack.say(people.tom.id, review.id, "On it")
    desk.read[people.maya.id, review.id] = card.ts
    assert channel_of(desk, people.maya, review)["unread"] == 1
    assert channel_of(desk, people.tom, review)["unread"] == 1
    desk.read[people.maya.id, review.id] = own.ts
    assert channel_of(desk, people.maya, review)["unread"] == 0


async def test_a_reply_is_news_for_whom_it_names(desk: Desk) -> None:
    people, vip = desk.houses.people, desk.houses.vip
    card = posts(desk, vip)
    for reader in (people.maya, people.priya):
        desk.read[reader.id, vip.id] = card.ts
    posts(desk, vip, f"<@{people.priya.id}> please call them", thread_ts=card.ts)
    assert channel_of(desk, people.priya, vip)["unread"] == 1
    assert channel_of(desk, people.maya, vip)["unread"] == 0


async def test_modals_and_the_home_belong_to_their_person(desk: Desk) -> None:
    people, state = desk.houses.people, desk.houses.slack.state
    home = {"type": "home", "blocks": [SECTION]}
    for name, content in (("V1", MODAL), ("V2", MODAL), ("V3", home)):
        view = View(id=name, user=people.maya.id, hash="1", content=content, root_id="V1")
        state.views[name] = view
    state.views["V2"].errors = {"letter": "No card numbers."}
    hers, his = (slack_screen.screen(desk, one) for one in (people.maya, people.tom))
    assert [one["id"] for one in hers["modals"]] == ["V1", "V2"]
    assert hers["modals"][1]["errors"] == {"letter": "No card numbers."}
    assert hers["home"]["id"] == "V3"
    assert (his["modals"], his["home"]) == ([], None)
    state.views["V2"].is_open = False
    assert [one["id"] for one in slack_screen.screen(desk, people.maya)["modals"]] == ["V1"]


async def test_direct_messages_bear_the_name_of_the_other_one(desk: Desk) -> None:
    state, maya = desk.houses.slack.state, desk.houses.people.maya
    members = [state.bot_user, maya.id]
    state.channels["D1"] = Channel(id="D1", name="", members=members, is_im=True)
    assert names(desk, maya)[-1] == "Dunning Desk"
    assert names(desk, desk.houses.people.tom) == ["billing-review", "vip-accounts"]


async def test_commands_are_offered_in_the_language_of_whoever_types(desk: Desk) -> None:
    maya = desk.houses.people.maya
    english = slack_screen.screen(desk, maya)["commands"]
    assert len(english) == len(Verb)
    assert english[0]["name"] == "/dunning queue"
    maya.locale = "fr-FR"
    assert slack_screen.screen(desk, maya)["commands"] != english


async def test_the_last_refusals_are_shown_the_newest_first(desk: Desk) -> None:
    calls = desk.houses.slack.state.calls
    for index in range(slack_screen.REFUSALS + 1):
        error = f"error_{index}"
        calls.append(Call(method="chat.update", args={}, at=NOON, status=200, error=error))
    calls.append(Call(method="auth.test", args={}, at=NOON, status=200))
    calls.append(Call(method="chat.postMessage", args={}, at=NOON, status=503))
    refused = slack_screen.screen(desk, desk.houses.people.maya)["refused"]
    assert refused[0] == {"method": "chat.postMessage", "error": "503"}
    assert [one["error"] for one in refused[1:]] == [f"error_{index}" for index in (5, 4, 3, 2)]


async def test_it_says_what_keeps_the_bot_and_slack_apart(desk: Desk) -> None:
    slack = desk.houses.slack
    assert slack_screen.trouble(desk) is None, "a bot that is still starting is no trouble"
    desk.ready.set()
    assert slack_screen.trouble_at(slack) is None
    slack.fault("*", Fault(retry_after=30), None)
    assert slack_screen.trouble_at(slack) == "busy"
    slack.fault("*", Fault(status=503), None)
    assert slack_screen.trouble_at(slack) == "down"
    slack.faults.clear()
    slack.fault("*", Fault(status=503))
    assert slack_screen.trouble_at(slack) is None, "one failed call is no outage"
    slack.token_error = "token_revoked"
    assert slack_screen.trouble_at(slack) == "token"
    assert slack_screen.trouble(desk) == "bot", "the bot of this desk was never started"


async def test_everybody_is_introduced_with_what_they_are(desk: Desk) -> None:
    viewers = slack_screen.screen(desk, desk.stranger)["viewers"]
    roles = {one["name"]: one["role"] for one in viewers}
    assert roles == {
        "Maya Okafor": "reviewer",
        "Tom Berger": "reviewer",
        "Priya Nair": "manager",
        "Gus Guest": "guest",
        "Sam Elsewhere": "stranger",
    }


async def test_only_the_newest_messages_are_sent(desk: Desk) -> None:
    for index in range(slack_screen.TOP_MESSAGES + 5):
        posts(desk, desk.houses.review, f"Card {index}")
        desk.houses.clock.move(timedelta(minutes=1))
    shown = shows(desk, desk.houses.people.maya, desk.houses.review)
    assert len(shown) == slack_screen.TOP_MESSAGES
    assert shown[-1]["text"] == f"Card {slack_screen.TOP_MESSAGES + 4}"
    assert [one["ts"] for one in shown] == sorted(one["ts"] for one in shown)


async def test_looking_changes_nothing(desk: Desk) -> None:
    posts(desk, desk.houses.review)
    maya = desk.houses.people.maya
    assert slack_screen.screen(desk, maya) == slack_screen.screen(desk, maya)
