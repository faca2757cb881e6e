"""Pressing and choosing, and what the bot is told."""

import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, NotThereError, Slack, User
from tests.sandbox.slack.stage import MENU, Bot, Seconds, actions, button, card, options, section


async def test_a_press_is_signed_and_says_what_stands_on_the_card(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    ts = await card(client, desk, actions(button(value="v1:7", style="primary"), block_id="row"))
    answer = await slack.press(ana.id, desk.id, ts, "approve")
    request, body = bot.got[-1], bot.bodies[-1]
    verifier = SignatureVerifier(slack.signing_secret, clock=Seconds(slack))
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
    ts = await card(client, desk, section(accessory=more), actions(MENU))
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


async def test_one_of_two_equal_buttons_is_pressed_by_its_block(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    rows = [actions(button(value=name), block_id=name) for name in ("first", "second")]
    ts = await card(client, desk, *rows)
    await slack.press(ana.id, desk.id, ts, "approve", block_id="second")
    assert bot.payload()["actions"][0]["value"] == "second"


async def test_a_whisper_cannot_be_pressed_by_anybody_else(
    client: AsyncWebClient, slack: Slack, desk: Channel, ana: User, bot: Bot
) -> None:
    said = await client.chat_postEphemeral(
        channel=desk.id, user=ana.id, text="Sure?", blocks=[actions(button("yes"))]
    )
    other = slack.add_user("other")
    with pytest.raises(NotThereError):
        await slack.press(other.id, desk.id, said["message_ts"], "yes")
    assert bot.got == []
