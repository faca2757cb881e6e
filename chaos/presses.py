"""Fifty people decide at once, on two processes: one of them does, and all others are told.

Approve, edit and reject are mixed, half of each sent to either of two real bots on one PostgreSQL,
by signed HTTP. Whoever loses hears of it privately: beside the card, or in the modal they sent.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp

from bench.bot_process import STRIPE_WEBHOOK, bot
from bench.counterparts import CHANNEL, Counterparts, counterparts, tell
from bench.databases import POSTGRESQL, databases
from bench.figure import Bound, Figure
from bot.case.ids import CaseId
from bot.memory import Memory
from bot.review import actions
from bot.review.modals import edit, reject
from bot.sandbox import slack_payloads
from bot.sandbox.slack import Answer, Channel, Message, User, View
from bot.sandbox.slack_people import People
from bot.sandbox.slack_state import Json
from bot.store.db import Database
from chaos.proof import held

ROUNDS = 200
ROUNDS_IN_SHORT = 1
PEOPLE = 50
PROCESSES = 2
PATIENCE = 60.0  # seconds for a card or an answer, on a machine that is busy with others
GLANCE = 0.01
SEED = 50
# Nothing leaves while everybody still presses, at whatever hour the figure is taken.
SETTINGS = {"UNDO_SECONDS": "3600", "SENDING_HOURS": "always", "LOG_LEVEL": "warning"}
KINDS = (actions.APPROVE, actions.EDIT, actions.APPROVE, actions.EDIT, actions.REJECT)
REJECTIONS = ("early", "calls", "stopped")


@dataclass(frozen=True, kw_only=True)
class Pressing:
    """One person's decision, ready to be sent."""

    who: User
    action: str
    payload: Json


@dataclass(kw_only=True)
class Rounds:
    """What all rounds came to. `again` counts those in which Slack was too slow to be asked."""

    winners: list[int] = field(default_factory=list)
    by: Counter[str] = field(default_factory=Counter)
    told: int = 0
    untold: int = 0
    cards: int = 0
    again: int = 0
    unanswered: int = 0
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everybody there is: `doors` are the same people, in front of one process each."""

    here: Counterparts
    doors: tuple[People, ...]
    crowd: tuple[User, ...]
    memory: Memory
    session: aiohttp.ClientSession
    chance: random.Random


def run(short: bool) -> list[str]:
    """Two hundred rounds of fifty (`short`: three)."""
    with databases() as found, ExitStack() as stack:
        if POSTGRESQL not in found:
            return ["  left out: two processes need PostgreSQL, which is not installed here"]
        url = stack.enter_context(found[POSTGRESQL]())
        return held(_figures(asyncio.run(_rounds(url, ROUNDS_IN_SHORT if short else ROUNDS))))


def _figures(found: Rounds) -> Iterator[Figure]:
    rounds, exactly = len(found.winners), Bound.EXACTLY
    won = ", ".join(f"{kind} {count}" for kind, count in sorted(found.by.items()))
    slowest = f"the slowest answer {max(found.seconds):.1f} s"
    yield Figure(
        name=f"rounds with one winner of {PEOPLE}",
        value=found.winners.count(1),
        bound=exactly,
        limit=rounds,
        remark=won,
    )
    losers = rounds * (PEOPLE - 1)
    yield Figure(name="others told privately", value=found.told, bound=exactly, limit=losers)
    yield Figure(name="others told nothing", value=found.untold, bound=exactly, limit=0)
    yield Figure(name="presses not answered with 200", value=found.unanswered, bound=exactly)
    yield Figure(name="cards, one for each case", value=found.cards, bound=exactly, limit=rounds)
    yield Figure(name="rounds repeated over a slow Slack", value=found.again, remark=slowest)


async def _rounds(url: str, count: int) -> Rounds:
    came = Rounds()
    async with _office(url) as office:
        for _ in range(count):
            await _round(office, came)
    return came


@asynccontextmanager
async def _office(url: str) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(counterparts(url))
        settings = {**here.settings, **SETTINGS}
        del settings["OPENAI_API_KEY"]  # the fixed letter does, and starts in half the time
        urls = [await _started(stack, settings) for _ in range(PROCESSES)]
        state, secret = here.slack.state, here.slack.signing_secret
        doors = tuple(
            People(state, signing_secret=secret, bot_url=one, gives_up_after=PATIENCE)
            for one in urls
        )
        for door in doors:
            stack.push_async_callback(door.hang_up)
        crowd = tuple(here.slack.add_user(f"user{number}") for number in range(PEOPLE))
        _room(here).members += [one.id for one in crowd]
        database = Database(url)
        stack.push_async_callback(database.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Office(
            here=here,
            doors=doors,
            crowd=crowd,
            memory=Memory(database),
            session=session,
            chance=random.Random(SEED),  # noqa: S311 - an order of people
        )


async def _started(stack: AsyncExitStack, settings: dict[str, str]) -> str:
    starting = bot(settings)
    process = await asyncio.to_thread(starting.__enter__)

    async def stopped() -> None:
        await asyncio.to_thread(starting.__exit__, None, None, None)

    stack.push_async_callback(stopped)
    return process.url


async def _round(office: Office, came: Rounds) -> None:
    """A card, fifty decisions at once, and who won; again when nobody could be looked up."""
    card, name = await _card(office)
    case_id = CaseId(str((card.metadata or {})["event_payload"]["case"]))
    pressings = await _pressings(office, card)
    won = 0
    while not won:
        told = await _at_once(office, pressings, came)
        decided = [
            one
            for one in await office.memory.journal(case_id)
            if one.who.startswith("slack:") and one.refused is None
        ]
        won = len(decided)
        came.again += not won
    winners = {one.who.rpartition(":")[2] for one in decided}
    came.winners.append(won)
    came.by.update(one.event for one in decided)
    losers = {one.id for one in office.crowd} - winners
    came.told += len(losers & told)
    came.untold += len(losers - told)
    came.cards += len(_cards(office.here, name))


async def _card(office: Office) -> tuple[Message, str]:
    """The card of a payment that just failed, and the name on it."""
    (failure,) = office.here.failures(1)
    name = failure.name
    await tell(office.session, office.doors[0].bot_url + STRIPE_WEBHOOK, failure.body)
    ends = time.monotonic() + PATIENCE
    while not (found := _cards(office.here, name)):
        if time.monotonic() > ends:
            raise AssertionError(f"there is no card for {name}")
        await asyncio.sleep(GLANCE)
    return found[0], name


def _cards(here: Counterparts, name: str) -> list[Message]:
    said = here.slack.messages(_room(here).id)
    return [one for one in said if one.thread_ts is None and name in one.text]


async def _pressings(office: Office, card: Message) -> list[Pressing]:
    """Everybody's decision, in an order of chance; modals were opened by the first of them."""
    views = {kind: await _opened(office, card, kind) for kind in (actions.EDIT, actions.REJECT)}
    made = []
    for number, who in enumerate(office.crowd):
        action = KINDS[number % len(KINDS)]
        if action == actions.APPROVE:
            payload = office.doors[0].pressing(who.id, card.channel, card.ts, action)
        else:
            payload = _submission(office, replace(views[action], user=who.id), number)
        made.append(Pressing(who=who, action=action, payload=payload))
    office.chance.shuffle(made)
    return made


