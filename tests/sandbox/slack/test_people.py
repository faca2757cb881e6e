"""Commands, the Home, and requests that are forged on purpose."""

import json
from datetime import timedelta

from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User
from tests.sandbox.slack.stage import Bot, HandClock, Seconds, actions, button


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
    verifier = SignatureVerifier("other", clock=Seconds(slack))
    assert not verifier.is_valid_request(bot.bodies[-1], dict(request.headers))
    clock.moment = old
    signature = request.headers["X-Slack-Signature"]
    assert signature.startswith("v0=")
    assert bot.bodies[-1] == b"\xff"
