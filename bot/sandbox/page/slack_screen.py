"""What one person sees of the workspace: pure reading of what Slack keeps, cheap enough to repeat.

A person sees the channels that they are in; somebody of another company only while a channel is
shared with them. An ephemeral message, a modal and a Home are shown to nobody but their person.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final

from bot.review.commands.verbs import COMMAND, Verb, shown
from bot.sandbox import slack_views
from bot.sandbox.page.desk import Desk, Json
from bot.sandbox.page.resident import State
from bot.sandbox.slack import Channel, Ephemeral, Message, Slack, User, Workspace
from bot.words import words

TOP_MESSAGES: Final = 60  # of a channel, the newest
REPLIES: Final = 100  # of a thread, the newest
LATEST_CALLS: Final = 300  # among which we look for what Slack refused
REFUSALS: Final = 5
TINTS: Final = 6
LOCALES: Final = {"en": "en-US", "es": "es-ES", "fr": "fr-FR"}
ZONES: Final = (
    *("America/Los_Angeles", "America/New_York", "America/Sao_Paulo"),
    *("Europe/London", "Europe/Paris", "Africa/Lagos"),
    *("Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"),
)


def screen(desk: Desk, viewer: User) -> Json:
    """The whole Slack as this person sees it now. Times are Slack's: Unix seconds as text."""
    slack = desk.houses.slack
    state = slack.state
    channels = seen_by(state, viewer)
    messages = _messages(state, viewer, channels)
    return {
        "viewer": viewer.id,
        "viewers": [_person(desk, user) for user in state.users.values() if not user.is_bot],
        "zones": ZONES,
        "company": desk.bot.settings.get("COMPANY_NAME", ""),
        "domain": state.domain,
        "app": state.bot_user,
        "users": {user.id: _face(user, index) for index, user in enumerate(state.users.values())},
        "groups": {group.id: group.handle for group in state.usergroups.values()},
        "channels": [_channel(desk, viewer, one, messages[one.id]) for one in channels],
        "messages": messages,
        "modals": _modals(state, viewer),
        "home": _home(state, viewer),
        "commands": commands(viewer.locale[:2]),
        "refused": _refused(slack),
        "trouble": trouble(desk),
    }


def seen_by(state: Workspace, viewer: User) -> list[Channel]:
    """The channels that exist for this person, archived ones left out."""
    return [
        channel
        for channel in state.channels.values()
        if viewer.id in channel.members
        and not channel.is_archived
        and (channel.is_ext_shared or not viewer.is_stranger)
    ]


def role(desk: Desk, user: User) -> str:
    """What somebody is here: reviewer, manager, guest, stranger or colleague."""
    people = desk.houses.people
    if user.is_stranger:
        return "stranger"
    if user.is_restricted:
        return "guest"
    if user.id == people.priya.id:
        return "manager"
    return "reviewer" if user.id in (people.maya.id, people.tom.id) else "colleague"


def trouble(desk: Desk) -> str | None:
    """What keeps bot and Slack apart for now: bot, moment, or as `trouble_at`; None: nothing."""
    if desk.ready.is_set() and not desk.bot.is_up:
        return "bot" if desk.bot.state is State.DOWN else "moment"
    return trouble_at(desk.houses.slack)


def trouble_at(slack: Slack) -> str | None:
    """What is wrong with Slack until somebody ends it: token, down, busy; None: nothing."""
    if slack.token_error:
        return "token"
    waiting = (one for queue in slack.faults.waiting.values() for one in queue)
    lasting = [one.fault for one in waiting if one.times is None]
    if any(fault.status or fault.error or fault.hang or fault.drop for fault in lasting):
        return "down"
    return "busy" if any(fault.retry_after is not None for fault in lasting) else None


@cache
def commands(language: str) -> list[Json]:
    """What can be typed after a slash, in the bot's own words for its help."""
    texts = words(language)
    return [
        {
            "name": shown(verb, language),
            "usage": texts[f"usage.{verb}"],
            "help": texts[f"help.{verb}"],
        }
        for verb in Verb
    ]


def is_command(name: str) -> bool:
    """Whether some app of this workspace has this slash command."""
    return name == COMMAND


def _person(desk: Desk, user: User) -> Json:
    told = {"id": user.id, "name": user.real_name, "role": role(desk, user)}
    return {**told, "zone": user.tz, "locale": user.locale}


