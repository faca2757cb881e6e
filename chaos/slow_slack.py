"""Slack refuses, fails and forgets to answer: five hundred cases end with one living card each.

All come within a minute, to a Slack that takes one message a second in a channel and says when to
come back (429), that fails (500) and that breaks the connection after it did what it was asked.
Every second invoice is paid meanwhile. https://docs.slack.dev/apis/web-api/rate-limits.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp

from bench.bot_process import OK, STRIPE_WEBHOOK, bot
from bench.counterparts import SECRET, Counterparts, counterparts, tell
from bench.databases import POSTGRESQL, SQLITE, databases
from bench.figure import Bound, Figure
from bot.sandbox.slack import Fault, Message
from bot.sandbox.stripe_webhooks import Endpoint
from chaos.proof import held

CASES = 500
CASES_IN_SHORT = 8
WITHIN = 60.0  # seconds, from the first failure to the last
A_CARD = 4.0  # seconds that a card may take on average, on a machine that is busy with others
PATIENCE = 120.0  # and more for what was put off
A_MOMENT = 5.0  # seconds for the last letter to be written: who paid before it gets no card
GLANCE = 0.05
# Of so many calls one goes wrong in each of these ways.
ONE_IN = 10
TROUBLES = (Fault(status=500), Fault(drop=True), Fault(retry_after=2))
SETTINGS = {"LOG_LEVEL": "warning"}


@dataclass(frozen=True, kw_only=True)
class Came:
    """What it came to; `refused` and `early` count posts and changes, `last` is in seconds."""

    cards: Counter[str]
    ended: int
    paid: int
    calls: int
    refused: int
    early: int
    last: float


def run(short: bool) -> list[str]:
    """Five hundred cases on one database (`short`: a dozen)."""
    count = CASES_IN_SHORT if short else CASES
    with databases() as found:
        name = POSTGRESQL if POSTGRESQL in found and not short else SQLITE
        with found[name]() as url:
            return held(_figures(name, count, asyncio.run(_came(url, count))))


def _figures(name: str, count: int, came: Came) -> Iterator[Figure]:
    exactly = Bound.EXACTLY
    once = sum(number == 1 for number in came.cards.values())
    share = came.refused / came.calls * 100
    yield Figure(name=f"cases with one card on {name}", value=once, bound=exactly, limit=count)
    yield Figure(
        name="paid, and their cards say so", value=came.ended, bound=exactly, limit=came.paid
    )
    yield Figure(name="calls before the time that Slack named", value=came.early, bound=exactly)
    yield Figure(
        name="calls refused with 429",
        value=came.refused,
        remark=f"{share:.1f} % of {came.calls}; every {ONE_IN * len(TROUBLES)}th on purpose",
    )
    yield Figure(name="the last card stood after", value=came.last, unit="s")


async def _came(url: str, count: int) -> Came:
    async with counterparts(url) as here, aiohttp.ClientSession() as session:
        settings = {**here.settings, **SETTINGS}
        del settings["OPENAI_API_KEY"]  # the fixed letter does
        starting = bot(settings)
        process = await asyncio.to_thread(starting.__enter__)
        try:
            here.slack.limits.enforced = True
            _spoil(here, calls=count * 4)
            began = time.monotonic()
            paid = await _told(here, session, process.url, count)
            await _until_all_stand(here, count, paid)
            return _counted(here, paid, time.monotonic() - began)
        finally:
            await asyncio.to_thread(starting.__exit__, None, None, None)


def _spoil(here: Counterparts, calls: int) -> None:
    for method in ("chat.postMessage", "chat.update"):
        for number in range(calls // ONE_IN):
            here.slack.fault(method, Fault(), times=ONE_IN - 1)
            here.slack.fault(method, TROUBLES[number % len(TROUBLES)])


async def _told(
    here: Counterparts, session: aiohttp.ClientSession, url: str, count: int
) -> set[str]:
    """Let all fail, evenly over a minute, and then every second one be paid; their names."""
    world, endpoint = here.stripe.world, Endpoint(url="", secrets=[SECRET])
    invoices = {}
    for number in range(count):
        name = f"Customer {number}."
        customer = world.add_customer(name=name, email="anna@kurz.example")
        invoices[name] = world.fail_payment(world.subscribe(customer, "Team"))
        await _send(here, session, url, endpoint, "invoice.payment_failed")
        await asyncio.sleep(WITHIN / CASES)
    await asyncio.sleep(A_MOMENT)
    paid = set(list(invoices)[1::2])
    for name in paid:
        world.pay(invoices[name])
        await _send(here, session, url, endpoint, "invoice.paid")
    return paid


async def _send(
    here: Counterparts,
    session: aiohttp.ClientSession,
    url: str,
    endpoint: Endpoint,
    kind: str,
) -> None:
    for event in here.stripe.take():
        if event.type == kind:
            body = here.stripe.webhooks.body(event, endpoint)
            while await tell(session, url + STRIPE_WEBHOOK, body) != OK:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(GLANCE)  # Stripe sends again what was not taken


async def _until_all_stand(here: Counterparts, count: int, paid: set[str]) -> None:
    ends = time.monotonic() + count * A_CARD + PATIENCE
    while len(_standing(here)) < count or _ended(here, paid) < len(paid):
        if time.monotonic() > ends:
            return  # the figures say what is missing
        await asyncio.sleep(GLANCE)


def _counted(here: Counterparts, paid: set[str], last: float) -> Came:
    calls = [one for one in here.slack.state.calls if one.method.startswith("chat.")]
    return Came(
        cards=_standing(here),
        ended=_ended(here, paid),
        paid=len(paid),
        calls=len(calls),
        refused=sum(one.status == 429 for one in calls),  # noqa: PLR2004 - too many requests
        early=sum(one.early for one in calls),
        last=last,
    )


def _standing(here: Counterparts) -> Counter[str]:
    return Counter(_name(one) for one in _cards(here))


def _ended(here: Counterparts, paid: set[str]) -> int:
    return len({_name(one) for one in _cards(here) if "Paid, " in one.text} & paid)


def _cards(here: Counterparts) -> list[Message]:
    return [one for one in here.slack.state.messages if one.text.startswith("Customer ")]


def _name(card: Message) -> str:
    return " ".join(card.text.split()[:2])
