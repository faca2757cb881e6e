"""Modals and Homes, and what the loopback Slack refuses in them."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Slack, User, render_text
from tests.sandbox.slack.stage import (
    Bot,
    HandClock,
    actions,
    asks,
    button,
    error,
    modal,
    refused,
    section,
    words,
)


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
