"""Killed at any commit or socket write, the bot loses nothing, doubles nothing, hides nothing."""

import asyncio
import logging
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench.databases import SQLITE, Fresh, databases
from bench.figure import Bound, Figure
from chaos.life import Life
from chaos.points import AFTER, BEFORE, HALF, Order
from chaos.proof import held
from chaos.tally import Tally
from chaos.world import Lost, World, world

ROUNDS = 3
TRIES = 3  # a point that a life does not come to is tried in so many
# A kill on PostgreSQL mostly waits for a lease of half a minute; on SQLite it does not.
WORLDS = {SQLITE: 2}
MANY_WORLDS = 12
FEW_WORLDS = 2
# Where a mail is doubled or lost if anywhere, and the two ends of what others were promised.
TELLING = (
    (BEFORE, "commit: app._keep"),
    (AFTER, "commit: app._keep"),
    (AFTER, "write: POST /api/chat.postMessage"),
    (AFTER, "commit: casework.happened(Approved)"),
    (BEFORE, "commit: casework.reported(Looked)"),
    (AFTER, "commit: casework.reported(Looked)"),
    (HALF, "write: SMTP final dot"),
    (AFTER, "write: SMTP final dot"),
    (BEFORE, "commit: casework.reported(Delivered)"),
)
# Here a bot that sends before it commits has sent, and has not committed.
TOO_EARLY = (
    (AFTER, "write: SMTP final dot"),
    (BEFORE, "write: SMTP QUIT"),
    (AFTER, "write: SMTP QUIT"),
    (BEFORE, "commit: casework.reported(Looked)"),
)


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill to be made; `fresh`: only a process that has just started comes to this point."""

    order: Order
    fresh: bool = False
    tries: int = TRIES

    @property
    def name(self) -> str:
        """Where, and on which side."""
        nth = f" ({self.order.nth})" if self.order.nth > 1 else ""
        return f"{self.order.when} {self.order.point}{nth}"


def run(short: bool) -> list[str]:  # noqa: FBT001 - as every proof is called
    """Kill real processes at every point (`short`: at the most telling ones, once)."""
    said: list[str] = []
    with databases() as found:
        for name, fresh in found.items():
            said += _short(name, fresh) if short else _whole(name, fresh)
        said += _caught(SQLITE, found[SQLITE], rounds=1, only=2)
    return said


def _short(name: str, fresh: Fresh) -> list[str]:
    kills = [Kill(order=Order(point=point, when=when)) for when, point in TELLING]
    tally = _made(fresh, FEW_WORLDS, kills, hurried=True)
    return [f"{name}:", *held(_figures(tally, kills, timed=False))]


def _whole(name: str, fresh: Fresh) -> list[str]:
    points = _counted(fresh)
    kills = [kill for kill in _kills(points) for _ in range(ROUNDS)]
    tally = _made(fresh, WORLDS.get(name, MANY_WORLDS), kills)
    return [f"{name}:", *_listed(points, tally), *held(_figures(tally, kills, timed=True))]


def _caught(name: str, fresh: Fresh, *, rounds: int, only: int | None = None) -> list[str]:
    """The same harness on a bot that sends and then commits: it must see doubled mails."""
    kills = [Kill(order=Order(point=point, when=when)) for when, point in TOO_EARLY[:only]]
    tally = _made(fresh, 1, kills * rounds, wrong=True, hurried=True)
    assert tally.doubled, "the harness does not see what a wrong bot does"
    total = tally.kills.total()
    return [
        f"{name}, a bot that sends and then commits: the harness sees it: "
        f"{tally.doubled} doubled in {total} kills"
    ]


# The points.


@dataclass(frozen=True, kw_only=True)
class Point:
    """A commit or a write of a life; `nth` when it comes more than once."""

    name: str
    nth: int
    fresh: bool

    @property
    def sides(self) -> tuple[str, ...]:
        """A write can also be cut in half."""
        return (BEFORE, HALF, AFTER) if self.name.startswith("write:") else (BEFORE, AFTER)


def _counted(fresh: Fresh) -> list[Point]:
    """The points of a life after a start, and of the next, which asks for less."""

    async def passed(url: str) -> list[list[str]]:
        async with world(url) as there:
            lives = []
            for number in range(2):
                there.bot.order(Order(point=""))
                await Life(world=there, name=f"Customer {number}.").play()
                there.bot.recall()
                lives.append(there.bot.passed())
            return lives

    with fresh() as url:
        first, later = asyncio.run(passed(url))
    usual = Counter(later)
    return [
        Point(name=name, nth=nth, fresh=nth > usual[name]) for name, nth in _numbered(first, later)
    ]


def _numbered(*lives: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Every name with every number it had in one of these lives, in their order."""
    most = Counter[str]()
    for life in lives:
        most |= Counter(life)
    names = dict.fromkeys(name for life in lives for name in life)
    return ((name, nth) for name in names for nth in range(1, most[name] + 1))


