"""A workspace: its people, channels and everything that was said, kept readable.

Plain values a test or a page may look at; only the Web API methods and what people do change them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.clock import Clock

Json = dict[str, Any]

# What slack-manifest.yaml asks for.
SCOPES: Final = (
    "chat:write",
    "commands",
    "groups:read",
    "groups:history",
    "users:read",
    "users:read.email",
    "usergroups:read",
)
TRIGGER_LIFE: Final = timedelta(seconds=3)
RESPONSE_LIFE: Final = timedelta(minutes=30)
RESPONSE_USES: Final = 5


@dataclass(kw_only=True)
class User:
    """A person or a bot, as users.info knows them."""

    id: str
    name: str
    real_name: str
    email: str | None = None
    tz: str = "Europe/Paris"
    locale: str = "en-US"
    team_id: str = ""
    profile: Json = field(default_factory=dict)
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False


@dataclass(kw_only=True)
class UserGroup:
    """People who can be mentioned together."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Channel:
    """A place to talk. The bot is in it when its user id is among the members."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_private: bool = True
    is_im: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a message said until it was changed."""

    until: str
    text: str
    blocks: list[Json]
    metadata: Json | None


@dataclass(kw_only=True)
class Message:
    """One message; versions holds what it said before, the oldest first.

    broadcast: a reply that its channel shows, too.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edited: str | None = None
    deleted: bool = False
    versions: list[Version] = field(default_factory=list)

    def change(self, *, at: str, text: str, blocks: list[Json], metadata: Json | None) -> None:
        """Say something else from now on, and remember what was said."""
        self.versions.append(
            Version(until=at, text=self.text, blocks=self.blocks, metadata=self.metadata)
        )
        self.text, self.blocks, self.metadata, self.edited = text, blocks, metadata, at


@dataclass(kw_only=True)
class Ephemeral:
    """A message that only one person sees."""

    channel: str
    user: str
    ts: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    deleted: bool = False


@dataclass(kw_only=True)
class View:
    """A modal or a Home that somebody looks at, or looked at.

    typed: what they put into its fields, by block_id; errors: what it complains of, likewise.
    """

    id: str
    user: str
    hash: str
    content: Json
    root_id: str
    previous_id: str | None = None
    is_open: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """What it is: modal or home."""
        return str(self.content["type"])


@dataclass(kw_only=True)
class Call:
    """One request to the Web API. status is None when no answer reached the bot.

    early: the bot came back before the time that an earlier 429 had told it.
    """

    method: str
    args: Json
    at: datetime
    status: int | None = None
    error: str | None = None
    early: bool = False


@dataclass(kw_only=True)
class Trigger:
    """A licence to open one modal, good for three seconds."""

    id: str
    user: str
    issued: datetime
    view_id: str | None = None
    used: bool = False


@dataclass(kw_only=True)
class ResponseUrl:
    """A licence to answer one press or command: five times in thirty minutes."""

    token: str
    channel: str
    user: str
    issued: datetime
    message_ts: str | None = None
    uses: int = 0


@dataclass(kw_only=True)
class Workspace:
    """Everything Slack knows."""

    clock: Clock
    team_id: str = "T000000001"
    domain: str = "acme"
    bot_user: str = "U000000001"
    bot_id: str = "B000000001"
    app_id: str = "A000000001"
    verification_token: str = "verification"  # noqa: S105 - what Slack still sends and nobody checks
    paid_plan: bool = True
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    response_base: str = ""
    users: dict[str, User] = field(default_factory=dict)
    usergroups: dict[str, UserGroup] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    views: dict[str, View] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    counted: int = 1
    last_ts: dict[str, int] = field(default_factory=dict)
    # The same messages by place and by thread: figures are measured against thousands of them.
    _places: dict[tuple[str, str], Message] = field(default_factory=dict, repr=False)
    _threads: dict[tuple[str, str], list[Message]] = field(default_factory=dict, repr=False)

    def next_id(self, letter: str) -> str:
        """An id of Slack's shape that nobody has yet."""
        self.counted += 1
        return f"{letter}{self.counted:09d}"

    def stamp(self, channel: str) -> str:
        """A ts later than every other in this channel, from the clock."""
        now = round(self.clock.now().timestamp() * 1_000_000)
        micros = max(now, self.last_ts.get(channel, 0) + 1)
        self.last_ts[channel] = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def keep(self, message: Message) -> None:
        """Let a message stand in its channel, and in its thread."""
        self.messages.append(message)
        self._places[message.channel, message.ts] = message
        if message.thread_ts not in (None, message.ts):
            place = (message.channel, str(message.thread_ts))
            self._threads.setdefault(place, []).append(message)

    def message(self, channel: str, ts: str) -> Message | None:
        """The message that stands there; None when there is none, or it was deleted."""
        message = self._places.get((channel, ts))
        return None if message is None or message.deleted else message

    def in_channel(self, channel: str) -> list[Message]:
        """The messages and replies that stand in a channel, the oldest first."""
        return [m for m in self.messages if m.channel == channel and not m.deleted]

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """The replies that stand in a thread, without its first message, the oldest first."""
        return [m for m in self._threads.get((channel, thread_ts), []) if not m.deleted]

    def trigger(self, user: str, view_id: str | None = None) -> str:
        """A new trigger id for something that this person just did."""
        trigger = Trigger(
            id=f"{self.next_id('')}.{self.team_id}",
            user=user,
            issued=self.clock.now(),
            view_id=view_id,
        )
        self.triggers[trigger.id] = trigger
        return trigger.id

    def response_url(self, user: str, channel: str, message_ts: str | None = None) -> str:
        """A new address at which the bot may answer what this person just did."""
        token = self.next_id("")
        self.response_urls[token] = ResponseUrl(
            token=token,
            channel=channel,
            user=user,
            issued=self.clock.now(),
            message_ts=message_ts,
        )
        return f"{self.response_base}{token}"


def named(blocks: Iterable[Json]) -> list[Json]:
    """The blocks as Slack keeps them: with the block and action ids that the sender left out.

    Slack's other additions (emoji, verbatim) are left out, so that what was sent can be compared.
    """
    return [_named(block, f"b{index}") for index, block in enumerate(blocks)]


def _named(block: Json, fallback: str) -> Json:
    kept: Json = {**block, "block_id": block.get("block_id", fallback)}
    if kept["type"] == "actions":
        kept["elements"] = [_asked(part, f"a{i}") for i, part in enumerate(kept["elements"])]
    for place in ("accessory", "element"):
        if place in kept:
            kept[place] = _asked(kept[place], "a0")
    return kept


def _asked(element: Json, fallback: str) -> Json:
    if element["type"] == "image":
        return element
    return {**element, "action_id": element.get("action_id", fallback)}
