"""Our own place in Slack: which team, which channels, and whether a channel is safe to speak in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ChannelTrouble
from bot.review.client import slack_trouble

NOT_PRIVATE: Final = "channel_not_private"
_ID: Final = re.compile(r"[CG][A-Z0-9]{6,20}", re.ASCII)
_PAGE: Final = 1000
# A channel that is made public or shared is noticed within this time; asking at every post would
# double our calls.
_FRESH: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Home:
    """The workspace the bot is installed in; `url` ends in a slash, `bot` is the bot's own user.

    `scopes` is what the token may do; None where Slack did not say.
    """

    team: str
    url: str
    bot: str = ""
    scopes: frozenset[str] | None = None


class Rooms:
    """Channels by id or name: resolved once, checked every few minutes."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._home: Home | None = None
        self._ids: dict[str, str] = {}
        self._checked: dict[str, datetime] = {}

    async def home(self) -> Home:
        """Who we are, asked once. Raises ChannelTrouble."""
        if self._home is None:
            with slack_trouble():
                answer = await self._client.auth_test()
            self._home = Home(
                team=str(answer["team_id"]),
                url=str(answer["url"]),
                bot=str(answer.get("user_id") or ""),
                scopes=_scopes(answer.headers),
            )
        return self._home

    async def id_of(self, channel: str) -> str:
        """The id of a channel written as id, name or #name. Raises ChannelTrouble."""
        name = channel.removeprefix("#")
        if _ID.fullmatch(name):
            return name
        if name not in self._ids:
            self._ids[name] = await self._look_for(name)
        return self._ids[name]

    async def safe(self, channel: str, *, now: bool = False) -> str:
        """The id of a channel that nobody outside can read, and that can be written in.

        `now` asks Slack again, however recently it was asked. Raises ChannelTrouble, permanent with
        code `channel_not_private` when it is public or shared with another organisation,
        `is_archived` when it is archived.
        """
        room = await self.id_of(channel)
        checked = self._checked.get(room)
        if now or checked is None or self._clock.now() - checked > _FRESH:
            self._checked.pop(room, None)
            await self._check(room)
            self._checked[room] = self._clock.now()
        return room

    async def link(self, room: str, ts: str) -> str:
        """The web address of a message, made without asking for it."""
        return f"{(await self.home()).url}archives/{room}/p{ts.replace('.', '')}"

    async def _check(self, room: str) -> None:
        try:
            with slack_trouble():
                answer = await self._client.conversations_info(channel=room)
        except ChannelTrouble as trouble:
            if trouble.code == "missing_scope":  # we ask for private channels' scope only
                raise ChannelTrouble(NOT_PRIVATE, permanent=True) from trouble
            raise
        found = answer["channel"]
        shared = found.get("is_ext_shared") or found.get("is_pending_ext_shared")
        if not found.get("is_private") or shared:
            raise ChannelTrouble(NOT_PRIVATE, permanent=True)
        if found.get("is_archived"):
            raise ChannelTrouble("is_archived", permanent=True)

    async def _look_for(self, name: str) -> str:
        cursor: str | None = None
        while True:
            with slack_trouble():
                answer = await self._client.conversations_list(
                    types="private_channel", exclude_archived=True, limit=_PAGE, cursor=cursor
                )
            for one in answer["channels"]:
                if one.get("name") == name:
                    return str(one["id"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                raise ChannelTrouble("channel_not_found", permanent=True)


def _scopes(headers: Mapping[str, str]) -> frozenset[str] | None:
    """What every answer of Slack's tells of its token."""
    said = {str(key).lower(): value for key, value in headers.items()}.get("x-oauth-scopes")
    return None if said is None else frozenset(one.strip() for one in said.split(","))