async def _opened(office: Office, card: Message, action: str) -> View:
    before = set(office.here.slack.state.views)
    first = office.crowd[0]
    await office.doors[0].press(first.id, card.channel, card.ts, action)
    new = [view for name, view in office.here.slack.state.views.items() if name not in before]
    if not new:
        raise AssertionError(f"{action} opened no modal")
    return new[0]


def _submission(office: Office, view: View, number: int) -> Json:
    given: dict[str, slack_payloads.Given]
    if view.content["callback_id"] == actions.REJECT:
        given = {reject.CHOICE: REJECTIONS[number % len(REJECTIONS)]}
    else:
        (body,) = [one for one in view.content["blocks"] if one.get("block_id") == edit.BODY]
        words = body["element"]["initial_value"]
        then = edit.KEEP if number % 2 else edit.APPROVE
        given = {edit.BODY: f"{words} Number {number}.", edit.THEN: then}
    return slack_payloads.submission(office.here.slack.state, view=view, given=given)


async def _at_once(office: Office, pressings: Sequence[Pressing], came: Rounds) -> set[str]:
    """Send them all; the ids of those who were told privately that they changed nothing."""
    office.here.slack.state.ephemerals.clear()
    doors = [office.doors[number % PROCESSES] for number in range(len(pressings))]
    answers = await asyncio.gather(
        *(door.send_payload(one.payload) for door, one in zip(doors, pressings, strict=True))
    )
    came.seconds += [one.seconds for one in answers]
    came.unanswered += sum(one.status != 200 for one in answers)  # noqa: PLR2004 - OK
    whispered = {one.user for one in office.here.slack.state.ephemerals}
    return whispered | {
        one.who.id for one, answer in zip(pressings, answers, strict=True) if _says_no(answer)
    }


def _says_no(answer: Answer) -> bool:
    """Whether a modal that was sent stays open, and says why."""
    return "response_action" in answer.body


def _room(here: Counterparts) -> Channel:
    return next(one for one in here.slack.state.channels.values() if one.name == CHANNEL)
