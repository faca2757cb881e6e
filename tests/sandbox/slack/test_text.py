"""Messages as plain lines."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User, render_text
from tests.sandbox.slack.stage import PICTURE, actions, button, options, section, words


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
            {"type": "context", "elements": [words("a"), {"type": "image", **PICTURE}]},
            actions(button(), more),
            {"type": "table", "rows": [[{"type": "raw_text", "text": t} for t in "xy"]]},
        ],
    )
    text = render_text(slack.messages(desk.id)[0], {ana.id: "ana"})
    assert text.splitlines() == [
        "Payment failed",
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
