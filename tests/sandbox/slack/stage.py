"""What the tests of the loopback Slack share: a clock, a bot that listens, and blocks."""

import json
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Channel, Slack, User


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


def words(text: str = "Hello") -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "Hello", **more: object) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str = "approve", **more: object) -> dict[str, Any]:
    return {"type": "button", "text": words("Approve"), "action_id": action_id, **more}


def actions(*elements: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def options(count: int) -> list[dict[str, Any]]:
    return [{"text": words(f"Option {n}"), "value": f"o{n}"} for n in range(count)]


def asks(block_id: str = "body", **more: object) -> dict[str, Any]:
    field = {"type": "plain_text_input", "action_id": "text", **more}
    return {"type": "input", "block_id": block_id, "label": words("Body"), "element": field}


def modal(*blocks: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": words("Edit"),
        "submit": words("Send"),
        "blocks": list(blocks) or [section()],
        **more,
    }


async def refused(call: Awaitable[object]) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: dict[str, Any] = caught.value.response.data
    assert answer["ok"] is False
    return answer


async def error(call: Awaitable[object]) -> str:
    return str((await refused(call))["error"])


MENU = {"type": "static_select", "action_id": "menu", "options": options(2)}
PICTURE = {"image_url": "https://example.com/a.png", "alt_text": "A"}


async def card(client: AsyncWebClient, desk: Channel, *blocks: dict[str, Any]) -> str:
    """Post a card with these blocks and give its ts."""
    posted = await client.chat_postMessage(channel=desk.id, text="Card", blocks=list(blocks))
    return str(posted["ts"])


async def opened(client: AsyncWebClient, slack: Slack, user: User, view: dict[str, Any]) -> str:
    """Open a modal for somebody and give its id."""
    trigger = slack.state.trigger(user.id)
    return str((await client.views_open(trigger_id=trigger, view=view))["view"]["id"])


class Seconds(Clock):
    """The clock as slack_sdk's verifier wants it."""

    def __init__(self, slack: Slack) -> None:
        self.clock = slack.state.clock

    def now(self) -> float:
        return self.clock.now().timestamp()