def _face(user: User, index: int) -> Json:
    initials = "".join(word[0] for word in user.real_name.split()[:2]).upper()
    tint = index % TINTS + 1
    return {"name": user.real_name, "initials": initials, "tint": tint, "bot": user.is_bot}


def _channel(desk: Desk, viewer: User, channel: Channel, messages: list[Json]) -> Json:
    read = desk.read.get((viewer.id, channel.id), "")
    other = next((one for one in channel.members if one != viewer.id), viewer.id)
    return {
        "id": channel.id,
        "name": desk.houses.slack.state.users[other].real_name if channel.is_im else channel.name,
        "kind": _kind(desk, channel),
        "private": channel.is_private,
        "shared": channel.is_ext_shared,
        "people": channel.members,
        "unread": sum(_is_news(one, viewer, read) for one in messages),
        "read": read,
    }


def _kind(desk: Desk, channel: Channel) -> str:
    if channel.is_im:
        return "dm"
    known = {desk.houses.review.id: "review", desk.houses.vip.id: "vip"}
    return known.get(channel.id, "room")


def _is_news(message: Json, viewer: User, read: str) -> bool:
    """Whether it, or a reply that names this person, came after they last looked."""
    if message["ts"] > read and message["user"] != viewer.id and not message.get("ephemeral"):
        return True
    named = f"<@{viewer.id}>"
    return any(
        named in reply["text"] and reply["ts"] > read and reply["user"] != viewer.id
        for reply in message.get("replies", ())
    )


def _messages(state: Workspace, viewer: User, channels: list[Channel]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {channel.id: [] for channel in channels}
    full: set[str] = set()
    for message in reversed(state.messages):
        there = found.get(message.channel)
        if there is None or message.channel in full or not _is_top(message):
            continue
        replies = [] if message.thread_ts not in (None, message.ts) else _thread(state, message)
        if message.deleted and not replies:
            continue
        there.append(_message(message) | ({"replies": replies} if replies else {}))
        if len(there) >= TOP_MESSAGES:
            full.add(message.channel)
            if len(full) == len(found):
                break
    for name, there in found.items():
        there.reverse()
        _whisper(there, _whispered(state, viewer, name))
    return found


def _is_top(message: Message) -> bool:
    return message.broadcast or message.thread_ts in (None, message.ts)


def _thread(state: Workspace, message: Message) -> list[Json]:
    return [_message(one) for one in state.replies(message.channel, message.ts)[-REPLIES:]]


def _message(message: Message) -> Json:
    shown: Json = {"ts": message.ts, "user": message.user, "text": message.text}
    if message.deleted:
        return {**shown, "text": "", "deleted": True}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.edited:
        shown["edited"] = True
    if message.broadcast:
        shown |= {"broadcast": True, "thread_ts": message.thread_ts}
    return shown


def _whispered(state: Workspace, viewer: User, channel: str) -> Iterator[Ephemeral]:
    mine = (
        one
        for one in reversed(state.ephemerals)
        if (one.user, one.channel) == (viewer.id, channel) and not one.deleted
    )
    return islice(mine, TOP_MESSAGES)


def _whisper(there: list[Json], whispered: Iterator[Ephemeral]) -> None:
    """Put what only this person sees where it was said: in the channel, or in its thread."""
    threads = {one["ts"]: one for one in there}
    for one in whispered:
        said = {"ts": one.ts, "text": one.text, "blocks": one.blocks, "ephemeral": True}
        parent = threads.get(one.thread_ts or "")
        place = there if parent is None else parent.setdefault("replies", [])
        place.append({**said, "user": ""})
        place.sort(key=lambda each: str(each["ts"]))


def _modals(state: Workspace, viewer: User) -> list[Json]:
    return [
        {**slack_views.as_json(state, view), "errors": view.errors}
        for view in state.views.values()
        if view.user == viewer.id and view.is_open and view.type == "modal"
    ]


def _home(state: Workspace, viewer: User) -> Json | None:
    home = slack_views.home_of(state, viewer.id)
    return None if home is None else slack_views.as_json(state, home)


def _refused(slack: Slack) -> list[Json]:
    """The last of the bot's calls that Slack did not take, the newest first."""
    calls = islice(reversed(slack.state.calls), LATEST_CALLS)
    found = (
        {"method": call.method, "error": call.error or str(call.status)}
        for call in calls
        if call.error or (call.status or 200) >= 400  # noqa: PLR2004 - HTTP's own line
    )
    return list(islice(found, REFUSALS))
