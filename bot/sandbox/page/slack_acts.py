"""What a person does in the page's Slack: each act reaches the bot as Slack would bring it there.

Every act takes `(desk, viewer, given)`. Nonsense for what no page of ours sends; NotNow for what
the person is told instead: what was there has gone, or the app did not answer.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.sandbox.page.desk import Act, Desk, Nonsense, NotNow
from bot.sandbox.page.slack_screen import LOCALES, ZONES, is_command, seen_by
from bot.sandbox.slack import Answer, Channel, NotLetError, NotThereError, User
from bot.sandbox.slack_payloads import Given

OK: Final = 200
LONGEST: Final = 4000  # characters of what a person writes
_TS: Final = re.compile(r"\d{10}\.\d{6}")
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


async def press(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """Press a button, or choose in a menu, of a message."""
    try:
        answer = await desk.houses.slack.press(
            viewer.id,
            _channel(desk, viewer, given).id,
            _text(given, "ts"),
            _text(given, "action_id"),
            value=_value(given.get("value")),
            block_id=_maybe(given, "block_id"),
        )
    except NotThereError:
        raise NotNow("slack.gone") from None
    _told(desk, answer)


async def press_view(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """The same in a modal or a Home of one's own."""
    try:
        answer = await desk.houses.slack.press_in_view(
            _own_view(desk, viewer, given),
            _text(given, "action_id"),
            value=_value(given.get("value")),
            block_id=_maybe(given, "block_id"),
        )
    except NotThereError:
        raise NotNow("slack.gone") from None
    _told(desk, answer)


async def submit(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """Send a modal with what was filled in, by block_id."""
    values = given.get("values") or {}
    if not isinstance(values, dict):
        raise Nonsense("values are by block_id")
    filled = {str(name): _value(value) for name, value in values.items()}
    try:
        view = _own_view(desk, viewer, given)
        answer = await desk.houses.slack.submit_view(viewer.id, view, filled)
    except NotThereError:
        raise NotNow("slack.gone") from None
    except NotLetError:
        raise NotNow("slack.fill_in") from None
    _told(desk, answer)


async def close(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """Close a modal; whether the bot hears of it changes nothing for the person."""
    try:
        view = _own_view(desk, viewer, given)
        await desk.houses.slack.close_view(viewer.id, view)
    except NotThereError:
        raise NotNow("slack.gone") from None


async def command(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """Call a slash command, as it was typed."""
    channel = _channel(desk, viewer, given)
    name, *rest = _text(given, "text").split(maxsplit=1) or [""]
    text = "".join(rest).strip()
    if not is_command(name):
        raise NotNow("slack.no_command", name=name)
    answer = await desk.houses.slack.command(viewer.id, channel.id, name, text)
    if answer.problem:
        error = "operation_timeout" if _is_late(desk, answer) else "dispatch_failed"
        raise NotNow("slack.command_failed", name=name, error=error)


async def write(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """Write in a channel or a thread. The app hears nothing: it did not ask for message events."""
    channel = _channel(desk, viewer, given)
    text = _text(given, "text").strip()[:LONGEST]
    if not text or channel.is_im:
        raise Nonsense("there is nothing to say, or nobody to hear it")
    thread_ts = _maybe(given, "thread_ts")
    if thread_ts is not None and desk.houses.slack.state.message(channel.id, thread_ts) is None:
        raise NotNow("slack.gone")
    slack = desk.houses.slack
    said = slack.say(viewer.id, channel.id, text.translate(_ESCAPED), thread_ts=thread_ts)
    _has_read(desk, viewer, channel, said.ts)


async def dismiss(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """Take a message that only this person sees off their screen."""
    channel, ts = _channel(desk, viewer, given).id, _text(given, "ts")
    for one in desk.houses.slack.state.ephemerals:
        if (one.user, one.channel, one.ts) == (viewer.id, channel, ts):
            one.deleted = True


async def home(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Open the app's Home."""
    if viewer.is_stranger:
        raise Nonsense("the app is not installed where this person works")
    _told(desk, await desk.houses.slack.open_home(viewer.id))


async def read(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:
    """Has seen everything of a channel up to a message."""
    ts = _text(given, "ts")
    if not _TS.fullmatch(ts):
        raise Nonsense("ts is no time of a message")
    _has_read(desk, viewer, _channel(desk, viewer, given), ts)


async def viewer_set(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Choose one's language or time zone, as in Slack's preferences."""
    zone, locale = _maybe(given, "zone"), _maybe(given, "locale")
    if (zone or ZONES[0]) not in ZONES or (locale or LOCALES["en"]) not in LOCALES.values():
        raise Nonsense("no such zone or language")
    viewer.tz, viewer.locale = zone or viewer.tz, locale or viewer.locale


async def speak(desk: Desk, _viewer: User, given: Mapping[str, Any]) -> None:
    """Let everybody's Slack speak one language: a page in French has people who read French."""
    locale = LOCALES.get(_text(given, "language"))
    if locale is None:
        raise Nonsense("no such language")
    if desk.read_in == locale:  # another tab said so already; whoever chose otherwise keeps that
        return
    desk.read_in = locale
    for user in desk.houses.slack.state.users.values():
        user.locale = locale


ACTS: Final[Mapping[str, Act]] = {
    "press": press,
    "press_view": press_view,
    "submit": submit,
    "close": close,
    "command": command,
    "say": write,
    "dismiss": dismiss,
    "home": home,
    "read": read,
    "viewer_set": viewer_set,
    "speak": speak,
}


def _told(desk: Desk, answer: Answer) -> None:
    """What Slack tells somebody whose press came to nothing."""
    if not answer.problem:
        return
    if _is_late(desk, answer) or not answer.status:
        raise NotNow("slack.no_answer")
    if answer.status != OK:
        raise NotNow("slack.answered", status=str(answer.status))
    raise NotNow("slack.not_taken", why=answer.problem)


def _is_late(desk: Desk, answer: Answer) -> bool:
    return answer.seconds > desk.houses.slack.patience


def _has_read(desk: Desk, viewer: User, channel: Channel, ts: str) -> None:
    place = (viewer.id, channel.id)
    desk.read[place] = max(ts, desk.read.get(place, ""))


def _channel(desk: Desk, viewer: User, given: Mapping[str, Any]) -> Channel:
    name = _text(given, "channel")
    for channel in seen_by(desk.houses.slack.state, viewer):
        if channel.id == name:
            return channel
    raise NotNow("slack.gone")


def _own_view(desk: Desk, viewer: User, given: Mapping[str, Any]) -> str:
    name = _text(given, "view")
    view = desk.houses.slack.state.views.get(name)
    if view is None or view.user != viewer.id:
        raise NotNow("slack.gone")
    return name


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Nonsense(f"{name} is missing")
    return value


def _maybe(given: Mapping[str, Any], name: str) -> str | None:
    return None if given.get(name) is None else _text(given, name)


def _value(value: object) -> Given:
    """What stands in a field: text, several texts, or nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise Nonsense("a field holds text")
