"""From webhook to card: a real bot process, counterparts that answer at once, one machine."""

import asyncio
import time
from dataclasses import dataclass
from statistics import median, quantiles

import aiohttp

from bench.bot_process import STRIPE_WEBHOOK, BotProcess, bot
from bench.counterparts import Counterparts, Failure, counterparts, tell, until_shown

STEADY = 75
PER_SECOND = 15
BURST = 200
SENDERS = 16
WARM_UP = 20
PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Latencies in milliseconds at 15 events a second; the burst's cases a second.

    `bot_busy` and `others_busy` are the shares of one core that the bot, and the counterparts with
    the sender, took during the burst; `memory` is the bot's after it, in MiB.
    """

    median: float
    p95: float
    per_second: float
    bot_busy: float
    others_busy: float
    memory: float


async def speed(database_url: str) -> Speed:
    """Measured on one bot: warmed up, then steadily, then in a burst."""
    async with counterparts(database_url) as here, aiohttp.ClientSession() as session:
        with bot(here.settings) as process:
            return await _measured(here, process, session)


async def _measured(
    here: Counterparts, process: BotProcess, session: aiohttp.ClientSession
) -> Speed:
    await _steadily(here, process, session, here.failures(WARM_UP))
    steady = await _steadily(here, process, session, here.failures(STEADY))
    burst = here.failures(BURST)
    before = process.processor_seconds(), time.process_time()
    seconds = await _at_once(here, process, session, burst)
    after = process.processor_seconds(), time.process_time()
    return Speed(
        median=median(steady) * 1000,
        p95=quantiles(steady, n=20)[-1] * 1000,
        per_second=BURST / seconds,
        bot_busy=(after[0] - before[0]) / seconds,
        others_busy=(after[1] - before[1]) / seconds,
        memory=process.memory(),
    )


async def _steadily(
    here: Counterparts, process: BotProcess, session: aiohttp.ClientSession, all_: list[Failure]
) -> list[float]:
    """Seconds from each event's sending to its card's arrival in Slack."""
    sent: dict[str, float] = {}
    begun, before = time.monotonic(), len(here.cards_at())
    async with asyncio.TaskGroup() as group:
        for number, one in enumerate(all_):
            await asyncio.sleep(begun + number / PER_SECOND - time.monotonic())
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
