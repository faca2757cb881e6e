"""Prints how long answers take after years: `make growth`, or ARGS="1000000 10000" of your choice.

PostgreSQL is filled with so many closed and open cases. Then every question behind the queue,
history, statistics, a look-up of each kind, a press, a poll and forgetting is asked many times,
over one connection.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from statistics import median
from time import perf_counter

from bench.crowd import MARK, NOW, fill
from bench.databases import POSTGRESQL, databases
from bench.figure import Bound, Figure, lines
from bench.plans import listening, read_whole
from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.ledger import Ledger
from bot.memory import Memory
from bot.recovery.retention import CASES, EVENTS_KEPT, ROWS
from bot.recovery.watch import JUDGES
from bot.sandbox.clock import MovableClock
from bot.store import cases, due, forgetting, inbox, invoices, register, standing
from bot.store.db import Database

CLOSED, OPENED = 1_000_000, 10_000
TIMES = 50
MOST_MS = 50
KEEPS = timedelta(days=180)
# A handful of rows, whatever grows.
SMALL = frozenset({"pauses", "identity", "pg_database", "alembic_version"})

Question = Callable[[], Awaitable[object]]


def main(arguments: list[str]) -> int:
    """Fill, ask, print; how many figures are short."""
    logging.disable(logging.CRITICAL)
    closed, opened = (*map(int, arguments), *(CLOSED, OPENED)[len(arguments) :])
    with databases() as found:
        if POSTGRESQL not in found:
            print("PostgreSQL is not here: the tests' requirements are not installed.")
            return 1
        with found[POSTGRESQL]() as url:
            began = perf_counter()
            fill(url, closed=closed, opened=opened)
            filled = f"filled in {perf_counter() - began:.0f} s"
            print(f"With {closed:,} closed and {opened:,} open cases ({filled})", flush=True)
            figures = asyncio.run(measured(url, closed))
    print(*lines(figures), sep="\n")
    short = sum(not one.holds for one in figures)
    print(f"\n{short} short" if short else "\nall OK")
    return short


async def measured(url: str, closed: int) -> list[Figure]:
    """Every question's median, and the tables that it would read whole."""
    database = Database(url)
    try:
        asked = questions(database, closed)
        return [
            one for name, question in asked.items() async for one in _timed(url, name, question)
        ]
    finally:
        await database.close()


def questions(database: Database, closed: int) -> Mapping[str, Question]:
    """What is asked behind commands, the Home and a press, by name."""
    ledger, memory = Ledger(database, MovableClock(NOW)), Memory(database)
    number = str(closed // 2).rjust(len(MARK), "0")
    since = NOW - timedelta(days=30)
    key = CustomerKey(account="", livemode=True, customer="cus_1")

    async def polled() -> None:
        async with database.read() as link:
            await inbox.left_alone(link, since)
            await invoices.known(link, [InvoiceId(f"in_{number}")], livemode=True)
            await register.anything_behind(link)

    async def due_now() -> None:
        async with database.read() as link:
            await due.kinds(link, NOW)

    async def watched() -> None:
        async with database.read() as link:
            for judge in JUDGES.values():
                await judge(link, NOW)

    async def locked() -> None:
        async with database.begin() as link:
            await cases.lock(link, CaseId(f"case_{number}"), NOW)
            await standing.record(link, key, NOW, address="person@example.com")

    async def leaving() -> None:
        async with database.read() as link:
            await cases.next_to_leave(link, 50)

    async def forgotten() -> None:
        async with database.read() as link:  # so that it is all there the next time
            await forgetting.due(link, NOW - KEEPS, after=None, most=CASES)
            await forgetting.events(link, NOW - EVENTS_KEPT, ROWS)

    return {
        "queue": ledger.queue,
        "history": ledger.history,
        "stats": lambda: ledger.stats(since),
        "health": ledger.health,
        "paused": ledger.paused,
        "metrics": ledger.gauges,
        "a watch: is work late, is Stripe silent": watched,
        "find a customer's id": lambda: ledger.find("cus_1"),
        "find an invoice's id": lambda: ledger.find(f"in_{number}"),
        "find an invoice's number": lambda: ledger.find(f"ACME-{number}"),
        "find an address": lambda: ledger.find(f"person{number}@example.com"),
        "find a name": lambda: ledger.find("Ada7 Lovelace7"),
        "find the beginning of a name": lambda: ledger.find("ada"),
        "find a later word of a name": lambda: ledger.find("lovel"),
        "find nothing": lambda: ledger.find("nobody"),
        "a case by its id": lambda: memory.case(CaseId(f"case_{number}")),
        "a customer's open case": lambda: memory.open_case(key),
        "a press: the case locked, its standing": locked,
        "the letters that leave next": leaving,
        "a poll: what we know of": polled,
        "a poll: what is due": due_now,
        "what has had its time": forgotten,
    }


async def _timed(url: str, name: str, question: Question) -> AsyncIterator[Figure]:
    with listening() as asked:
        await question()
    taken = []
    for _ in range(TIMES):
        began = perf_counter()
        await question()
        taken.append((perf_counter() - began) * 1000)
    whole = [table for table in read_whole(url, asked) if table not in SMALL]
    yield Figure(
        name=name,
        value=median(taken),
        unit="ms",
        bound=Bound.AT_MOST,
        limit=MOST_MS,
        remark=f"from {min(taken):.1f} to {max(taken):.1f} ms",
    )
    if whole:
        yield Figure(
            name=f"{name}: tables read whole",
            value=len(whole),
            bound=Bound.EXACTLY,
            remark=", ".join(whole),
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
