"""What a press, or a modal that is sent, needs in order to become a fact."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.case.events import AnyEvent
from bot.case.ids import CaseId
from bot.case.model import Case
from bot.clock import Clock
from bot.review.channel import Desk
from bot.review.who import Directory
from bot.words import FALLBACK


class Outcome(Protocol):
    """What casework says came of an event, as far as a press is concerned."""

    @property
    def refused(self) -> str | None:
        """The machine's word for why nothing changed."""


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a mail can be searched by, at its sender's and its server's.

    `message_id` is our own; `handed_at` (UTC) when it was last given to the mail server, if ever.
    """

    message_id: str | None = None
    handed_at: datetime | None = None


Happened = Callable[[CaseId, AnyEvent], Awaitable[Outcome]]
Find = Callable[[CaseId], Awaitable[Case | None]]
Trace = Callable[[Case], Awaitable[Traces]]


async def _untraced(_case: Case) -> Traces:
    return Traces()


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """`find` reads a case, `happened` is the only thing that changes one.

    `patience` is how many seconds a look-up may take before a modal opens without its content;
    `writes` says whether a model is there to write anew. `unfinished` holds the modals that are
    still being filled after their press was answered.
    """

    client: AsyncWebClient
    people: Directory
    find: Find
    happened: Happened
    clock: Clock
    desk: Desk
    trace: Trace = _untraced
    writes: bool = True
    patience: float = 0.8
    locale: str = FALLBACK  # for whoever Slack could not be asked about
    unfinished: set[asyncio.Task[None]] = field(default_factory=set)
