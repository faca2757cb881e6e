"""What people do in the page's Slack: brought to the bot as Slack would, or refused in words."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.review import actions
from bot.sandbox.clock import MovableClock, weekday_noon
from bot.sandbox.page import slack_acts, slack_screen
from bot.sandbox.page.desk import Desk, Json, Nonsense, NotNow
from bot.sandbox.page.resident import Resident
from bot.sandbox.page.words import LANGUAGES, words
from bot.sandbox.slack import Message, User, View
from bot.sandbox.town import Houses, houses, town
from tests.case.life import NOON
from tests.databases import ONE_DATABASE
from tests.journeys.stories import Story

BUTTON: Json = {
    "type": "button",
    "action_id": "approve",
    "text": {"type": "plain_text", "text": "Approve"},
}
ACTIONS: Json = {"type": "actions", "block_id": "b0", "elements": [BUTTON]}
INPUT: Json = {
    "type": "input",
    "block_id": "letter",
    "label": {"type": "plain_text", "text": "Letter"},
    "element": {"type": "plain_text_input", "action_id": "body"},
}
MODAL: Json = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Edit"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [INPUT],
}


@dataclass
class Bot:
    """What hears of everything, and answers as it is told to."""

    heard: list[Json] = field(default_factory=list)
    status: int = 200
    body: str = ""

    async def hear(self, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            self.heard.append(await request.json())
        else:
            form = parse_qs(await request.text())
            self.heard.append({name: values[0] for name, values in form.items()})
        return web.Response(status=self.status, text=self.body)


@pytest.fixture
async def bot() -> Bot:
    return Bot()


@pytest.fixture
async def desk(bot: Bot) -> AsyncIterator[Desk]:
    clock = MovableClock(weekday_noon(NOON))
    app = web.Application()
    app.router.add_post("/slack/events", bot.hear)
    async with houses(clock) as around, TestServer(app) as server:
        around.slack.bot_url = str(server.make_url(""))
        yield desk_of(around)


def desk_of(around: Houses) -> Desk:
    stranger = around.slack.add_user("sam", real_name="Sam Elsewhere", is_stranger=True)
    settings = {"COMPANY_NAME": "Northwind"}
    resident = Resident(clock=around.clock, settings=settings, port=1)
    return Desk(houses=around, bot=resident, stranger=stranger)


async def does(desk: Desk, who: User, act: str, **given: Any) -> None:
    await slack_acts.ACTS[act](desk, who, given)


async def refused(desk: Desk, who: User, act: str, **given: Any) -> str:
    """The key of the sentence that the person is told; every language has it."""
    with pytest.raises(NotNow) as why:
        await does(desk, who, act, **given)
    part, _, name = why.value.key.partition(".")
    for language in LANGUAGES:
        words(language)[part][name].format(**why.value.values)
    return name


def card(desk: Desk) -> Message:
    state, channel = desk.houses.slack.state, desk.houses.review.id
    ts, user = state.stamp(channel), state.bot_user
    message = Message(channel=channel, ts=ts, user=user, text="A card", blocks=[ACTIONS])
    state.keep(message)
    return message


def modal(desk: Desk, who: User) -> View:
    view = View(id="V1", user=who.id, hash="1", content=MODAL, root_id="V1")
    desk.houses.slack.state.views[view.id] = view
    return view


def pressing(message: Message) -> Json:
    return {"channel": message.channel, "ts": message.ts, "action_id": "approve"}


async def test_a_press_reaches_the_bot_as_slack_sends_it(desk: Desk, bot: Bot) -> None:
    await does(desk, desk.houses.people.maya, "press", **pressing(card(desk)))
    assert '"block_actions"' in bot.heard[0]["payload"]
    assert desk.houses.people.maya.id in bot.heard[0]["payload"]


@pytest.mark.parametrize(("status", "told"), [(500, "answered"), (503, "answered"), (200, None)])
async def test_a_press_that_the_bot_does_not_take_is_said(
    desk: Desk, bot: Bot, status: int, told: str | None
) -> None:
    bot.status = status
    maya, given = desk.houses.people.maya, pressing(card(desk))
    if told is None:
        await does(desk, maya, "press", **given)
    else:
        assert await refused(desk, maya, "press", **given) == told


async def test_a_bot_that_is_away_is_said(desk: Desk) -> None:
    desk.houses.slack.bot_url = "http://127.0.0.1:1"
    maya, channel = desk.houses.people.maya, desk.houses.review.id
    assert await refused(desk, maya, "press", **pressing(card(desk))) == "no_answer"
    assert await refused(desk, maya, "home") == "no_answer"
    text = "/dunning health"
    assert await refused(desk, maya, "command", channel=channel, text=text) == "command_failed"


async def test_what_is_no_longer_there_is_said(desk: Desk, bot: Bot) -> None:
    people, message = desk.houses.people, card(desk)
    given = pressing(message)
    assert await refused(desk, people.maya, "press", **{**given, "action_id": "gone"}) == "gone"
    assert await refused(desk, people.maya, "press", **{**given, "channel": "C0"}) == "gone"
    assert await refused(desk, people.priya, "press", **given) == "gone", "she is not in it"
    message.deleted = True
    assert await refused(desk, people.maya, "press", **given) == "gone"
    assert bot.heard == []


async def test_a_modal_is_sent_and_closed_by_its_person_alone(desk: Desk, bot: Bot) -> None:
    people = desk.houses.people
    view = modal(desk, people.maya)
    values = {"letter": "Hello"}
    assert await refused(desk, people.tom, "submit", view=view.id, values=values) == "gone"
    assert await refused(desk, people.tom, "close", view=view.id) == "gone"
    assert view.is_open
    await does(desk, people.maya, "submit", view=view.id, values=values)
    assert not view.is_open
    assert "Hello" in bot.heard[0]["payload"]
    assert await refused(desk, people.maya, "close", view=view.id) == "gone"


async def test_a_field_that_must_be_filled_in_is_asked_for_by_slack(desk: Desk, bot: Bot) -> None:
    view = modal(desk, desk.houses.people.maya)
    assert await refused(desk, desk.houses.people.maya, "submit", view=view.id) == "fill_in"
    assert bot.heard == []


async def test_errors_of_the_bot_stand_at_their_fields(desk: Desk, bot: Bot) -> None:
    maya = desk.houses.people.maya
    view = modal(desk, maya)
    bot.body = '{"response_action": "errors", "errors": {"letter": "No card numbers."}}'
    await does(desk, maya, "submit", view=view.id, values={"letter": "4242"})
    (shown,) = slack_screen.screen(desk, maya)["modals"]
    assert shown["errors"] == {"letter": "No card numbers."}


async def test_an_answer_that_slack_does_not_take_is_said(desk: Desk, bot: Bot) -> None:
    maya = desk.houses.people.maya
    view, bot.body = modal(desk, maya), '{"response_action": "nonsense"}'
    given = {"view": view.id, "values": {"letter": "Hello"}}
    assert await refused(desk, maya, "submit", **given) == "not_taken"


async def test_a_command_is_answered_to_whoever_typed_it(desk: Desk, bot: Bot) -> None:
    people, channel = desk.houses.people, desk.houses.review
    bot.body = '{"text": "Nobody waits."}'
    await does(desk, people.maya, "command", channel=channel.id, text="/dunning queue ")
    assert (bot.heard[0]["command"], bot.heard[0]["text"]) == ("/dunning", "queue")
    (shown,) = slack_screen.screen(desk, people.maya)["messages"][channel.id]
    assert (shown["text"], shown["ephemeral"]) == ("Nobody waits.", True)
    await does(desk, people.maya, "dismiss", channel=channel.id, ts=shown["ts"])
    assert slack_screen.screen(desk, people.maya)["messages"][channel.id] == []


async def test_a_command_ends_where_its_line_does(desk: Desk, bot: Bot) -> None:
    people, channel = desk.houses.people, desk.houses.review
    await does(desk, people.maya, "command", channel=channel.id, text="/dunning\nhelp")
    assert (bot.heard[0]["command"], bot.heard[0]["text"]) == ("/dunning", "help")


async def test_a_command_that_no_app_has_is_refused_by_slack(desk: Desk, bot: Bot) -> None:
    given = {"channel": desk.houses.review.id, "text": "/foo bar"}
    assert await refused(desk, desk.houses.people.maya, "command", **given) == "no_command"
    assert bot.heard == []


async def test_what_people_write_stands_there_as_text_and_the_bot_is_not_told(
    desk: Desk, bot: Bot
) -> None:
    maya, message = desk.houses.people.maya, card(desk)
    given = {"channel": message.channel, "text": " <!channel> & you ", "thread_ts": message.ts}
    await does(desk, maya, "say", **given)
    (shown,) = slack_screen.screen(desk, maya)["messages"][message.channel]
    assert [one["text"] for one in shown["replies"]] == ["&lt;!channel&gt; &amp; you"]
    assert bot.heard == []


async def test_nobody_replies_to_what_is_gone_nor_writes_to_the_app(desk: Desk) -> None:
    maya, message = desk.houses.people.maya, card(desk)
    message.deleted = True
    given = {"channel": message.channel, "text": "Hello", "thread_ts": message.ts}
    assert await refused(desk, maya, "say", **given) == "gone"
    await does(desk, maya, "home")
    (direct,) = (one for one in desk.houses.slack.state.channels.values() if one.is_im)
    with pytest.raises(Nonsense):
        await does(desk, maya, "say", channel=direct.id, text="Hello")


async def test_the_home_is_asked_for_each_time_it_is_opened(desk: Desk, bot: Bot) -> None:
    for _ in range(2):
        await does(desk, desk.houses.people.maya, "home")
    assert [one["event"]["type"] for one in bot.heard] == ["app_home_opened"] * 2
    with pytest.raises(Nonsense):
        await does(desk, desk.stranger, "home")


async def test_reading_is_remembered_for_one_person_and_never_goes_back(desk: Desk) -> None:
    people, message = desk.houses.people, card(desk)
    before = f"1{message.ts[1:-1]}0"
    for ts in (message.ts, min(before, message.ts)):
        await does(desk, people.maya, "read", channel=message.channel, ts=ts)
    unread = {
        who.name: slack_screen.screen(desk, who)["channels"][0]["unread"]
        for who in (people.maya, people.tom)
    }
    assert unread == {"maya": 0, "tom": 1}


async def test_everybody_chooses_a_language_and_a_zone(desk: Desk) -> None:
    maya, tom = desk.houses.people.maya, desk.houses.people.tom
    await does(desk, maya, "viewer_set", zone="Asia/Tokyo")
    await does(desk, maya, "viewer_set", locale="fr-FR")
    assert (maya.tz, maya.locale) == ("Asia/Tokyo", "fr-FR")
    await does(desk, tom, "speak", language="es")
    assert (maya.locale, tom.locale) == ("es-ES", "es-ES")
    await does(desk, maya, "viewer_set", locale="fr-FR")
    await does(desk, tom, "speak", language="es")
    assert maya.locale == "fr-FR", "a second tab changes nobody’s choice"


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("press", {}),
        ("press", {"channel": 1, "ts": "1", "action_id": "approve"}),
        ("submit", {"view": "V1", "values": ["letter"]}),
        ("submit", {"view": "V1", "values": {"letter": 7}}),
        ("command", {"text": ["/dunning"]}),
        ("say", {"text": "   "}),
        ("say", {"text": "Hello", "thread_ts": 7}),
        ("read", {"ts": "yesterday"}),
        ("viewer_set", {"zone": "Mars/Olympus"}),
        ("viewer_set", {"locale": "xx"}),
        ("speak", {"language": "xx"}),
    ],
)
async def test_what_no_page_sends_is_turned_away(desk: Desk, act: str, given: Json) -> None:
    modal(desk, desk.houses.people.maya)
    with pytest.raises(Nonsense):
        await does(
            desk, desk.houses.people.maya, act, **{"channel": desk.houses.review.id, **given}
        )


@ONE_DATABASE
async def test_a_card_is_approved_on_the_page_and_a_guest_is_refused_in_words(
    migrated_url: str,
) -> None:
    async with town(migrated_url, MovableClock(weekday_noon(NOON))) as found:
        desk, story = desk_of(found), Story(found)
        found.review.members.append(found.people.guest.id)
        await story.failed()
        shown = story.newest()
        given = {"channel": shown.channel, "ts": shown.ts, "action_id": actions.APPROVE}
        await found.passing(does(desk, found.people.guest, "press", **given))
        assert [one.user for one in found.slack.state.ephemerals] == [found.people.guest.id]
        assert story.asks(), "a guest decides nothing"
        await found.passing(does(desk, found.people.maya, "press", **given))
        await found.idle()
        assert not story.asks()
