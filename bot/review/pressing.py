"""A press as Slack tells it, and the one sentence that only who pressed gets to see."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChannelTrouble
from bot.log import tell
from bot.review.actions import meant
from bot.review.client import slack_trouble
from bot.review.deciding import Deciding


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """A press as Slack tells it. `channel` is where the card stands, `trigger` opens a modal."""

    action: str
    value: str
    user: str
    team: str
    channel: str
    trigger: str


def read(body: Mapping[str, Any]) -> Pressed | None:
    """The first press of a payload; None when it has none. Of a menu it is the option."""
    try:
        action, user = body["actions"][0], body["user"]
        place = body.get("channel") or {}
        chosen = action.get("selected_option") or action
        name, value = meant(str(action["action_id"]), str(chosen.get("value") or ""))
        return Pressed(
            action=name,
            value=value,
            user=str(user["id"]),
            team=str(user.get("team_id") or (body.get("team") or {}).get("id") or ""),
            channel=str(place.get("id") or ""),
            trigger=str(body.get("trigger_id") or ""),
        )
    except (AttributeError, IndexError, KeyError, TypeError):
        return None


async def whisper(pressed: Pressed, sentence: str, deciding: Deciding) -> None:
    """One sentence that only they see. A Slack that is slow to take it must not hold the answer."""
    whispering = deciding.later(_whispered(pressed, sentence, deciding.client))
    await asyncio.wait({whispering}, timeout=deciding.patience)


async def _whispered(pressed: Pressed, sentence: str, client: AsyncWebClient) -> None:
    try:
        with slack_trouble():
            await client.chat_postEphemeral(
                channel=pressed.channel, user=pressed.user, text=sentence
            )
    except ChannelTrouble as trouble:
        tell("whisper_failed", level=logging.WARNING, code=trouble.code)
