"""Prints what a case costs: `make figures`. Each figure with its bound, and OK or short.

Every base is measured in the same run. A figure that is short is printed, and nothing else is done
about it: the tests hold what can be counted, and no test holds a time.
"""

import asyncio
import logging
import sys
from collections.abc import Iterator, Mapping

from bench import startup
from bench.counts import LONE, USUAL, Cost, Idle, cost, idle
from bench.databases import POSTGRESQL, Fresh, databases
from bench.figure import Bound, Figure, lines
from bench.orders import ends
from bench.speed import BURST, PER_SECOND, QUIETLY_PER_SECOND, Speed, speed


def main() -> int:
    """Measure, print as it comes, and say how many figures are short."""
    logging.disable(logging.CRITICAL)
    short = _print("Cold start and memory", _startup(startup.measure()))
    with databases() as found:
        if POSTGRESQL not in found:
            print("\nPostgreSQL was left out: the tests' requirements are not installed here.")
        for name, fresh in found.items():
            short += _print(f"One case on {name}, counted", _counts(fresh))
            with fresh() as url:
                short += _print(f"An idle bot on {name}", _idle(asyncio.run(idle(url))))
            with fresh() as url:
                short += _print(f"From webhook to card on {name}", _speed(asyncio.run(speed(url))))
    short += _print("One life of six events, in every order and with every duplicate", _orders())
    print(f"\n{short} short" if short else "\nall OK")
    return 0


def _print(title: str, figures: Iterator[Figure]) -> int:
    """Print one part of the table; how many of its figures are short."""
    found = list(figures)
    print(f"\n{title}", *lines(found), sep="\n", flush=True)
    return sum(not one.holds for one in found)


def _orders() -> Iterator[Figure]:
    found = ends()
    late = sum(end.mailed_after_paid * count for end, count in found.items())
    yield Figure(name="orders tried", value=sum(found.values()))
    yield Figure(name="different ends", value=len(found), bound=Bound.EXACTLY, limit=1)
    yield Figure(name="mailed after paid", value=late, bound=Bound.EXACTLY, limit=0)


def _startup(found: startup.Startup) -> Iterator[Figure]:
    imports = f"bare imports {found.imports:.2f} s"
    most = Bound.AT_MOST
    yield Figure(
        name="exec to the first accepted webhook", value=found.start, unit="s", bound=most, limit=3
    )
    yield Figure(
        name="the same against bare imports",
        value=found.start / found.imports,
        unit="×",
        bound=most,
        limit=1.5,
        base=imports,
    )
    yield Figure(
        name="idle, web and worker in one process",
        value=found.idle,
        unit="MiB",
        bound=most,
        limit=140,
        base=f"bare imports {found.imported:.0f} MiB",
    )


def _counts(fresh: Fresh) -> Iterator[Figure]:
    for told, events in (("payment_failed alone", LONE), ("with its usual company", USUAL)):
        with fresh() as url:
            yield from _cost(told, asyncio.run(cost(url, events)))


def _cost(told: str, found: Cost) -> Iterator[Figure]:
    posts, updates = found.all("slack chat.postMessage"), found.all("slack chat.update")
    folded = found.rest_of_news["stripe"]
    counted: tuple[tuple[str, int, Bound, int, str], ...] = (
        ("Stripe calls to the card", found.to_card["stripe"], Bound.AT_MOST, 3, ""),
        ("Stripe calls for the news after it", folded, Bound.NONE, 0, ""),
        ("Stripe calls before sending", found.to_sent["stripe"], Bound.EXACTLY, 1, ""),
        ("model calls", found.all("model"), Bound.EXACTLY, 1, ""),
        ("Slack posts", posts, Bound.EXACTLY, 1, ""),
        ("Slack updates, one a change", updates, Bound.EXACTLY, len(found.changes), _list(found)),
        ("writing transactions to sent", found.all("writes"), Bound.AT_MOST, 16, _writes(found)),
    )
    for name, value, bound, limit, remark in counted:
        yield Figure(name=f"{told}: {name}", value=value, bound=bound, limit=limit, remark=remark)
    asked = ", ".join(f"{name} {count}" for name, count in found.lookups().items())
    yield Figure(name=f"{told}: Slack look-ups", value=sum(found.lookups().values()), remark=asked)


def _idle(found: Idle) -> Iterator[Figure]:
    most, asked = Bound.AT_MOST, f"events {found.events}, open invoices {found.invoices}"
    yield Figure(name="Stripe calls a day", value=found.calls, bound=most, limit=312, remark=asked)
    yield Figure(name="writing transactions a day", value=found.writes, bound=most, limit=320)


def _list(found: Cost) -> str:
    return ", ".join(found.changes)


def _writes(found: Cost) -> str:
    phases: Mapping[str, int] = {
        "to the card": found.to_card["writes"],
        "rest of the news": found.rest_of_news["writes"],
        "to approved": found.to_approved["writes"],
        "to sent": found.to_sent["writes"],
    }
    return ", ".join(f"{count} {phase}" for phase, count in phases.items() if count)


def _speed(found: Speed) -> Iterator[Figure]:
    yield Figure(name=f"median at {QUIETLY_PER_SECOND} events/s", value=found.quiet, unit="ms")
    yield Figure(
        name=f"median at {PER_SECOND} events/s",
        value=found.median,
        unit="ms",
        bound=Bound.AT_MOST,
        limit=25,
        remark=f"95 % within {found.p95:.0f} ms",
    )
    yield Figure(
        name=f"burst of {BURST}",
        value=found.per_second,
        unit="cases/s",
        bound=Bound.AT_LEAST,
        limit=200,
        base=f"one SELECT {found.statement:.2f} ms of processor",
        remark=f"{found.per_case:.1f} ms of processor a case; of one core the bot took "
        f"{found.bot_busy:.0%}, its counterparts {found.others_busy:.0%}",
    )
    yield Figure(
        name="after the burst",
        value=found.memory,
        unit="MiB",
        bound=Bound.AT_MOST,
        limit=180,
    )


if __name__ == "__main__":
    sys.exit(main())
