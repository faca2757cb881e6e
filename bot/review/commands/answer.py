"""A slash command is answered to the one who typed it, within a second; nothing here raises.

https://docs.slack.dev/interactivity/implementing-slash-commands. The answer is the body of our
response. When it takes longer, "one moment" is, and the answer follows at the response_url.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from bot.case.ids import Actor
from bot.errors import ChannelTrouble, DatabaseTrouble
from bot.log import tell
from bot.review.commands import about, erasing, examining, later, reading, steering
from bot.review.commands.asking import Asking, Person
from bot.review.commands.parse import Asked, Wrong, asked
from bot.review.commands.pieces import said
from bot.review.commands.verbs import Verb
from bot.review.commands.wrong import put_right
from bot.review.modals.person import view_for
from bot.review.parts import Message
from bot.review.who import Answer
from bot.store.db import is_out_of_reach
from bot.words import FALLBACK, say, words

Json = dict[str, Any]
Perform = Callable[[Asking, Person, str], Awaitable[Message]]

PERFORMS: Final[Mapping[Verb, Perform]] = {
    Verb.QUEUE: reading.queue,
    Verb.SHOW: reading.show,
    Verb.WHY: reading.why,
    Verb.HISTORY: reading.history,
    Verb.STATS: reading.stats,
    Verb.PAUSE: steering.pause,
    Verb.RESUME: steering.resume,
    Verb.VIP: steering.vip,
    Verb.STANDARD: steering.standard,
    Verb.STOP: steering.stop,
    Verb.SNOOZE: steering.snooze,
    Verb.ERASE: erasing.erase,
    Verb.RULES: about.rules,
    Verb.HEALTH: about.health,
    Verb.DOCTOR: examining.doctor,
    Verb.HELP: about.help_,
}


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A command as Slack tells it: what was typed, by whom, and where a late answer goes."""

    text: str
    user: str
    team: str
    response_url: str


async def answer(body: Mapping[str, Any], asking: Asking) -> Json:
    """What is acknowledged: the answer, or that it follows. Never raises."""
    typed = _read(body)
    deciding = asking.deciding
    looking = asyncio.ensure_future(_answered(typed, asking))
    await asyncio.wait({looking}, timeout=deciding.patience)
    if looking.done():
        return looking.result()
    deciding.later(_follows(looking, typed, asking))
    return private(said(say(deciding.locale, "command.one_moment")))


def private(message: Message) -> Json:
    """A message for the one who asked."""
    blocks = list(message.blocks)
    return {"response_type": "ephemeral", "text": message.text, "blocks": blocks}


async def _answered(typed: Typed, asking: Asking) -> Json:
    people = asking.deciding.people
    allowed = await people.may_decide(typed.user, typed.team)
    if not allowed.allowed:
        tell("command_refused", why=allowed.why)
        return private(said(say(allowed.locale, denied(allowed))))
    try:
        return private(await _performed(typed, allowed.locale, asking))
    except Exception as error:  # noqa: BLE001 - the last edge: told, answered, not swallowed
        tell("command_failed", level=logging.ERROR, error=error)
        away = isinstance(error, DatabaseTrouble) or is_out_of_reach(error)
        key = "command.no_database" if away else "command.failed"
        return private(said(say(allowed.locale, key)))


async def _performed(typed: Typed, locale: str, asking: Asking) -> Message:
    view = view_for(None, asking.deciding, locale)
    wanted = asked(typed.text)
    if isinstance(wanted, Wrong):
        return put_right(wanted, view)
    person = Person(who=Actor(f"slack:{typed.team}:{typed.user}"), view=view)
    tell("command_taken", verb=wanted.verb)
    return await _perform(wanted)(asking, person, wanted.argument)


def _perform(wanted: Asked) -> Perform:
    if wanted.bare:
        return partial(reading.queue, bare=True)
    return PERFORMS[wanted.verb]


async def _follows(looking: asyncio.Future[Json], typed: Typed, asking: Asking) -> None:
    found = await looking
    try:
        await later.send(typed.response_url, found, asking.slack_api)
    except ChannelTrouble as trouble:
        later.told_in_vain(trouble)


def denied(allowed: Answer) -> str:
    """The words' key: a refusal speaks of a press, and nobody pressed anything."""
    key = f"denied.{(allowed.why or '').removeprefix('refusal.')}"
    return key if key in words(FALLBACK) else "denied.lookup_failed"


def _read(body: Mapping[str, Any]) -> Typed:
    """What of it is missing stays empty: nobody is let in by that."""
    return Typed(
        text=str(body.get("text") or ""),
        user=str(body.get("user_id") or ""),
        team=str(body.get("team_id") or ""),
        response_url=str(body.get("response_url") or ""),
    )
