"""The conversations.*, users.* and usergroups.* methods: who is there, and where.

Follows https://docs.slack.dev/reference/methods. A bot without the scope for a kind of channel is
told missing_scope, as Slack does, so that a public channel can't be mistaken for a private one.
"""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.sandbox.slack_calls import (
    Method,
    Refused,
    is_set,
    need,
    page,
    user_of,
    visible,
    wanted,
)
from bot.sandbox.slack_state import Channel, Json, User, UserGroup, Workspace


def auth_test(workspace: Workspace, _args: Json) -> Json:
    """auth.test: who the bot is."""
    return {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.domain.capitalize(),
        "team_id": workspace.team_id,
        "user": workspace.users[workspace.bot_user].name,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def bot_info(workspace: Workspace, args: Json) -> Json:
    """bots.info: which app a bot is of."""
    if args.get("bot") != workspace.bot_id:
        raise Refused("bot_not_found")
    name = workspace.users[workspace.bot_user].name
    bot = {"id": workspace.bot_id, "app_id": workspace.app_id, "user_id": workspace.bot_user}
    return {"ok": True, "bot": {**bot, "name": name, "deleted": False}}


def channel_info(workspace: Workspace, args: Json) -> Json:
    """conversations.info."""
    channel = visible(workspace, args)
    need(workspace, _scope(channel))
    shown = channel_json(workspace, channel)
    if is_set(args, "include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"ok": True, "channel": shown}


def channel_list(workspace: Workspace, args: Json) -> Json:
    """conversations.list: public channels unless `types` says otherwise."""
    found = _of_asked_kinds(workspace, args)
    part, cursor = page(found, args, default=100, most=1000)
    shown = [channel_json(workspace, channel) for channel in part]
    return {"ok": True, "channels": shown, "response_metadata": cursor}


def own_channels(workspace: Workspace, args: Json) -> Json:
    """users.conversations: those that the bot is in; the limited objects say no is_member."""
    inside = [one for one in _of_asked_kinds(workspace, args) if workspace.bot_user in one.members]
    part, cursor = page(inside, args, default=100, most=999)
    shown = [channel_json(workspace, channel) for channel in part]
    for one in shown:
        one.pop("is_member", None)
    return {"ok": True, "channels": shown, "response_metadata": cursor}


def _of_asked_kinds(workspace: Workspace, args: Json) -> list[Channel]:
    kinds = str(args.get("types") or "public_channel").split(",")
    for kind in kinds:
        if kind.strip() not in _SCOPES:
            raise Refused("invalid_types")
        need(workspace, _SCOPES[kind.strip()])
    return [
        channel
        for channel in workspace.channels.values()
        if _kind(channel) in kinds
        and (not channel.is_private or workspace.bot_user in channel.members)
        and not (channel.is_archived and is_set(args, "exclude_archived"))
    ]


def channel_members(workspace: Workspace, args: Json) -> Json:
    """conversations.members."""
    channel = visible(workspace, args)
    need(workspace, _scope(channel))
    part, cursor = page(channel.members, args, default=100, most=1000)
    return {"ok": True, "members": part, "response_metadata": cursor}


def channel_open(workspace: Workspace, args: Json) -> Json:
    """conversations.open: a direct conversation; the same one every time."""
    users = args.get("users") or ""
    ids = users if isinstance(users, list) else str(users).split(",")
    channel = open_im(workspace, [user for user in ids if user])
    return {"ok": True, "channel": {"id": channel.id}}


def open_im(workspace: Workspace, users: list[str]) -> Channel:
    """The direct conversation of the bot with one person."""
    if not users:
        raise Refused("users_list_not_supplied")
    user = workspace.users.get(users[0])
    if user is None:
        raise Refused("user_not_found")
    if user.deleted:
        raise Refused("user_disabled")
    if user.is_bot:
        raise Refused("cannot_dm_bot")
    members = [workspace.bot_user, user.id]
    for channel in workspace.channels.values():
        if channel.is_im and channel.members == members:
            return channel
    channel = Channel(id=workspace.next_id("D"), name="", members=members, is_im=True)
    workspace.channels[channel.id] = channel
    return channel


def user_info(workspace: Workspace, args: Json) -> Json:
    """users.info."""
    user = user_of(workspace, args)
    return {"ok": True, "user": user_json(workspace, user, locale=is_set(args, "include_locale"))}


def user_list(workspace: Workspace, args: Json) -> Json:
    """users.list."""
    everybody = list(workspace.users.values())
    part, cursor = page(everybody, args, default=1000, most=1000)
    locale = is_set(args, "include_locale")
    members = [user_json(workspace, user, locale=locale) for user in part]
    return {"ok": True, "members": members, "response_metadata": cursor}


def user_by_email(workspace: Workspace, args: Json) -> Json:
    """users.lookupByEmail: active people only."""
    email = wanted(args, "email").casefold()
    for user in workspace.users.values():
        if (user.email or "").casefold() == email and not user.deleted:
            return {"ok": True, "user": user_json(workspace, user)}
    raise Refused("users_not_found")


def group_list(workspace: Workspace, _args: Json) -> Json:
    """usergroups.list: on a paid plan."""
    _needs_paid_plan(workspace)
    return {"ok": True, "usergroups": [_group_json(g) for g in workspace.usergroups.values()]}


def group_users(workspace: Workspace, args: Json) -> Json:
    """usergroups.users.list: on a paid plan."""
    _needs_paid_plan(workspace)
    group = workspace.usergroups.get(wanted(args, "usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"ok": True, "users": list(group.users)}


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """A channel as Slack writes it."""
    if channel.is_im:
        return {"id": channel.id, "is_im": True, "user": channel.members[-1], "is_private": True}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": False,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_member": workspace.bot_user in channel.members,
        "context_team_id": workspace.team_id,
    }


def user_json(workspace: Workspace, user: User, *, locale: bool = False) -> Json:
    """A person as Slack writes them; the e-mail address only with users:read.email."""
    profile: Json = {"real_name": user.real_name, "display_name": user.name, **user.profile}
    if user.email and "users:read.email" in workspace.scopes:
        profile["email"] = user.email
    shown: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
    }
    if user.is_stranger:
        shown["is_stranger"] = True
    if locale:
        shown["locale"] = user.locale
    # Slack tells nothing more about people whose accounts are gone.
    return shown if user.deleted else shown | _standing(workspace, user)


def _standing(workspace: Workspace, user: User) -> Json:
    zone = ZoneInfo(user.tz)
    offset = workspace.clock.now().astimezone(zone).utcoffset() or timedelta()
    return {
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": round(offset.total_seconds()),
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_restricted": user.is_restricted or user.is_ultra_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
    }


def _group_json(group: UserGroup) -> Json:
    return {
        "id": group.id,
        "handle": group.handle,
        "name": group.name,
        "is_usergroup": True,
        "date_delete": 0,
        "user_count": len(group.users),
    }


def _needs_paid_plan(workspace: Workspace) -> None:
    if not workspace.paid_plan:
        raise Refused("plan_upgrade_required")


_SCOPES: Final = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _scope(channel: Channel) -> str:
    return _SCOPES[_kind(channel)]


METHODS: Final[dict[str, Method]] = {
    "auth.test": Method(run=auth_test),
    "bots.info": Method(run=bot_info, scope="users:read"),
    "conversations.info": Method(run=channel_info),
    "conversations.list": Method(run=channel_list),
    "conversations.members": Method(run=channel_members),
    "conversations.open": Method(run=channel_open, scope="im:write"),
    "users.conversations": Method(run=own_channels),
    "users.info": Method(run=user_info, scope="users:read"),
    "users.list": Method(run=user_list, scope="users:read"),
    "users.lookupByEmail": Method(run=user_by_email, scope="users:read.email"),
    "usergroups.list": Method(run=group_list, scope="usergroups:read"),
    "usergroups.users.list": Method(run=group_users, scope="usergroups:read"),
}
