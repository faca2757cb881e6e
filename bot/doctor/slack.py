"""Whether Slack takes the tokens, allows what we do, and knows the channels and the people."""

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.config import Config
from bot.doctor.finding import (
    SECONDS,
    Check,
    Finding,
    Verdict,
    in_turn,
    ok,
    refused,
    skipped,
    unknown,
    wrong,
)
from bot.errors import ChannelTrouble
from bot.review.client import slack_client, slack_trouble
from bot.review.rooms import Rooms
from bot.review.scopes import NEEDED, SCOPES
from bot.review.setup import ADDRESS, OF_THE_ADDRESS, TOKEN
from bot.review.who import Directory

APP_TOKEN: Final = "SLACK_APP_TOKEN"  # noqa: S105 - a setting's name
# Slack and Stripe take five minutes for an attack; what drifts as far as this goes on drifting.
MOST_SKEW: Final = timedelta(seconds=60)
OPTIONAL: Final = frozenset({"VIP_CHANNEL"})
# Of the look-up or the channel, not of the person.
_NOT_ASKED: Final = "refusal.lookup_failed"
_NOT_GIVEN_FOR_ANOTHER_REASON: Final = frozenset(
    {"hand_over.lookup_failed", "refusal.channel_not_private"}
)
_LOOKUP_SECONDS: Final = 8.0
_GROUP: Final = re.compile(r"S[A-Z0-9]+", re.ASCII)


async def examined(
    config: Config,
    clock: Clock,
    *,
    within: float = SECONDS,
    left_out: frozenset[str] = frozenset(),
) -> list[Finding]:
    """The findings about Slack. Nothing is posted, and no connection for presses is opened.

    `within` so many seconds for a check, and again for all others; `left_out` are not asked.
    """
    async with slack_client(config.slack_bot_token or "", config.slack_api_url, clock) as client:
        rooms = Rooms(client, clock)
        people = _directory(config, client, rooms)
        rest: dict[str, Check] = {
            "slack.clock": partial(_skew, client, clock),
            "slack.scopes": partial(_scopes, rooms),
            "slack.review_channel": partial(_room, rooms, "REVIEW_CHANNEL", config.review_channel),
            "slack.vip_channel": partial(_room, rooms, "VIP_CHANNEL", config.vip_channel),
            "slack.approvers": partial(_approvers, config, client, rooms, people),
            "slack.account_manager": partial(_manager, config.account_manager, client, people),
            "slack.app_token": partial(_app_token, config.slack_app_token, client),
        }
        asked = {name: check for name, check in rest.items() if name not in left_out}
        return await in_turn("slack.token", partial(_token, config, rooms), asked, within=within)


async def _token(config: Config, rooms: Rooms) -> Verdict:
    if not config.slack_bot_token:
        return skipped("missing", setting=TOKEN)
    try:
        home = await rooms.home()
    except ChannelTrouble as trouble:
        setting = ADDRESS if trouble.code in OF_THE_ADDRESS else TOKEN
        return refused(setting, trouble.code)
    return ok(place=home.url)


async def _skew(client: AsyncWebClient, clock: Clock) -> Verdict:
    """Requests are proved by their time: a clock that is wrong makes true ones look forged."""
    with slack_trouble():
        answer = await client.auth_test()
    said = {str(name).lower(): value for name, value in answer.headers.items()}.get("date")
    theirs = _moment(said)
    if theirs is None:
        return unknown("not_told")
    skew = abs(clock.now() - theirs)
    return ok() if skew <= MOST_SKEW else wrong("skewed", seconds=round(skew.total_seconds()))


def _moment(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


async def _scopes(rooms: Rooms) -> Verdict:
    has = (await rooms.home()).scopes
    if has is None:
        return unknown("not_told")
    if lacking := NEEDED - has:
        return wrong("lacking", scopes=", ".join(sorted(lacking)))
    if less := SCOPES - has:
        return unknown("less", scopes=", ".join(sorted(less)))
    return ok()


async def _room(rooms: Rooms, setting: str, channel: str | None) -> Verdict:
    if not channel:
        return skipped("unset" if setting in OPTIONAL else "missing", setting=setting)
    try:
        await rooms.safe(channel)
    except ChannelTrouble as trouble:
        return refused(setting, trouble.code)
    return ok("room", setting=setting)


async def _approvers(
    config: Config, client: AsyncWebClient, rooms: Rooms, people: Directory
) -> Verdict:
    if not config.approvers:
        return ok("members")
    team = (await rooms.home()).team
    out: list[str] = []
    for who in config.approvers:
        why = await _undeciding(client, people, who, team)
        if why == _NOT_ASKED:
            return unknown("not_asked", who=who)
        out += [who] if why else []
    return wrong("out", who=", ".join(out)) if out else ok()


async def _manager(who: str | None, client: AsyncWebClient, people: Directory) -> Verdict:
    if not who:
        return skipped("unset", setting="ACCOUNT_MANAGER")
    is_group = _GROUP.fullmatch(who)
    why = await (_empty(client, who) if is_group else people.not_to_be_given(who))
    if why in _NOT_GIVEN_FOR_ANOTHER_REASON:
        return unknown("not_asked", who=who)
    return wrong("out", who=who) if why else ok()


async def _undeciding(client: AsyncWebClient, people: Directory, who: str, team: str) -> str | None:
    """Why a user, or everybody in a user group, can't decide."""
    if _GROUP.fullmatch(who):
        return await _empty(client, who)
    return (await people.may_decide(who, team)).why


async def _empty(client: AsyncWebClient, group: str) -> str | None:
    """Why nobody is in a user group, as far as we may see."""
    try:
        with slack_trouble():
            answer = await client.usergroups_users_list(usergroup=group)
    except ChannelTrouble as trouble:
        if not trouble.permanent:
            raise
        return trouble.code
    return None if answer["users"] else "empty"


async def _app_token(token: str | None, client: AsyncWebClient) -> Verdict:
    if not token:
        return skipped("unset", setting=APP_TOKEN)
    try:
        with slack_trouble():
            await client.apps_connections_open(app_token=token)
    except ChannelTrouble as trouble:
        return refused(APP_TOKEN, trouble.code)
    return ok()


def _directory(config: Config, client: AsyncWebClient, rooms: Rooms) -> Directory:
    return Directory(
        client,
        rooms,
        channel=config.review_channel or "",
        vip_channel=config.vip_channel,
        approvers=frozenset(config.approvers),
        within=_LOOKUP_SECONDS,
    )
