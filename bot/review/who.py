"""Who may decide, and who looks after a customer: asked of Slack each time, never remembered.

A failed look-up denies. https://docs.slack.dev/reference/objects/user-object.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.case.model import Case
from bot.customer import address
from bot.errors import ChannelTrouble
from bot.log import tell
from bot.review.client import slack_trouble
from bot.review.parts import Manager
from bot.review.rooms import NOT_PRIVATE, Rooms
from bot.words import FALLBACK, LOCALES

_PAGE: Final = 1000
_DEADLINE: Final = 2.0  # seconds: Slack wants its answer to a press within three
_USER: Final = re.compile(r"[UW][A-Z0-9]{1,20}", re.ASCII)
_GROUP: Final = re.compile(r"S[A-Z0-9]{1,20}", re.ASCII)
# The flags of a user that rule them out, and what they are told; the first that is set speaks.
_RULED_OUT: Final = (
    ("deleted", "refusal.deactivated"),
    ("is_bot", "refusal.bot"),
    ("is_stranger", "refusal.other_team"),
    ("is_ultra_restricted", "refusal.guest"),
    ("is_restricted", "refusal.guest"),
)
# What a failed look-up tells of the person or the set-up; any other tells nothing, and denies.
_SAID: Final = {
    "plan_upgrade_required": "refusal.plan_upgrade_required",
    NOT_PRIVATE: "refusal.channel_not_private",
    "user_not_found": "refusal.other_team",
    "user_not_visible": "refusal.other_team",
}
# Why somebody can't be given a customer; for any other reason they are none of us.
_NOT_GIVEN: Final = {
    "refusal.not_member": "hand_over.not_in_channel",
    "refusal.lookup_failed": "hand_over.lookup_failed",
    "refusal.channel_not_private": "refusal.channel_not_private",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether a person may decide; `why` is the words' key for a no, `locale` their language."""

    allowed: bool
    why: str | None = None
    locale: str = FALLBACK