def _kills(points: Iterable[Point]) -> Iterator[Kill]:
    for point in points:
        for side in point.sides:
            order = Order(point=point.name, when=side, nth=point.nth)
            yield Kill(order=order, fresh=point.fresh)


# The kills.


def _made(
    fresh: Fresh, worlds: int, kills: Sequence[Kill], *, wrong: bool = False, hurried: bool = False
) -> Tally:
    """Make all kills, in so many worlds at once; `hurried` worlds don't wait for leases."""
    waiting, tally = deque(kills), Tally()

    async def everywhere(urls: list[str]) -> None:
        here = (_in_a_world(url, waiting, tally, wrong=wrong, hurried=hurried) for url in urls)
        await asyncio.gather(*here)

    with ExitStack() as stack:
        asyncio.run(everywhere([stack.enter_context(fresh()) for _ in range(worlds)]))
    return tally


async def _in_a_world(
    url: str, waiting: deque[Kill], tally: Tally, *, wrong: bool, hurried: bool
) -> None:
    """One kill after the other, until none waits or one broke this world."""
    async with world(url, wrong=wrong) as there:
        if hurried:
            there.bot.between = there.forget_leases
        number = 0
        while waiting:
            kill, number = waiting.popleft(), number + 1
            if not await _make(there, kill, f"Customer {number}.", waiting, tally):
                return


async def _make(there: World, kill: Kill, name: str, waiting: deque[Kill], tally: Tally) -> bool:
    """One life with one kill in it; whether this world can go on."""
    if kill.fresh:
        await there.bot.terminate()
        await there.bot.ready()
    life, broke = Life(world=there, name=name), None
    there.bot.order(kill.order)
    try:
        await life.play()
    except Lost as lost:
        broke = lost
    killed = there.bot.recall()
    if not killed and kill.tries > 1:
        waiting.append(Kill(order=kill.order, fresh=True, tries=kill.tries - 1))
    tally.add(await life.verdict(broke), kill.name if killed else None)
    return broke is None


# What is said.


def _figures(tally: Tally, kills: Sequence[Kill], *, timed: bool) -> Iterator[Figure]:
    missed = Counter(kill.name for kill in kills) - tally.kills
    yield Figure(name="kill -9", value=tally.kills.total())
    yield Figure(
        name="kills that no life came to",
        value=missed.total(),
        bound=Bound.EXACTLY,
        remark=", ".join(missed),
    )
    yield from tally.figures(timed=timed)


def _listed(points: Sequence[Point], tally: Tally) -> Iterator[str]:
    yield f"  {len(points)} points in a life, and how often it was killed there:"
    for point in points:
        sides = [
            Kill(order=Order(point=point.name, when=side, nth=point.nth)) for side in point.sides
        ]
        counts = ", ".join(f"{kill.order.when} {tally.kills[kill.name]}" for kill in sides)
        nth = f" ({point.nth})" if point.nth > 1 else ""
        yield f"    {point.name + nth:<55} {counts}"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(*run(short="--short" in sys.argv), sep="\n")
