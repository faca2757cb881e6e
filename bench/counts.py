"""What one case costs in calls and transactions, counted at the counterparts and at the database.

The first case of a process is counted: nothing has been looked up before, so no later one costs
more.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.case.news import FOLDS
from bot.recovery.reconcile import EVERY
from bot.sandbox.clock import MovableClock, weekday_noon
from bot.sandbox.town import Town, town

LONE = frozenset({"invoice.payment_failed"})
USUAL = LONE | {"invoice.updated", "customer.subscription.updated"}
UNDO = timedelta(seconds=30)
START = weekday_noon(datetime(2026, 11, 23, tzinfo=UTC))

Counts = Counter[str]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A case in its phases; in each, calls by name, and `writes`: writing transactions.

    `changes` are the states that the card had to show after it was posted.
    """

    to_card: Counts
    rest_of_news: Counts
    to_approved: Counts
    to_sent: Counts
    changes: tuple[str, ...]

    def all(self, name: str) -> int:
        """How many of that name from the event until the letter was sent."""
        phases = (self.to_card, self.rest_of_news, self.to_approved, self.to_sent)
        return sum(phase[name] for phase in phases)

    def lookups(self) -> dict[str, int]:
        """What Slack was asked, beside cards: who may decide, and which channel is ours."""
        names = [one for phase in (self.to_card, self.to_approved, self.to_sent) for one in phase]
        asked = {name for name in names if name.startswith("slack ") and "chat." not in name}
        return {name.removeprefix("slack "): self.all(name) for name in sorted(asked)}


@dataclass(frozen=True, kw_only=True)
class Idle:
    """What a day costs on which nothing happens."""

    calls: int
    events: int
    invoices: int
    writes: int


async def idle(database_url: str) -> Idle:
    """A day on which Stripe has nothing to tell, lived in steps of five minutes."""
    clock = MovableClock(START)
    async with town(database_url, clock, polls=True) as here:
        await here.idle()
        here.stripe.calls.clear()
        writes = here.parts.database.commits
        for _ in range(timedelta(days=1) // EVERY):
            await here.later(EVERY)
        asked = Counter(call.path for call in here.stripe.calls)
        return Idle(
            calls=asked.total(),
            events=asked["/v1/events"],
            invoices=asked["/v1/invoices"],
            writes=here.parts.database.commits - writes,
        )


async def cost(database_url: str, events: frozenset[str]) -> Cost:
    """One failure, told in these events, from webhook to sent; raises when it was not sent."""
    clock = MovableClock(START)
    async with town(database_url, clock, {"UNDO_SECONDS": str(int(UNDO.total_seconds()))}) as here:
        customer = here.stripe.world.add_customer(name="Anna Kurz", email="anna@kurz.example")
        subscription = here.stripe.world.subscribe(customer, "Team")
        here.stripe.world.past_paid(subscription, count=3)
        here.stripe.take()
        here.stripe.world.fail_payment(subscription)
        told = [event for event in here.stripe.take() if event.type in events]
        await here.idle()  # what a start and its first round of errands cost is not the case's
        marks = [_counted(here)]
        # As Stripe does it: what one moment brought comes at one moment.
        await asyncio.gather(*(here.stripe.deliver(event) for event in told))
        await here.parts.worker.idle()
        marks.append(_counted(here))
        await here.later(2 * FOLDS)
        marks.append(_counted(here))
        await here.press(here.people.maya, here.cards()[0], "approve")
        marks.append(_counted(here))
        await here.later(UNDO)
        marks.append(_counted(here))
        if len(here.mails()) != 1 or len(told) != len(events):
            raise RuntimeError("the case was not played as it should be")
        return _cost(marks, await _changes(here, customer["id"]))


async def _changes(here: Town, customer: str) -> tuple[str, ...]:
    """What the journal says the card had to show anew: the approval, and how the mail ended."""
    case = await here.open_case(customer)
    if case is None:
        raise RuntimeError("the case was lost")
    entries = await here.memory.journal(case.id)
    decided = next(n for n, one in enumerate(entries) if one.event == "Posted")
    asking = [one for one in entries[decided:] if any("show/" in key for key in one.effects)]
    return tuple(one.event for one in asking)


def _cost(marks: list[Counts], changes: tuple[str, ...]) -> Cost:
    to_card, rest, approved, sent = (after - before for before, after in pairwise(marks))
    return Cost(
        to_card=to_card, rest_of_news=rest, to_approved=approved, to_sent=sent, changes=changes
    )


def _counted(here: Town) -> Counts:
    found: Counts = Counter(f"slack {call.method}" for call in here.slack.state.calls)
    found["stripe"] = len(here.stripe.calls)
    found["model"] = len(here.model.requests)
    found["writes"] = here.parts.database.commits
    return found
