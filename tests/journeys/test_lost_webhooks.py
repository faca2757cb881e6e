"""What no webhook told is found by asking Stripe: late, never twice, never too late to write."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.stripe import TEST_KEY
from bot.sandbox.town import Houses
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, MINUTE, Story
from tests.journeys.test_first_day import got

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
RIGHTS = {
    *("rak_invoice_read", "rak_customer_read", "rak_subscription_read", "rak_product_read"),
    *("rak_payment_intent_read", "rak_charge_read"),
}


@pytest.fixture
async def story(build: Towns) -> AsyncIterator[Story]:
    async with build(polls=True) as found:
        await found.town.idle()
        yield found


@pytest.fixture
async def blind(build: Towns, standing: Houses) -> AsyncIterator[Story]:
    """A town whose key may not read events."""
    key = standing.stripe.restrict("rk_test_blind", RIGHTS)
    async with build(among=standing, polls=True, STRIPE_API_KEY=key) as found:
        await found.town.idle()
        yield found


def lost(story: Story, **fields: Any) -> Any:
    """A payment fails, and its webhooks never come."""
    invoice = story.world.fail_payment(story.subscribed(**fields))
    story.town.stripe.take()
    return invoice


async def passes(story: Story, span: timedelta, step: timedelta = 5 * MINUTE) -> None:
    for _ in range(span // step):
        await story.town.later(step)


async def test_a_failure_whose_webhook_is_lost_has_its_card_within_a_quarter_of_an_hour(
    story: Story,
) -> None:
    invoice = lost(story)
    await passes(story, QUARTER)
    (card,) = story.town.cards()
    assert story.asks(card)
    assert (await story.case(invoice)).state is State.IN_REVIEW
    await passes(story, QUARTER)
    assert len(story.town.cards()) == len(await story.cases(invoice)) == 1


@ONE_DATABASE
async def test_a_payment_whose_webhook_is_lost_ends_its_case_within_a_quarter_of_an_hour(
    story: Story,
) -> None:
    invoice = await story.failed()
    story.world.pay(invoice)
    story.town.stripe.take()
    await passes(story, QUARTER)
    assert (await story.case(invoice)).why is Why.RECOVERED
    assert "Paid, " in story.card()


async def test_an_event_that_comes_by_webhook_and_by_polling_is_one(story: Story) -> None:
    invoice = story.world.fail_payment(story.subscribed())
    events = story.town.stripe.take()
    story.town.clock.move(6 * MINUTE)
    for event in events:
        await story.town.stripe.deliver(event)
    await story.town.idle()
    for event in events:
        await story.town.stripe.deliver(event)
    await passes(story, QUARTER)
    assert len(story.town.cards()) == len(await story.cases(invoice)) == 1
    case = await story.case(invoice)
    journal = await story.town.memory.journal(case.id)
    told = [one.source for one in journal if one.event == "Hinted"]
    assert len(told) == len(set(told))


async def test_a_day_away_is_caught_up_with_once_each(build: Towns, standing: Houses) -> None:
    async with build(among=standing, polls=True) as story:
        await story.town.idle()
        paid = await story.failed(name="Ana Sol", email="ana@example.com")
    invoices = []
    for number in range(3):
        standing.clock.move(5 * HOUR)
        who = {"name": f"Mia Sol{chr(97 + number)}", "email": f"c{number}@example.com"}
        invoices.append(standing.stripe.world.fail_payment(story.subscribed(**who)))
    standing.stripe.world.pay(paid)
    standing.stripe.take()
    standing.clock.move(8 * HOUR)
    async with build(among=standing, polls=True) as story:
        await story.town.idle()
        await passes(story, QUARTER)
        assert len(story.town.cards()) == 4
        assert (await story.case(paid)).why is Why.RECOVERED
        for one in invoices:
            assert [case.state for case in await story.cases(one)] == [State.IN_REVIEW]


async def test_a_backlog_of_a_month_makes_one_line_and_no_card(story: Story) -> None:
    for number in range(3):
        lost(story, name=f"Mia Sol{chr(97 + number)}", email=f"c{number}@example.com")
    backlog = list(story.world.events)
    story.town.stripe.api.keys[TEST_KEY] = frozenset(RIGHTS)  # nothing is found by polling
    story.town.stripe.fault("500", times=10_000, path="/v1/invoices")
    story.town.clock.move(29 * DAY)
    story.town.stripe.heal()
    for event in backlog:
        await story.town.stripe.deliver(event)
    await story.town.idle()
    await passes(story, HOUR)
    (line,) = story.town.cards()
    assert "3 invoices whose payment had failed long before" in story.card(line)
    assert "/dunning history" in story.card(line)
    assert story.mailed() == []
    await passes(story, 2 * DAY, DAY)
    assert len(story.town.cards()) == 1


@ONE_DATABASE
async def test_what_failed_again_lately_has_its_card_however_old_its_first_failure(
    story: Story,
) -> None:
    invoice = story.world.fail_payment(story.subscribed())
    old = story.town.stripe.take()
    story.town.clock.move(8 * DAY)
    story.world.fail_payment(invoice)
    for event in [*old, *story.town.stripe.take()]:
        await story.town.stripe.deliver(event)
    await story.town.idle()
    assert len([one for one in story.town.cards() if story.asks(one)]) == 1
    assert (await story.case(invoice)).joined == (invoice["id"],)


@ONE_DATABASE
async def test_an_old_failure_does_not_join_a_case_that_is_open(story: Story) -> None:
    subscription = story.subscribed()
    story.world.fail_payment(subscription)
    old = story.town.stripe.take()
    story.town.clock.move(8 * DAY)
    young = story.world.fail_payment(subscription)
    await story.town.settle()
    for event in old:
        await story.town.stripe.deliver(event)
    await story.town.settle()
    assert (await story.case(young)).joined == (young["id"],)


@ONE_DATABASE
async def test_a_first_start_among_old_invoices_floods_nobody(
    build: Towns, standing: Houses
) -> None:
    world = standing.stripe.world
    for number in range(30):
        customer = world.add_customer(name=f"Mia {number}", email=f"c{number}@example.com")
        world.fail_payment(world.subscribe(customer))
        standing.clock.move(6 * HOUR)
    standing.stripe.take()
    async with build(among=standing, polls=True) as story:
        await story.town.idle()
        await passes(story, QUARTER)
        asking = [one for one in story.town.cards() if story.asks(one)]
        (line,) = [one for one in story.town.cards() if not story.asks(one)]
    assert len(asking) == 4  # those of the last 24 hours
    assert story.card(line).startswith("26 invoices")


@ONE_DATABASE
async def test_without_the_right_to_read_events_invoices_still_tell(blind: Story) -> None:
    invoice = lost(blind)
    other = await blind.failed(name="Ana Sol", email="ana@example.com")
    blind.world.pay(other)
    blind.town.stripe.take()
    await passes(blind, QUARTER)
    assert (await blind.case(invoice)).state is State.IN_REVIEW
    assert (await blind.case(other)).why is Why.RECOVERED
    page = (await got(blind.town.url))[1]
    assert "<code>STRIPE_API_KEY</code> may not read events" in page
    assert (await got(f"{blind.town.url}/readyz"))[0] == 200
    await passes(blind, QUARTER)
    assert len(await blind.cases(invoice)) == 1


@ONE_DATABASE
async def test_an_invoice_tried_again_later_is_as_young_as_its_last_try(blind: Story) -> None:
    fresh, stale = (lost(blind, name=name, email="a@example.com") for name in ("Ana", "Mia"))
    blind.town.stripe.fault("429", times=10_000)
    await passes(blind, 8 * DAY, DAY)
    blind.world.fail_payment(fresh)
    blind.town.stripe.take()
    blind.town.stripe.heal()
    await passes(blind, QUARTER)
    assert (await blind.case(fresh)).state is State.IN_REVIEW
    assert await blind.cases(stale) == []


@ONE_DATABASE
async def test_what_was_stopped_is_not_found_again(blind: Story) -> None:
    invoice = await blind.failed()
    await blind.choose(actions.STOP)
    await passes(blind, 2 * QUARTER)
    assert [one.why for one in await blind.cases(invoice)] == [Why.STOPPED]
    assert len(blind.town.cards()) == 1


@ONE_DATABASE
@pytest.mark.parametrize("kind", ["429", "garbage"])
async def test_an_outage_puts_polling_off_and_loses_nothing(story: Story, kind: str) -> None:
    story.town.stripe.fault(kind, times=10_000)
    invoice = lost(story)
    await passes(story, HOUR)
    story.town.stripe.heal()
    await passes(story, QUARTER)
    assert (await story.case(invoice)).state is State.IN_REVIEW


@ONE_DATABASE
async def test_a_clock_that_is_wrong_loses_webhooks_and_no_failure(story: Story) -> None:
    server = story.town.stripe.world
    server.clock = Behind(story)
    invoice = server.fail_payment(story.subscribed())
    for delivery in await story.town.stripe.tell():
        assert delivery.status == 401
    await passes(story, QUARTER)
    assert (await story.case(invoice)).state is State.IN_REVIEW


class Behind:
    """Stripe's clock, where ours is two hours ahead of it."""

    def __init__(self, story: Story) -> None:
        self._clock = story.town.clock

    def now(self) -> Any:
        return self._clock.now() - 2 * HOUR

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


DEAF = ("STRIPE_WEBHOOK_SECRET", "no_webhooks")


@ONE_DATABASE
async def test_that_no_webhook_comes_at_all_is_told_until_one_does(story: Story) -> None:
    for number in range(2):
        lost(story, name=f"Ana Sol{chr(97 + number)}", email=f"c{number}@example.com")
        await passes(story, QUARTER)
    assert DEAF in story.town.running.wrong()
    await story.failed(name="Bea Gil", email="bea@example.com")
    await passes(story, QUARTER)
    assert story.town.running.wrong() == ()


@ONE_DATABASE
async def test_webhooks_lost_while_nobody_listened_are_no_setting_s_fault(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing, polls=True) as before:
        for number in range(3):
            lost(before, name=f"Ana Sol{chr(97 + number)}", email=f"c{number}@example.com")
        before.town.clock.move(HOUR)
    async with build(among=standing, polls=True) as story:
        await passes(story, QUARTER)
        assert len(story.town.cards()) == 3
        assert story.town.running.wrong() == ()
