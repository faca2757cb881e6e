"""Filling in modals, and what Slack makes of the answers."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, NotLetError, NotThereError, Slack, User, render_text
from tests.sandbox.slack.stage import (
    Bot,
    actions,
    asks,
    button,
    card,
    modal,
    opened,
    section,
    words,
)


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


async def test_what_was_typed_stays_in_the_same_field_after_errors_and_updates(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    name = await opened(client, slack, ana, modal(asks("subject"), asks("body")))
    bot.answer = {"response_action": "errors", "errors": {"body": "No pay link"}}
    await slack.submit_view(ana.id, name, {"subject": "Mine", "body": "x"})
    newer = modal(asks("subject", initial_value="Theirs"), asks("other", initial_value="New"))
    bot.answer = {"response_action": "update", "view": newer}
    await slack.submit_view(ana.id, name, {"body": "y"})
    bot.answer = None
    await slack.submit_view(ana.id, name)
    values = bot.payload()["view"]["state"]["values"]
    assert {one: part["text"]["value"] for one, part in values.items()} == {
        "subject": "Mine",
        "other": "New",
    }


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


async def test_nobody_can_send_somebody_elses_modal(
    client: AsyncWebClient, slack: Slack, ana: User, bot: Bot
) -> None:
    name = await opened(client, slack, ana, modal())
    other = slack.add_user("other")
    with pytest.raises(NotThereError):
        await slack.submit_view(other.id, name)
    assert bot.got == []