class Directory:
    """What we ask of Slack's list of people. `approvers` holds user and user-group ids.

    Without approvers the members of `channel` (the review channel, id or name) decide. A VIP may
    also be taken on by the members of `vip_channel`: account managers need approve no letters.
    """

    def __init__(  # noqa: PLR0913 - each by name
        self,
        client: AsyncWebClient,
        rooms: Rooms,
        *,
        channel: str,
        vip_channel: str | None = None,
        approvers: frozenset[str] = frozenset(),
        default_manager: str | None = None,
        locale: str = FALLBACK,
        within: float = _DEADLINE,
    ) -> None:
        self._client = client
        self._rooms = rooms
        self._channel = channel
        self._vip_channel = vip_channel or channel
        self._approvers = approvers
        self._default = default_manager
        self._locale = locale  # for whoever Slack could not be asked about
        self._within = within

    async def may_decide(self, user: str, team: str) -> Answer:
        """Whether this user, who came from `team`, may decide. Never raises."""
        return await self._answer(user, team, self._not_listed)

    async def may_own(self, user: str, team: str) -> Answer:
        """Whether this user may take a VIP on, or say that they got in touch. Never raises."""
        return await self._answer(user, team, self._no_owner)

    async def not_to_be_given(self, user: str) -> str | None:
        """The words' key for why a VIP can't be handed over to this user. Never raises.

        It must be one of us who sees the VIP's message: else nobody would tell them.
        """
        answer = await self._answer(user, None, self._not_there)
        return _NOT_GIVEN.get(answer.why, "hand_over.not_one_of_us") if answer.why else None

    async def _answer(
        self, user: str, team: str | None, unlisted: Callable[[str], Awaitable[str | None]]
    ) -> Answer:
        locale = self._locale
        try:
            async with asyncio.timeout(self._within):
                home = await self._rooms.home()
                person = await self._person(user)
                locale = language_of(person)
                said = home.team if team is None else team
                why = _ruled_out(person, {said, str(person.get("team_id", said))}, home.team)
                why = why or await unlisted(user)
        except (ChannelTrouble, TimeoutError) as error:
            code = error.code if isinstance(error, ChannelTrouble) else "timeout"
            tell("who_unknown", level=logging.WARNING, code=code)
            why = _SAID.get(code, "refusal.lookup_failed")
        return Answer(allowed=why is None, why=why, locale=locale)

    async def manager_of(self, case: Case) -> Manager:
        """Whom to tag for this customer. Raises ChannelTrouble when Slack doesn't answer.

        The one to whom a person handed them over; else whom their metadata names; else the default.
        """
        if not case.owner:
            return await self._unless_handed_over(case)
        trouble = await self._owner_trouble(case.owner)
        if trouble is None:
            return Manager(mention=mention(case.owner))
        other = await self._unless_handed_over(case)
        return replace(other, fallback=trouble, named=case.owner)

    async def _owner_trouble(self, owner: str) -> str | None:
        """Why a person that was one of us can't be asked."""
        found, trouble = await self._find(owner)
        if trouble == "vip.manager_unknown_now":
            return "vip.owner_unknown_now"
        return None if found else "vip.owner_gone"

    async def _unless_handed_over(self, case: Case) -> Manager:
        named = _manager_in(case)
        if not named:
            return Manager(mention=mention(self._default))
        if _GROUP.fullmatch(named):
            return Manager(mention=mention(named))
        found, trouble = await self._find(named)
        if found:
            return Manager(mention=mention(found))
        return Manager(mention=mention(self._default), fallback=trouble, named=named)

    async def _find(self, named: str) -> tuple[str | None, str | None]:
        """A user's id for an id or an e-mail, or why there is none."""
        by_id = _USER.fullmatch(named) is not None
        if not by_id and address(named)[0] is None:
            return None, "vip.manager_unreadable"
        try:
            person = await (self._person(named) if by_id else self._by_email(named))
        except ChannelTrouble as trouble:
            if trouble.code in {"users_not_found", "user_not_found", "user_not_visible"}:
                return None, "vip.manager_not_found"
            if trouble.permanent:
                return None, "vip.manager_unknown_now"
            raise
        if person.get("deleted"):
            return None, "vip.manager_gone"
        if person.get("is_stranger"):
            return None, "vip.manager_not_found"
        return str(person["id"]), None

    async def _person(self, user: str) -> dict[str, Any]:
        with slack_trouble():
            answer = await self._client.users_info(user=user, include_locale=True)
        return dict(answer["user"])

    async def _by_email(self, email: str) -> dict[str, Any]:
        with slack_trouble():
            answer = await self._client.users_lookupByEmail(email=email)
        return dict(answer["user"])

    async def _not_there(self, user: str) -> str | None:
        there = await self._is_member(user, self._vip_channel)
        return None if there else "refusal.not_member"

    async def _no_owner(self, user: str) -> str | None:
        try:
            if await self._is_member(user, self._vip_channel):
                return None
        except ChannelTrouble:
            if await self._not_listed(user) is None:
                return None
            raise
        return await self._not_listed(user)

    async def _not_listed(self, user: str) -> str | None:
        if not self._approvers:
            inside = await self._is_member(user, self._channel)
            return None if inside else "refusal.not_member"
        if user in self._approvers:
            return None
        trouble: ChannelTrouble | None = None
        for group in sorted(one for one in self._approvers if _GROUP.fullmatch(one)):
            try:
                if user in await self._group(group):
                    return None
            except ChannelTrouble as unknown:  # another group may still name them
                trouble = unknown
        if trouble is not None:
            raise trouble
        return "refusal.not_approver"

    async def _group(self, group: str) -> list[str]:
        with slack_trouble():
            answer = await self._client.usergroups_users_list(usergroup=group)
        return list(answer["users"])

    async def _is_member(self, user: str, room: str) -> bool:
        # Anybody may join a public channel: being in it then proves nothing.
        channel = await self._rooms.safe(room, now=True)
        cursor: str | None = None
        while True:
            with slack_trouble():
                answer = await self._client.conversations_members(
                    channel=channel, limit=_PAGE, cursor=cursor
                )
            if user in answer["members"]:
                return True
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return False


def language_of(person: dict[str, Any]) -> str:
    """The language a person set Slack to, as far as we speak it: fr-FR is fr."""
    spoken = str(person.get("locale") or FALLBACK).split("-")[0].lower()
    return spoken if spoken in LOCALES else FALLBACK


def mention(who: str | None) -> str | None:
    """How Slack tags a user or a user group; None for anything else."""
    if who and _USER.fullmatch(who):
        return f"<@{who}>"
    return f"<!subteam^{who}>" if who and _GROUP.fullmatch(who) else None


def _ruled_out(person: dict[str, Any], teams: set[str], home: str) -> str | None:
    for flag, why in _RULED_OUT:
        if person.get(flag):
            return why
    return None if teams == {home} else "refusal.other_team"


def _manager_in(case: Case) -> str:
    return ((case.facts.customer.manager if case.facts else None) or "").strip()
