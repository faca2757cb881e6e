"""The chat.* methods, and reading back what was said.

Follows https://docs.slack.dev/reference/methods (chat.*, conversations.history and .replies).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.sandbox.blocks import block_problems
from bot.sandbox.slack_calls import (
    Method,
    Refused,
    complaints,
    is_set,
    need,
    page,
    parsed,
    visible,
    wanted,
    writable,
)
from bot.sandbox.slack_directory import open_im
from bot.sandbox.slack_state import Channel, Ephemeral, Json, Message, Workspace, named

POST_CHARS: Final = 40_000
# An edit takes far less than a post, and counts bytes.
UPDATE_BYTES: Final = 4_000
EVENT_TYPE_CHARS: Final = 255
_TS = re.compile(r"\d{10}\.\d{6}")


def post(workspace: Workspace, args: Json) -> Json:
    """chat.postMessage. A reply to a message that is gone is posted into the channel instead.

    reply_broadcast says a reply to the channel, too; without a thread it means nothing.
    """
    channel = _addressed(workspace, args)
    thread_ts = _thread(workspace, channel, args)
    text, blocks = content(args)
    if len(text) > POST_CHARS:
        raise Refused("msg_too_long")
    message = Message(
        channel=channel.id,
        ts=workspace.stamp(channel.id),
        user=workspace.bot_user,
        text=text,
        blocks=blocks,
        metadata=_metadata(args),
        thread_ts=thread_ts,
        broadcast=thread_ts is not None and is_set(args, "reply_broadcast"),
    )
    workspace.keep(message)
    shown = as_json(workspace, message, metadata=True)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": shown}


def update(workspace: Workspace, args: Json) -> Json:
    """chat.update. Text without blocks takes the blocks away; metadata stays unless given."""
    channel = writable(workspace, args)
    message = _own(workspace, channel, wanted(args, "ts"), "cant_update_message")
    text, blocks = content(args)
    if len(text.encode()) > UPDATE_BYTES:
        raise Refused("msg_too_long")
    metadata = _metadata(args) if "metadata" in args else message.metadata
    message.change(at=workspace.stamp(channel.id), text=text, blocks=blocks, metadata=metadata)
    shown = as_json(workspace, message, metadata=True)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "text": text, "message": shown}


def delete(workspace: Workspace, args: Json) -> Json:
    """chat.delete: the bot's own messages only."""
    channel = writable(workspace, args)
    message = _own(workspace, channel, wanted(args, "ts"), "cant_delete_message")
    message.deleted = True
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def whisper(workspace: Workspace, args: Json) -> Json:
    """chat.postEphemeral: to one member of the channel."""
    channel = writable(workspace, args)
    user = wanted(args, "user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = content(args)
    if len(text) > POST_CHARS:
        raise Refused("msg_too_long")
    ephemeral = Ephemeral(
        channel=channel.id,
        user=user,
        ts=workspace.stamp(channel.id),
        text=text,
        blocks=blocks,
        thread_ts=_thread(workspace, channel, args),
    )
    workspace.ephemerals.append(ephemeral)
    return {"ok": True, "message_ts": ephemeral.ts}


def permalink(workspace: Workspace, args: Json) -> Json:
    """chat.getPermalink."""
    channel = visible(workspace, args)
    message = workspace.message(channel.id, wanted(args, "message_ts"))
    if message is None:
        raise Refused("message_not_found")
    place = f"https://{workspace.domain}.slack.com/archives/{channel.id}"
    link = f"{place}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def history(workspace: Workspace, args: Json) -> Json:
    """conversations.history: the newest first, without replies that were not broadcast."""
    channel = _readable(workspace, args)
    there = workspace.in_channel(channel.id)
    top = [m for m in there if m.broadcast or m.thread_ts in (None, m.ts)]
    return _listed(workspace, list(reversed(_between(top, args))), args)


def replies(workspace: Workspace, args: Json) -> Json:
    """conversations.replies: the thread's first message, then its replies, the oldest first."""
    channel = _readable(workspace, args)
    parent = workspace.message(channel.id, wanted(args, "ts"))
    if parent is None:
        raise Refused("thread_not_found")
    answers = workspace.replies(channel.id, parent.ts)
    return _listed(workspace, [parent, *_between(answers, args)], args)


def content(args: Mapping[str, Any]) -> tuple[str, list[Json]]:
    """The text and the blocks of a message, when Slack would take them; Refused otherwise."""
    text = str(args.get("text") or "")
    blocks = parsed(args.get("blocks") or [], "invalid_blocks_format")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    found = block_problems(blocks, "message")
    if found:
        raise complaints("invalid_blocks", found)
    if not text and not blocks:
        raise Refused("no_text")
    return text, named(blocks)


def as_json(workspace: Workspace, message: Message, *, metadata: bool = False) -> Json:
    """A message as Slack writes it in answers and payloads."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": workspace.team_id,
        "text": message.text,
    }
    if message.user == workspace.bot_user:
        shown |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
    if message.broadcast:
        shown["subtype"] = "thread_broadcast"
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.edited}
    if metadata and message.metadata:
        shown["metadata"] = message.metadata
    answers = workspace.replies(message.channel, message.ts)
    if message.thread_ts or answers:
        shown["thread_ts"] = message.thread_ts or message.ts
    if answers:
        shown |= {"reply_count": len(answers), "latest_reply": answers[-1].ts}
    return shown


def _addressed(workspace: Workspace, args: Json) -> Channel:
    name = wanted(args, "channel")
    if name in workspace.users:
        return open_im(workspace, [name])
    return writable(workspace, args)


def _own(workspace: Workspace, channel: Channel, ts: str, error: str) -> Message:
    message = workspace.message(channel.id, ts)
    if message is None:
        raise Refused("message_not_found")
    if message.user != workspace.bot_user:
        raise Refused(error)
    return message


def _thread(workspace: Workspace, channel: Channel, args: Json) -> str | None:
    thread_ts = args.get("thread_ts")
    if thread_ts is None:
        return None
    if not isinstance(thread_ts, str) or not _TS.fullmatch(thread_ts):
        raise complaints("invalid_thread_ts", [f"{thread_ts} is not a valid thread_ts"])
    parent = workspace.message(channel.id, thread_ts)
    return None if parent is None else parent.thread_ts or parent.ts


def _metadata(args: Json) -> Json | None:
    """The metadata as given; an empty object takes it away."""
    if args.get("metadata") is None:
        return None
    metadata = parsed(args["metadata"], "invalid_metadata_format")
    if not isinstance(metadata, dict):
        raise Refused("invalid_metadata_format")
    if not metadata:
        return None
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    fits = isinstance(kind, str) and 0 < len(kind) <= EVENT_TYPE_CHARS
    if not fits or not isinstance(payload, dict) or len(metadata) != len(("type", "payload")):
        raise Refused("invalid_metadata_schema")
    return metadata


def _readable(workspace: Workspace, args: Json) -> Channel:
    channel = visible(workspace, args)
    need(workspace, _history_scope(channel))
    if workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _history_scope(channel: Channel) -> str:
    if channel.is_im:
        return "im:history"
    return "groups:history" if channel.is_private else "channels:history"


def _between(messages: list[Message], args: Json) -> list[Message]:
    oldest, latest = str(args.get("oldest") or "0"), str(args.get("latest") or "9" * 10)
    low, high = _micros(oldest), _micros(latest)
    inclusive = is_set(args, "inclusive")
    return [
        message
        for message in messages
        if low < _micros(message.ts) < high or (inclusive and _micros(message.ts) in (low, high))
    ]


def _micros(ts: str) -> int:
    """Compared as whole numbers: a float loses the last digits of a ts."""
    seconds, _, micros = ts.partition(".")
    try:
        return int(seconds) * 1_000_000 + int(micros.ljust(6, "0")[:6])
    except ValueError:
        raise Refused("invalid_ts_oldest") from None


def _listed(workspace: Workspace, messages: list[Message], args: Json) -> Json:
    part, cursor = page(messages, args, default=100, most=999)
    metadata = is_set(args, "include_all_metadata")
    return {
        "ok": True,
        "messages": [as_json(workspace, message, metadata=metadata) for message in part],
        "has_more": bool(cursor["next_cursor"]),
        "response_metadata": cursor,
    }


METHODS: Final[dict[str, Method]] = {
    "chat.postMessage": Method(run=post, scope="chat:write"),
    "chat.update": Method(run=update, scope="chat:write"),
    "chat.delete": Method(run=delete, scope="chat:write"),
    "chat.postEphemeral": Method(run=whisper, scope="chat:write"),
    "chat.getPermalink": Method(run=permalink),
    "conversations.history": Method(run=history),
    "conversations.replies": Method(run=replies),
}
