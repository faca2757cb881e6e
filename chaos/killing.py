"""Makes kills: one a life, the lives of a world one after the other, many worlds at once."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from bench.databases import Fresh
from chaos.life import Life
from chaos.nursery import Nursery, nursery
from chaos.points import Order
from chaos.tally import Tally
from chaos.world import Lost, World, world

TRIES = 3  # a point that a life does not come to is tried in so many


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill to be made; `fresh`: only a process that has just started comes to this point.

    `after`: an earlier kill in the same life, so that this one meets a bot that takes up what was
    left lying.
    """

    order: Order
    fresh: bool = False
    after: Order | None = None
    tries: int = TRIES

    @property
    def name(self) -> str:
        """On which side of which point, and of which of its like."""
        nth = f" ({self.order.nth})" if self.order.nth > 1 else ""
        again = " again" if self.after else ""
        return f"{self.order.when} {self.order.point}{nth}{again}"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Kills to be made in so many `worlds` of a kind.

    `wrong`: the bot sends before it commits; `hurried`: nobody waits for a lease.
    """

    fresh: Fresh
    kills: Sequence[Kill]
    worlds: int = 1
    wrong: bool = False
    hurried: bool = False


def made(*batches: Batch) -> list[Tally]:
    """Make the kills of all batches at the same time; what each came to."""
    tallies = [Tally() for _ in batches]

    async def everywhere(urls: list[list[str]]) -> None:
        async with nursery() as bots, asyncio.TaskGroup() as all_worlds:
            for batch, tally, own in zip(batches, tallies, urls, strict=True):
                waiting = deque(batch.kills)
                for url in own:
                    all_worlds.create_task(_in_a_world(bots, url, batch, waiting, tally))

    with ExitStack() as stack:
        urls = [
            [stack.enter_context(batch.fresh()) for _ in range(batch.worlds)] for batch in batches
        ]
        asyncio.run(everywhere(urls))
    return tallies


async def _in_a_world(
    bots: Nursery, url: str, batch: Batch, waiting: deque[Kill], tally: Tally
) -> None:
    """One kill after the other, until none waits or one broke this world."""
    async with world(bots, url, wrong=batch.wrong) as there:
        if batch.hurried:
            there.bot.between = there.forget_leases
        number = 0
        while waiting:
            kill, number = waiting.popleft(), number + 1
            life = Life(world=there, name=f"Customer {number}.")
            killed, broke = await _lived(life, kill)
            if not killed and kill.tries > 1:
                waiting.append(replace(kill, fresh=True, tries=kill.tries - 1))
            tally.add(await life.verdict(broke), kill.name, killed=killed)
            if broke is not None:
                return


async def _lived(life: Life, kill: Kill) -> tuple[bool, Lost | None]:
    """One life with one kill in it: whether it came to it, and what did not come after it."""
    bot, broke = life.world.bot, None
    if kill.fresh:
        await bot.terminate()
    await life.world.ready()  # an earlier life may have ended with its bot
    bot.order(*([kill.after] if kill.after else []), kill.order)
    try:
        await life.play()
    except Lost as lost:
        broke = lost
    return bot.recall(), broke


async def passed(there: World, name: str, *, after: Order | None = None) -> list[str]:
    """The points of one life in which nobody is killed, or only `after`: what comes then."""
    notes = Order(point="")
    there.bot.order(*([after] if after else []), notes)
    await Life(world=there, name=name).play()
    there.bot.recall()
    return there.bot.passed()
