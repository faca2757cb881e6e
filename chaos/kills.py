"""Killed at any commit or socket write, the bot loses nothing, doubles nothing, hides nothing."""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.databases import SQLITE, Fresh, databases
from bench.figure import Bound, Figure
from chaos.killing import Batch, Kill, made, passed
from chaos.nursery import nursery
from chaos.points import AFTER, BEFORE, HALF, Order
from chaos.proof import held
from chaos.tally import AT_LEAST, Tally
from chaos.world import world

ROUNDS = 3
# A kill on PostgreSQL mostly waits for a lease of half a minute; on SQLite it does not.
WORLDS = {SQLITE: 2}
MANY_WORLDS = 12
FEW_WORLDS = 2
INTAKE = "commit: running._keep"
# Where a mail is doubled or lost if anywhere, and the two ends of what others were promised.
TELLING = (
    (AFTER, INTAKE),
    (AFTER, "write: POST /api/chat.postMessage"),
    (AFTER, "commit: casework.reported(Looked)"),
    (HALF, "write: SMTP final dot"),
    (AFTER, "write: SMTP final dot"),
    (BEFORE, "commit: casework.reported(Delivered)"),
)
# A mail that may have left: while it is taken up, at every point too, the bot is killed again.
IN_DOUBT = Order(point="write: SMTP final dot", when=AFTER)
# Here a bot that sends before it commits has sent, and has not committed.
TOO_EARLY = (
    (BEFORE, "commit: casework.reported(Looked)"),
    (AFTER, "write: SMTP final dot"),
    (BEFORE, "write: SMTP QUIT"),
    (AFTER, "write: SMTP QUIT"),
)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A commit or a write of a life; `nth` when it comes more than once."""

    name: str
    nth: int
    fresh: bool = False  # passed only by a process that has just started
    after: Order | None = None  # only in taking up what this kill left

    @property
    def rounds(self) -> int:
        """How often it is hit on each side: where two kills meet in one life, once."""
        return 1 if self.after else ROUNDS

    def kills(self) -> Iterator[Kill]:
        """Before and after; a write can also be cut in half."""
        sides = (BEFORE, HALF, AFTER) if self.name.startswith("write:") else (BEFORE, AFTER)
        for side in sides:
            order = Order(point=self.name, when=side, nth=self.nth)
            yield Kill(order=order, fresh=self.fresh, after=self.after)


def run(short: bool) -> list[str]:
    """Kill real processes at every point (`short`: at the most telling ones, once)."""
    with databases() as found:
        return _short(found) if short else _whole(found)


def _short(found: dict[str, Fresh]) -> list[str]:
    kills = _at(TELLING)
    batches = [
        Batch(fresh=fresh, kills=kills, worlds=FEW_WORLDS, hurried=True) for fresh in found.values()
    ]
    wrong = Batch(fresh=found[SQLITE], kills=_at(TOO_EARLY[:1]), wrong=True, hurried=True)
    *tallies, caught = made(*batches, wrong)
    said: list[str] = []
    for name, tally in zip(found, tallies, strict=True):
        said += [f"{name}:", *held(_figures(tally, kills, timed=False))]
    return [*said, _seen(SQLITE, caught)]


def _whole(found: dict[str, Fresh]) -> list[str]:
    said: list[str] = []
    points = {name: _counted(fresh) for name, fresh in found.items()}
    batches = [one for name, fresh in found.items() for one in _batches(name, fresh, points[name])]
    tallies = iter(made(*batches))
    for name in found:
        tally, wrong = next(tallies), next(tallies)
        said += [f"{name}:", *_listed(points[name], tally)]
        said += [*held(_figures(tally, _ordered(points[name]), timed=True)), _seen(name, wrong)]
    return said


def _batches(name: str, fresh: Fresh, points: Sequence[Point]) -> tuple[Batch, Batch]:
    worlds = WORLDS.get(name, MANY_WORLDS)
    wrong = Batch(fresh=fresh, kills=_at(TOO_EARLY) * ROUNDS, wrong=True, hurried=True)
    return Batch(fresh=fresh, kills=_ordered(points), worlds=worlds), wrong


def _ordered(points: Iterable[Point]) -> list[Kill]:
    """Each point in every round; killed twice in one life, once."""
    return [kill for one in points for kill in one.kills() for _ in range(one.rounds)]


def _at(sides: Iterable[tuple[str, str]]) -> list[Kill]:
    return [Kill(order=Order(point=point, when=when)) for when, point in sides]


# The points.


def _counted(fresh: Fresh) -> list[Point]:
    """The points of a life after a start, of a later one, and of taking up a doubt.

    Whatever comes later in a process that takes up a doubt is as in any other life.
    """

    async def lives(url: str) -> tuple[list[str], list[str], list[str]]:
        async with nursery() as bots, world(bots, url) as there:
            first, later = await passed(there, "Customer 1."), await passed(there, "Customer 2.")
            return first, later, await passed(there, "Customer 3.", after=IN_DOUBT)

    with fresh() as url:
        first, later, resumed = asyncio.run(lives(url))
    usual, names = Counter(later), Counter(first) | Counter(later)
    found = [
        Point(name=name, nth=nth, fresh=nth > usual[name])
        for name in dict.fromkeys([*first, *later])
        for nth in range(1, names[name] + 1)
    ]
    resuming = resumed[: resumed.index(INTAKE)]
    return [*found, *(_again(name, resuming[:at]) for at, name in enumerate(resuming))]


def _again(name: str, before: Sequence[str]) -> Point:
    return Point(name=name, nth=before.count(name) + 1, after=IN_DOUBT)


# What is said.


def _figures(tally: Tally, kills: Sequence[Kill], *, timed: bool) -> Iterator[Figure]:
    missed = Counter(kill.name for kill in kills if not kill.after) - tally.kills
    in_vain = Counter(kill.name for kill in kills if kill.after) - tally.kills
    yield Figure(
        name="kill -9",
        value=tally.kills.total(),
        bound=Bound.AT_LEAST if timed else Bound.NONE,
        limit=AT_LEAST,
    )
    yield Figure(
        name="kills that no life came to",
        value=missed.total(),
        bound=Bound.EXACTLY,
        remark=", ".join(missed),
    )
    # What a start does by itself comes now before and now after what it takes up.
    yield Figure(name="second kills that no life came to", value=in_vain.total())
    yield from tally.figures(timed=timed)


def _seen(name: str, wrong: Tally) -> str:
    """Raises AssertionError when a bot that is wrong looks right to this harness."""
    assert wrong.doubled, "the harness does not see what a wrong bot does"  # noqa: S101 - a proof
    return (
        f"  {name}, a bot that sends and then commits, in {wrong.kills.total()} kills: "
        f"the harness sees it: {wrong.doubled} doubled"
    )


def _listed(points: Sequence[Point], tally: Tally) -> Iterator[str]:
    usual = sum(point.after is None for point in points)
    yield f"  {usual} points in a life, {len(points) - usual} more in taking up a doubt;"
    yield "  how often it was killed there:"
    for point in points:
        counts = (f"{kill.order.when} {tally.kills[kill.name]}" for kill in point.kills())
        nth = f" ({point.nth})" if point.nth > 1 else ""
        again = ", killed again" if point.after else ""
        yield f"    {point.name + nth + again:<65} {', '.join(counts)}"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(*run(short="--short" in sys.argv), sep="\n")
