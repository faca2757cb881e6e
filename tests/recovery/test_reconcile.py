"""One turn at a time, and never past what was not kept."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.billing import Billing
from bot.billing_lists import Page
from bot.billing_reading import Json
from bot.errors import BillingTrouble
from bot.recovery.reconcile import EVENTS, EVERY, Reconcile
from bot.sandbox.clock import MovableClock
from bot.sandbox.stripe import TEST_KEY, Stripe
from bot.store import cursors
from bot.store.db import Database
from bot.store.tables import inbox
from tests.case.life import NOON
from tests.databases import ONE_DATABASE


@dataclass
class Asked:
    """A process that asks, and what it said in the channel."""

    reconcile: Reconcile
    database: Database
    said: list[str] = field(default_factory=list)

    async def kept(self) -> dict[str, str]:
        async with self.database.read() as link:
            rows = await link.execute(select(inbox.c.event_id, inbox.c.state))
            return {row.event_id: row.state for row in rows}

    async def stands(self, name: str) -> datetime | None:
        async with self.database.read() as link:
            return (await cursors.stand(link)).get(name)

    async def turn(self) -> None:
        await self.reconcile.look()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture
async def stripe(clock: MovableClock) -> AsyncIterator[Stripe]:
    server = Stripe(clock)
    await server.start()
    yield server
    await server.stop()


@asynccontextmanager
async def asking(
    url: str, stripe: Stripe, clock: MovableClock, billing: Billing | None = None
) -> AsyncIterator[Asked]:
    database = Database(url)
    billing = billing or Billing(TEST_KEY, clock=clock, base=stripe.api_base, retries=0)
    said: list[str] = []

    async def say(text: str) -> None:
        said.append(text)

    made = Reconcile(database, billing, clock, livemode=False, say=say, locale="en")
    yield Asked(made, database, said)
    await billing.close()
    await database.close()


def fails(stripe: Stripe, times: int) -> None:
    for _ in range(times):
        stripe.world.fail_payment(stripe.world.subscribe(stripe.world.add_customer()))


def calls(stripe: Stripe, path: str = "/v1/events") -> int:
    return sum(one.path == path for one in stripe.calls)


async def test_of_many_who_ask_at_once_one_has_the_turn(
    migrated_url: str, stripe: Stripe, clock: MovableClock
) -> None:
    async with (
        asking(migrated_url, stripe, clock) as one,
        asking(migrated_url, stripe, clock) as two,
        asking(migrated_url, stripe, clock) as three,
    ):
        for turns in range(1, 4):
            await asyncio.gather(*(each.turn() for each in (one, two, three)))
            assert calls(stripe) == turns
            clock.move(EVERY)


@ONE_DATABASE
async def test_an_idle_day_costs_312_calls(
    migrated_url: str, stripe: Stripe, clock: MovableClock
) -> None:
    async with asking(migrated_url, stripe, clock) as one:
        for _ in range(2 * 12):  # a twelfth of a day
            await one.turn()
            clock.move(EVERY)
    assert calls(stripe) * 12 == 288
    assert calls(stripe, "/v1/invoices") * 12 == 24
    assert len(stripe.calls) * 12 == 312


class Breaks(Billing):
    """Stripe refuses the second page of its events while it is `busy`."""

    busy = True

    async def events(
        self, types: Sequence[str], since: datetime, after: str | None = None
    ) -> Page[Json]:
        if after is not None and self.busy:
            raise BillingTrouble("rate_limited")
        return await super().events(types, since, after)


async def test_the_cursor_stays_until_every_page_is_kept(
    migrated_url: str, stripe: Stripe, clock: MovableClock
) -> None:
    stripe_that_breaks = Breaks(TEST_KEY, clock=clock, base=stripe.api_base, retries=0)
    async with asking(migrated_url, stripe, clock, stripe_that_breaks) as one:
        fails(stripe, 60)
        await one.turn()
        assert len(await one.kept()) == 100
        assert await one.stands(EVENTS) is None
        stripe_that_breaks.busy = False
        clock.move(EVERY)
        await one.turn()
        assert len(await one.kept()) > 100
        assert await one.stands(EVENTS) == NOON


@ONE_DATABASE
async def test_an_event_that_cannot_be_read_holds_up_no_other(
    migrated_url: str, stripe: Stripe, clock: MovableClock
) -> None:
    fails(stripe, 2)
    strange, other = (one for one in stripe.world.events if one.type == "invoice.payment_failed")
    strange.object["object"] = "rabbit"
    async with asking(migrated_url, stripe, clock) as one:
        await one.turn()
        kept = await one.kept()
    assert other.id in kept
    assert strange.id not in kept


@ONE_DATABASE
async def test_a_clock_put_back_does_not_end_the_asking(
    migrated_url: str, stripe: Stripe, clock: MovableClock
) -> None:
    async with asking(migrated_url, stripe, clock) as one:
        await one.turn()
        clock.move(-timedelta(days=2))
        await one.turn()
    assert calls(stripe) == 2


@ONE_DATABASE
async def test_what_a_test_clock_dates_weeks_ahead_does_not_make_it_deaf(
    migrated_url: str, stripe: Stripe, clock: MovableClock
) -> None:
    async with asking(migrated_url, stripe, clock) as one:
        clock.move(timedelta(weeks=5))  # Stripe's for this customer, not ours
        fails(stripe, 1)
        clock.move(-timedelta(weeks=5))
        await one.turn()
        ahead = await one.kept()
        clock.move(EVERY)
        fails(stripe, 1)
        await one.turn()
        now = await one.kept()
    assert ahead
    assert len(now) == 2 * len(ahead)
