"""The moment an invoice is paid, every message about it says so, within two seconds.

Measured from the sending of `invoice.paid` until the last of two messages is redrawn: a card, and
the newer one that a dispute brought. The payment comes right after that, when the bot has just read
Stripe and would like to wait for more news.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import aiohttp

from bench.bot_process import OK, STRIPE_WEBHOOK, BotProcess, bot
from bench.counterparts import SECRET, Counterparts, counterparts, tell
from bench.databases import databases
from bench.figure import Bound, Figure
from bot.sandbox.slack import Message
from bot.sandbox.stripe_webhooks import Endpoint
from chaos.proof import held

ROUNDS = 50
ROUNDS_IN_SHORT = 2
COPIES = 2
WITHIN = 2.0
PATIENCE = 120.0  # seconds until a message is given up, on a machine that is busy with others
GLANCE = 0.005
SETTINGS = {"LOG_LEVEL": "warning"}


@dataclass(frozen=True, kw_only=True)
class Town:
    """The counterparts, and one bot among them."""

    here: Counterparts
    process: BotProcess
    session: aiohttp.ClientSession


def run(short: bool) -> list[str]:
    """Fifty payments on each database (`short`: two, and no time is held)."""
    found: list[Figure] = []
    with databases() as kinds:
        for name, fresh in kinds.items():
            with fresh() as url:
                count = ROUNDS_IN_SHORT if short else ROUNDS
                found += _figures(name, asyncio.run(_rounds(url, count)), timed=not short)
    return held(found)


def _figures(name: str, seconds: list[float], *, timed: bool) -> Iterator[Figure]:
    yield Figure(
        name=f"paid, and {COPIES} messages redrawn: median on {name}",
        value=median(seconds),
        unit="s",
        remark=f"{len(seconds)} payments",
    )
    yield Figure(
        name=f"the same: worst on {name}",
        value=max(seconds),
        unit="s",
        bound=Bound.AT_MOST if timed else Bound.NONE,
        limit=WITHIN,
    )


async def _rounds(url: str, count: int) -> list[float]:
    async with counterparts(url) as here, aiohttp.ClientSession() as session:
        settings = {**here.settings, **SETTINGS}
        del settings["OPENAI_API_KEY"]  # the fixed letter does
        starting = bot(settings)
        process = await asyncio.to_thread(starting.__enter__)
        try:
            town = Town(here=here, process=process, session=session)
            return [await _round(town, f"Customer {number}.") for number in range(count)]
        finally:
            await asyncio.to_thread(starting.__exit__, None, None, None)


async def _round(town: Town, name: str) -> float:
    world = town.here.stripe.world
    customer = world.add_customer(name=name, email="anna@kurz.example")
    invoice = world.fail_payment(world.subscribe(customer, "Team"))
    before = len(town.here.slack.state.messages)
    await _told(town, "invoice.payment_failed")
    await _until(lambda: len(_since(town, before)) == 1, f"{name} has no card")
    world.dispute(invoice)
    await _told(town, "charge.dispute.created")
    await _until(lambda: len(_since(town, before)) == COPIES, f"{name} has no second card")
    world.pay(invoice)
    began = time.monotonic()
    await _told(town, "invoice.paid")
    await _until(
        lambda: all("Paid, " in one.text for one in _since(town, before)),
        f"a card of {name} does not say that it was paid",
    )
    return time.monotonic() - began


async def _told(town: Town, kind: str) -> None:
    """Stripe sends this one event of all that it has to tell."""
    endpoint = Endpoint(url="", secrets=[SECRET])
    for event in town.here.stripe.take():
        if event.type == kind:
            body = town.here.stripe.webhooks.body(event, endpoint)
            while await tell(town.session, town.process.url + STRIPE_WEBHOOK, body) != OK:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(GLANCE)  # Stripe sends again what was not taken


def _since(town: Town, count: int) -> list[Message]:
    """What was posted after the first so many messages, replies in threads left out."""
    return [one for one in town.here.slack.state.messages[count:] if one.thread_ts is None]


async def _until(it_is_so: Callable[[], bool], otherwise: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not it_is_so():
        if time.monotonic() > ends:
            raise AssertionError(otherwise)
        await asyncio.sleep(GLANCE)
