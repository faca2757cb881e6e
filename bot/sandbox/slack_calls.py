"""What every Web API method shares: its refusals, its scope, its arguments and its pages."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bot.sandbox.slack_state import Channel, Json, User, Workspace

T = TypeVar("T")
TRUE: Final = (True, 1, "1", "true", "True")


class Refused(Exception):
    """Slack answers ok: false with this error."""

    def __init__(self, error: str, **extra: object) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def body(self) -> Json:
        """The answer's JSON."""
        return {"ok": False, "error": self.error, **self.extra}


@dataclass(frozen=True, kw_only=True)
class Method:
    """A Web API method: the scope it needs, and what it does."""

    run: Callable[[Workspace, Json], Json]
    scope: str | None = None


def complaints(error: str, lines: list[str]) -> Refused:
    """A refusal that says in response_metadata where the trouble is."""
    messages = [f"[ERROR] {line}" for line in lines]
    return Refused(error, errors=lines, response_metadata={"messages": messages})


def need(workspace: Workspace, scope: str) -> None:
    """Refuse, as Slack does, when the bot's token was not granted this scope."""
    if scope not in workspace.scopes:
        provided = ",".join(sorted(workspace.scopes))
        raise Refused("missing_scope", needed=scope, provided=provided)


def wanted(args: Json, name: str) -> str:
    """An argument that must be there, as text."""
    value = args.get(name)
    if value is None or value == "":
        raise complaints("invalid_arguments", [f"missing required field: {name}"])
    return str(value)


def is_set(args: Json, name: str) -> bool:
    """Whether a flag is on, in any of the spellings the SDK sends."""
    return args.get(name) in TRUE


def parsed(value: object, error: str) -> Any:  # noqa: ANN401 - JSON is anything
    """A JSON argument: forms carry it as a string, JSON bodies as itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(error) from None


def user_of(workspace: Workspace, args: Json, error: str = "user_not_found") -> User:
    """The person whom the argument `user` names."""
    user = workspace.users.get(wanted(args, "user"))
    if user is None:
        raise Refused(error)
    return user


def visible(workspace: Workspace, args: Json) -> Channel:
    """The channel an argument names: a private one exists only for its members."""
    channel = workspace.channels.get(wanted(args, "channel"))
    if channel is None:
        raise Refused("channel_not_found")
    if channel.is_private and workspace.bot_user not in channel.members:
        raise Refused("channel_not_found")
    return channel


def writable(workspace: Workspace, args: Json) -> Channel:
    """The channel an argument names, when the bot may write there."""
    channel = visible(workspace, args)
    if workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def page(things: Sequence[T], args: Json, *, default: int, most: int) -> tuple[list[T], Json]:
    """The part of a long list that limit and cursor ask for, and the cursor of the next."""
    limit = _number(args.get("limit") or default, "invalid_limit")
    if not 1 <= limit <= most:
        raise Refused("invalid_limit")
    start = _offset(str(args.get("cursor") or ""))
    end = start + limit
    following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(things) else ""
    return list(things[start:end]), {"next_cursor": following}


def _number(value: object, error: str) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise Refused(error) from None


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, offset = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("invalid_cursor") from None
    if word != "next":
        raise Refused("invalid_cursor")
    return _number(offset, "invalid_cursor")
