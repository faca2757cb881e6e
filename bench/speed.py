"""From webhook to card: a real bot process, counterparts that answer at once, one machine."""

import asyncio
import time
from dataclasses import dataclass
from statistics import median, quantiles

import aiohttp

from bench.bot_process import STRIPE_WEBHOOK, BotProcess, bot
from bench.counterparts import Counterparts, Failure, counterparts, tell, until_shown
from bot.case.ids import CaseId
from bot.store import cases
from bot.store.db import Database

STEADY = 75
PER_SECOND = 15
QUIET = 12
QUIETLY_PER_SECOND = 3
STATEMENTS = 300
BURST = 200
SENDERS = 16
WARM_UP = 20
PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Latencies in milliseconds at 15 events a second, `quiet` at 3; the burst's cases a second.

    `statement` is the base: processor time of one SELECT through the bot's own store, in
    milliseconds, measured in the same run.

    `bot_busy` and `others_busy` are the shares of one core that the bot, and the counterparts with
    the sender, took during the burst; `per_case` is the bot's processor time for one case of it,
    in milliseconds, whatever else the machine had to do. `memory` is the bot's after it, in MiB.
    """

    quiet: float
    statement: float
    median: float
    p95: float
    per_second: float
    per_case: float
    bot_busy: float
    others_busy: float
    memory: float


async def speed(database_url: str) -> Speed:
    """Measured on one bot: warmed up, then steadily, then in a burst."""
    async with counterparts(database_url) as here, aiohttp.ClientSession() as session:
        with bot(here.settings) as process:
            return await _measured(here, process, session, await _statement(database_url))


async def _measured(
    here: Counterparts, process: BotProcess, session: aiohttp.ClientSession, statement: float
) -> Speed:
    await _steadily(here, process, session, here.failures(WARM_UP), PER_SECOND)
    quiet = await _steadily(here, process, session, here.failures(QUIET), QUIETLY_PER_SECOND)
    steady = await _steadily(here, process, session, here.failures(STEADY), PER_SECOND)
    burst = here.failures(BURST)
    before = process.processor_seconds(), time.process_time()
    seconds = await _at_once(here, process, session, burst)
    after = process.processor_seconds(), time.process_time()
    return Speed(
        quiet=median(quiet) * 1000,
        statement=statement,
        median=median(steady) * 1000,
        p95=quantiles(steady, n=20)[-1] * 1000,
        per_second=BURST / seconds,
        per_case=(after[0] - before[0]) / BURST * 1000,
        bot_busy=(after[0] - before[0]) / seconds,
        others_busy=(after[1] - before[1]) / seconds,
        memory=process.memory(),
    )


async def _statement(database_url: str) -> float:
    database = Database(database_url)
    try:
        async with database.read() as link:
            await cases.load(link, CaseId("none"))
            before = time.process_time()
            for _ in range(STATEMENTS):
                await cases.load(link, CaseId("none"))
            return (time.process_time() - before) / STATEMENTS * 1000
    finally:
        await database.close()


async def _steadily(
    here: Counterparts,
    process: BotProcess,
    session: aiohttp.ClientSession,
    all_: list[Failure],
    per_second: int,
) -> list[float]:
    """Seconds from each event's sending to its card's arrival in Slack."""
    sent: dict[str, float] = {}
    begun, before = time.monotonic(), len(here.cards_at())
    async with asyncio.TaskGroup() as group:
        for number, one in enumerate(all_):
            await asyncio.sleep(begun + number / per_second - time.monotonic())
            sent[one.name] = time.time()
            group.create_task(tell(session, process.url + STRIPE_WEBHOOK, one.body))
    await until_shown(here, before + len(all_), PATIENCE)
    shown = here.cards_at()
    return [shown[name] - at for name, at in sent.items()]


async def _at_once(
    here: Counterparts, process: BotProcess, session: aiohttp.ClientSession, all_: list[Failure]
) -> float:
    """Seconds from the first event's sending to the last card's arrival."""
    waiting = list(all_)
    begun, before = time.time(), len(here.cards_at())

    async def sender() -> None:
        while waiting:
            await tell(session, process.url + STRIPE_WEBHOOK, waiting.pop().body)

    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    await until_shown(here, before + len(all_), PATIENCE)
    return max(here.cards_at().values()) - begun
