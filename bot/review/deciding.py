"""What a press, or a modal that is sent, needs in order to become a fact."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.case.events import AnyEvent, Differed
from bot.case.ids import CaseId
from bot.case.letter import HandedOver
from bot.case.model import Case, State
from bot.clock import Clock
from bot.review.actions import Press
from bot.review.channel import Desk
from bot.review.stale import Letters
from bot.review.who import Directory
from bot.words import FALLBACK, say, words

STALE: Final = "refusal.stale"
FINISH_SECONDS: Final = 1.0


class Outcome(Protocol):
    """What casework says came of an event, as far as a press is concerned."""

    @property
    def refused(self) -> str | None:
        """The machine's word for why nothing changed."""


Happened = Callable[[CaseId, AnyEvent], Awaitable[Outcome]]
Find = Callable[[CaseId], Awaitable[Case | None]]
# Every letter of a case that was given to the mail server, oldest first.
Mailed = Callable[[CaseId], Awaitable[tuple[HandedOver, ...]]]
# Our own Message-ID for a hand-over's key and the sender of its letter.
MessageId = Callable[[str, str], str]


async def _nothing_mailed(_case_id: CaseId) -> tuple[HandedOver, ...]:
    return ()


def _unnamed(key: str, _sender: str) -> str:
    return key


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """`find` reads a case, `happened` is the only thing that changes one.

    `letters` know what would leave, and what was asked before. `mailed` and `message_id` tell of
    the letters that left.
    `patience` is how many seconds a look-up may take before a modal opens without its content;
    `writes` says whether a model is there to write anew. `unfinished` holds the modals that are
    still being filled after their press was answered.
    """

    client: AsyncWebClient
    people: Directory
    find: Find
    happened: Happened
    letters: Letters
    clock: Clock
    desk: Desk
    mailed: Mailed = _nothing_mailed
    message_id: MessageId = _unnamed
    writes: bool = True
    patience: float = 0.8
    locale: str = FALLBACK  # for whoever Slack could not be asked about
    unfinished: set[asyncio.Task[None]] = field(default_factory=set)

    def later(self, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let it go on after the press was answered; nothing that matters may be lost with it."""
        task = asyncio.create_task(doing)
        self.unfinished.add(task)
        task.add_done_callback(self.unfinished.discard)
        return task

    async def finish(self, within: float = FINISH_SECONDS) -> None:
        """Let what goes on by itself come to its end, and end it where that takes too long."""
        if not self.unfinished:
            return
        _, late = await asyncio.wait(set(self.unfinished), timeout=within)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def refusal(why: str) -> str:
    """The words' key for the machine's word for why nothing changed."""
    known = f"refusal.{why}"
    return known if known in words(FALLBACK) else "refusal.not_now"


async def told_stale(press: Press, case: Case, deciding: Deciding, locale: str) -> str:
    """What to tell who pressed on an outdated question; of a letter that changed also how."""
    anew = case.state is State.IN_REVIEW and not press.asks(case)
    if anew and deciding.letters.same(press, case):
        return say(locale, "refusal.asked_anew")
    changes = await seen_anew(press, case, deciding, locale)
    return "\n".join([say(locale, STALE), *(f"• {line}" for line in changes)])


async def seen_anew(press: Press, case: Case, deciding: Deciding, locale: str) -> tuple[str, ...]:
    """Have an outdated letter redrawn, and tell what changed in it: old → new, mrkdwn lines."""
    asked = case.state is State.IN_REVIEW and press.asks(case)
    if asked and deciding.letters.outdated(press, case):
        # No fact brought it about, so nothing else has the card redrawn.
        at = deciding.clock.now()
        await deciding.happened(case.id, Differed(at=at, revision=case.revision))
    return await deciding.letters.changes(press, case, locale)
