"""What the loopback Slack refuses in blocks: one test for each refusal."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel
from tests.sandbox.slack.stage import (
    MENU,
    PICTURE,
    actions,
    button,
    options,
    refused,
    section,
    words,
)

_CONFIRM = {"title": words(), "text": words(), "confirm": words(), "deny": words()}
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
        [actions({**MENU, "options": [{"text": words("x" * 76), "value": "a"}]})],
        "must be less than 76",
    ),
    "a long option value": (
        [actions({**MENU, "options": [{"text": words(), "value": "x" * 151}]})],
        "must be less than 151",
    ),
    "a first choice that is no option": (
        [actions({**MENU, "initial_option": {"text": words("No"), "value": "no"}})],
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
        {"type": "context", "elements": [words(), {"type": "image", **PICTURE}] * 5},
        actions(*(button(f"a{n}", value="x" * 2000) for n in range(25))),
        actions(button("x" * 255, confirm=_CONFIRM, style="danger", url="https://a.example/b")),
        actions({"type": "overflow", "action_id": "o", "options": options(5)}, MENU),
        {"type": "image", **PICTURE, "title": words()},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 20] * 100},
        rich,
        *[{"type": "divider"}] * 41,
    ]
    assert (await client.chat_postMessage(channel=desk.id, text="Hi", blocks=blocks))["ok"]
