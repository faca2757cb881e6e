"""Channels, people and user groups by the names that Slack shows; ids are for the settings."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChannelTrouble
from bot.foreign_text import cleaned
from bot.review.client import slack_trouble

_ROOMS: Final = 200  # a page, as Slack advises
_PAGES: Final = 5
# Each is looked up by itself: users.list is every account that the workspace ever had.
MOST_PEOPLE: Final = 60
_AT_ONCE: Final = 8
_NOT_LISTED: Final = frozenset({"plan_upgrade_required", "missing_scope", "paid_teams_only"})


@dataclass(frozen=True, kw_only=True)
class Room:
    """A channel; `unfit` names why no card may stand in it."""

    id: str
    name: str
    unfit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member, or a user group; `unfit` names why they can't decide."""

    id: str
    name: str
    unfit: str | None = None


async def rooms(client: AsyncWebClient) -> tuple[Room, ...]:
    """The private channels that the bot is in, by name. Raises ChannelTrouble.

    Public ones can't be seen with the scopes that we ask for, and would not do.
    """
    found: list[Room] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        with slack_trouble():
            answer = await client.users_conversations(
                types="private_channel", limit=_ROOMS, cursor=cursor
            )
        found += [_room(one) for one in answer["channels"]]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return tuple(sorted(found, key=lambda one: (one.unfit is not None, one.name)))


async def members(client: AsyncWebClient, room: str) -> tuple[tuple[Person, ...], int]:
    """Who is in a channel, and how many more are. Raises ChannelTrouble.

    Bots and accounts that are gone are left out.
    """
    with slack_trouble():
        answer = await client.conversations_members(channel=room, limit=1000)
    ids: Sequence[str] = answer["members"]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def looked_up(user: str) -> Mapping[str, Any] | None:
        try:
            async with turn:
                with slack_trouble():
                    found = await client.users_info(user=user)
        except ChannelTrouble:  # who can't be named can't be chosen; the others can
            return None
        shown: Mapping[str, Any] = found["user"]
        return shown

    known = await asyncio.gather(*map(looked_up, ids[:MOST_PEOPLE]))
    alive = [one for one in known if one and not one.get("deleted") and not one.get("is_bot")]
    people = sorted(map(_person, alive), key=lambda one: (one.unfit is not None, one.name))
    return tuple(people), len(ids[MOST_PEOPLE:])


async def groups(client: AsyncWebClient) -> tuple[Person, ...]:
    """The user groups; none where the plan or the scopes have none. Raises ChannelTrouble."""
    try:
        with slack_trouble():
            answer = await client.usergroups_list()
    except ChannelTrouble as trouble:
        if trouble.code in _NOT_LISTED:
            return ()
        raise
    alive = [one for one in answer["usergroups"] if not one.get("date_delete")]
    return tuple(Person(id=str(one["id"]), name=_name(one, "name", "handle")) for one in alive)


def _room(one: Mapping[str, Any]) -> Room:
    shared = one.get("is_ext_shared") or one.get("is_pending_ext_shared")
    unfit = "shared" if shared else None if one.get("is_private") else "public"
    return Room(
        id=str(one["id"]),
        name=_name(one, "name"),
        unfit="archived" if one.get("is_archived") else unfit,
    )


def _person(one: Mapping[str, Any]) -> Person:
    guest = one.get("is_restricted") or one.get("is_ultra_restricted")
    unfit = "stranger" if one.get("is_stranger") else "guest" if guest else None
    named = {**one, **{name: text for name, text in (one.get("profile") or {}).items() if text}}
    return Person(
        id=str(one["id"]), name=_name(named, "real_name", "display_name", "name"), unfit=unfit
    )


def _name(one: Mapping[str, Any], *fields: str) -> str:
    named = (cleaned(one.get(field), 80) for field in fields)
    return next((name for name in named if name), str(one["id"]))
