"""P8: the model's trouble never blocks. In a burst too, every case has its card within 60 s.

Counted from the moment before the first webhook is sent to the last card, by the bot's own clock.
It stands still while anything is being done, so that a slow machine changes nothing; for a model
that takes its time it is moved once nothing is left to do but to wait for that model. Only a model
that never answers is waited for by the machine's clock, and held against the same burst in which it
refuses at once: what the machine takes for either is not the model's doing.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bench.databases import sqlite
from bench.figure import Bound, Figure
from bot.case.letter import FixedBecause
from bot.case.model import State
from bot.sandbox.clock import MovableClock, weekday_noon
from bot.sandbox.model import KINDS
from bot.sandbox.town import Town, town
from bot.store.tables import inbox, outbox
from bot.worker import Room
from chaos.proof import held

START = weekday_noon(datetime(2026, 11, 23, tzinfo=UTC))
WITHIN = 60  # seconds
BURST, FEW, SHORT_BURST = 200, 40, 12
# A third letter of the same slot would just not be begun too late: the worst that can happen.
SLOWNESS = 17.4  # seconds
RETRY_AFTER = 20  # seconds
SHORT = ("slow", "429")
# The breaker opens for these: the larger burst is theirs.
AWAY = frozenset({"drop", "429", "500"})
HANGS, REFUSES = "hang", "500"
SLOTS = Room().draft
PATIENCE = 200  # seconds of the machine's time, for one burst
GLANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class Burst:
    """What came of one: `worst` in seconds to the last card; `letters` by why they are fixed."""

    cases: int
    cards: int
    in_review: int
    worst: float
    calls: int
    letters: Counter[FixedBecause | None]


def run(short: bool) -> list[str]:
    """A burst in each kind of trouble that a model can have; the short one in two of them."""
    sizes = (
        dict.fromkeys(SHORT, SHORT_BURST)
        if short
        else {kind: BURST if kind in AWAY else FEW for kind in sorted(KINDS)}
    )
    figures = [
        figure
        for kind, size in sizes.items()
        if kind != HANGS
        for figure in _figures(kind, _burst(kind, size))
    ]
    return held(figures if short else (*figures, *_hanging()))


def _hanging() -> Iterator[Figure]:
    """By the machine's clock, without what the machine takes when nobody has to be waited for."""
    refused, hung = (_burst(kind, BURST, running=True) for kind in (REFUSES, HANGS))
    beyond = replace(hung, worst=hung.worst - refused.worst)
    base, *rest = _figures(HANGS, beyond)
    yield replace(base, base=f"{refused.worst:.0f} s when it refuses")
    yield from rest


def _figures(kind: str, found: Burst) -> Iterator[Figure]:
    fixed = sum(count for because, count in found.letters.items() if because)
    yield Figure(
        name=f"{kind}: the last of {found.cards} cards",
        value=found.worst,
        unit="s",
        bound=Bound.AT_MOST,
        limit=WITHIN,
        remark=f"{found.calls} calls, {fixed} fixed letters: {_list(found.letters)}",
    )
    missing = found.cases - min(found.cards, found.in_review)
    yield Figure(name=f"{kind}: without a card", value=missing, bound=Bound.EXACTLY, limit=0)


def _list(letters: Counter[FixedBecause | None]) -> str:
    return ", ".join(f"{count} {because}" for because, count in letters.items() if because)


def _burst(kind: str, count: int, *, running: bool = False) -> Burst:
    with sqlite() as url:
        return asyncio.run(burst(url, kind, count, running=running))


async def burst(database_url: str, kind: str, count: int, *, running: bool) -> Burst:
    """So many customers fail to pay at one moment, while the model is in this trouble."""
    clock = MovableClock(START, running=running)
    async with town(database_url, clock) as here:
        here.model.fault(kind, times=None, seconds=RETRY_AFTER if kind == "429" else SLOWNESS)
        customers = _fail(here, count)
        begun, asked = clock.now(), 0
        await asyncio.gather(*(here.stripe.deliver(event) for event in here.stripe.take()))
        with suppress(TimeoutError):  # who has no card by then is counted
            async with asyncio.timeout(PATIENCE):
                while len(here.cards()) < count:
                    if kind == "slow":
                        asked = await _all_wait_for_the_model(here, asked)
                        clock.move(timedelta(seconds=SLOWNESS))
                    await asyncio.sleep(GLANCE)
        return await _found(here, customers, begun)


async def _all_wait_for_the_model(here: Town, before: int) -> int:
    """How often it was asked, once its slots are taken anew or nothing is left to be drafted.

    `before` is how often it had been asked when the clock was last moved.
    """
    while True:
        waiting, in_hand, other = await _due(here)
        asked = len(here.model.requests)
        if not other and asked - before == in_hand == min(SLOTS, waiting):
            return asked
        await asyncio.sleep(GLANCE)


async def _due(here: Town) -> tuple[int, int, int]:
    """Of what is due: all drafts, those in hand, and everything else."""
    async with here.parts.database.read() as link:
        due = outbox.c.state.in_(("ready", "claimed")) & (outbox.c.due <= here.clock.now())
        rows = (await link.execute(select(outbox.c.kind, outbox.c.state).where(due))).all()
        news = (
            await link.execute(
                select(inbox.c.event_id).where(inbox.c.state.in_(("ready", "claimed")))
            )
        ).all()
    drafts = [row.state for row in rows if row.kind == "draft"]
    return len(drafts), drafts.count("claimed"), len(rows) - len(drafts) + len(news)


def _fail(here: Town, count: int) -> list[str]:
    """Each with a plan and an address of their own; nobody is told yet."""
    world = here.stripe.world
    made = [
        world.add_customer(name=f"Customer {n}", email=f"anna-{n}@kurz.example")
        for n in range(count)
    ]
    subscribed = [world.subscribe(customer, "Team") for customer in made]
    here.stripe.take()
    for one in subscribed:
        world.fail_payment(one)
    return [customer["id"] for customer in made]


async def _found(here: Town, customers: list[str], begun: datetime) -> Burst:
    cases = [await here.open_case(customer) for customer in customers]
    letters = Counter(
        case.letter.fixed_because for case in cases if case is not None and case.letter is not None
    )
    shown = [call.at - begun for call in here.slack.calls("chat.postMessage")]
    return Burst(
        cases=len(customers),
        cards=len(here.cards()),
        in_review=sum(case is not None and case.state is State.IN_REVIEW for case in cases),
        worst=max(shown, default=timedelta.max).total_seconds(),
        calls=len(here.model.requests),
        letters=letters,
    )
