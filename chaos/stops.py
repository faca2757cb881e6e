"""Asked to stop under load, the bot ends within ten seconds, and nothing is lost or doubled."""

import asyncio
import logging
import sys
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.databases import POSTGRESQL, SQLITE, databases
from bench.figure import Bound, Figure
from bot.sandbox.slack import Fault
from chaos.life import Life
from chaos.nursery import Nursery, nursery
from chaos.proof import held
from chaos.tally import Tally
from chaos.world import Lost, World, until, world

ROUNDS = 20
WORLDS = {SQLITE: 1, POSTGRESQL: 2}
LIVES, LIVES_IN_SHORT = 24, 10
EVERY = 0.3  # seconds between two failures: the first is mailed while the last one comes
SLOW = 0.5  # seconds that everybody takes for an answer, so that every stage is full
# Longer than the bot waits when it is to end: nobody then knows whether this letter arrived.
TOO_SLOW = 20.0
ENDS_WITHIN = 10.0
STAGES = ("arrival", "gather", "draft", "show", "look", "hand_over")
ALWAYS = 10**6


@dataclass(kw_only=True)
class Stops:
    """What all rounds came to: the seconds until each end, and what was in hand at it."""

    tally: Tally = field(default_factory=Tally)
    ends: list[float] = field(default_factory=list)
    in_hand: Counter[str] = field(default_factory=Counter)

    def figures(self, *, short: bool) -> Iterator[Figure]:
        """As they are printed and held."""
        most = Bound.NONE if short else Bound.AT_MOST
        stages = ", ".join(f"{stage} {self.in_hand[stage]}" for stage in STAGES)
        yield Figure(name="SIGTERM under load", value=len(self.ends))
        yield Figure(name="in hand at that moment", value=self.in_hand.total(), remark=stages)
        yield Figure(
            name="the longest until it had ended",
            value=max(self.ends),
            unit="s",
            bound=most,
            limit=ENDS_WITHIN,
        )
        yield from self.tally.figures(timed=not short)


def run(short: bool) -> list[str]:
    """Stop and start real processes with cases at every stage (`short`: once)."""
    with databases() as found, ExitStack() as stack:
        each = {name: 1 if short else WORLDS[name] for name in found}
        urls = {
            name: [stack.enter_context(fresh()) for _ in range(each[name])]
            for name, fresh in found.items()
        }
        came = asyncio.run(_everywhere(urls, 1 if short else ROUNDS, hurried=short))
    return [
        line
        for name, stops in came.items()
        for line in (f"{name}:", *held(stops.figures(short=short)))
    ]


async def _everywhere(
    urls: dict[str, list[str]], rounds: int, *, hurried: bool
) -> dict[str, Stops]:
    came = {name: Stops() for name in urls}
    async with nursery() as bots, asyncio.TaskGroup() as all_worlds:
        for name, own in urls.items():
            waiting = deque(range(rounds))
            for url in own:
                all_worlds.create_task(_in_a_world(bots, url, waiting, came[name], hurried=hurried))
    return came


async def _in_a_world(
    bots: Nursery, url: str, waiting: deque[int], stops: Stops, *, hurried: bool
) -> None:
    lives = LIVES_IN_SHORT if hurried else LIVES
    async with world(bots, url) as there:
        if hurried:
            there.bot.between = there.forget_leases
        while waiting:
            await _round(there, waiting.popleft(), stops, lives)


async def _round(there: World, number: int, stops: Stops, lives: int) -> None:
    """Many lives begin one after the other; in the middle of it all the bot is to end."""
    _slow_down(there)
    mails = there.here.mailbox.mails
    so_far = len(mails)
    async with asyncio.TaskGroup() as all_lives:
        for one in range(lives):
            life = Life(world=there, name=f"Customer {number}-{one}.")
            all_lives.create_task(_lived(life, stops.tally))
            await asyncio.sleep(EVERY)
        await until("a letter", lambda: len(mails) > so_far)
        stops.in_hand += await there.in_hand()
        stops.ends.append(await there.bot.terminate())
        _speed_up(there)


async def _lived(life: Life, tally: Tally) -> None:
    broke = None
    try:
        await life.play()
    except Lost as lost:
        broke = lost
    tally.add(await life.verdict(broke), "by SIGTERM", killed=False)


def _slow_down(there: World) -> None:
    there.here.stripe.fault("slow", times=ALWAYS, seconds=SLOW)
    there.here.slack.fault("*", Fault(delay=SLOW), times=None)
    there.here.model.fault("slow", times=None, seconds=SLOW)
    there.here.mailbox.slow("END", TOO_SLOW)
    there.here.mailbox.slow("END", SLOW, times=ALWAYS)


def _speed_up(there: World) -> None:
    there.here.stripe.heal()
    there.here.slack.faults.clear()
    there.here.model.heal()
    there.here.mailbox.heal()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(*run(short="--short" in sys.argv), sep="\n")
