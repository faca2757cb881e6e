"""What stands behind the page: the houses, the bot beside them, and what visitors may do there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

from bot.sandbox.page.resident import Resident
from bot.sandbox.page.webhook_choices import Post
from bot.sandbox.slack import User
from bot.sandbox.town import Houses
from bot.words import LOCALES

Json = dict[str, Any]


class NotNow(Exception):
    """Something that can't be done as things stand; `key` names the sentence that says so."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, kw_only=True)
class Passing:
    """Time that is passing: `done` of `of` steps of a move by this unit."""

    unit: str
    done: int
    of: int


class Nonsense(ValueError):
    """Something asked that no page of ours asks for; answered with 400."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """The bot's alarm that rings next: whom it is about, and `what` by the clock's words."""

    at: datetime
    who: str
    what: str


@dataclass(kw_only=True)
class Desk:
    """Everything the page shows and moves. One for the whole sandbox, whoever looks.

    on_hop: awaited at each step of the clock, once the houses and the bot show the new time.
    ready: set when the bot was started for the first time, whatever came of it.
    looked_at: when a page first asked for the bot, by perf_counter.
    """

    houses: Houses
    bot: Resident
    stranger: User
    language: str = "en"
    begun: bool = False  # whether the guide's story was started
    seen: set[str] = field(default_factory=set)  # Message-IDs of mails that were opened
    # Up to which message somebody has read a channel, by user and channel.
    read: dict[tuple[str, str], str] = field(default_factory=dict)
    read_in: str = "en-US"  # what the people of the workspace were last made to read
    post: Post = field(default_factory=Post)  # how Stripe's events reach the bot
    on_hop: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    passing: Passing | None = None
    troubles: set[str] = field(default_factory=set)  # the faults that are on, by their names
    mood: str = "sensible"  # the model's
    plans: tuple[Planned, ...] = ()  # the bot's next alarms, the nearest first
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    looked_at: float | None = None

    @property
    def first_viewer(self) -> str:
        """Whom a new browser tab looks through."""
        return self.houses.people.maya.id

    def viewer(self, user: str) -> User:
        """Whom a browser tab looks through; LookupError for nobody of this workspace."""
        return self.houses.slack.state.users[user]

    async def speak(self, language: str) -> None:
        """Let the bot speak a language; returns once it does, or can't because it is down."""
        if self.looked_at is None:
            self.looked_at = perf_counter()
        self.language = language if language in LOCALES else LOCALES[0]
        await self.bot.speak(self.language)
        await self.ready.wait()


# What a part shows to a viewer, and what it lets them do. Both get JSON in and give JSON out.
Screen = Callable[[Desk, User], Json]
Act = Callable[[Desk, User, Mapping[str, Any]], Awaitable[Json | None]]


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a frame of the page holds: HTML, and the Content-Security-Policy that tames it."""

    html: str
    policy: str


# Finds a document by its id; LookupError when there is none.
Shelf = Callable[[Desk, str], Document]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the page; `documents` are at /{part}/{id}/{name}."""

    screen: Screen
    acts: Mapping[str, Act]
    documents: Mapping[str, Shelf] = field(default_factory=dict)
