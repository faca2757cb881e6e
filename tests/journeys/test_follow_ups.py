"""The letters after the first: when they come up, in which words, and what ends them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.clock import MovableClock
from bot.sandbox.model_words import task_of
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, UNDO, Json, Story

HOUR = timedelta(hours=1)
DELAYS = (3 * DAY, 4 * DAY, 7 * DAY)  # from each notice to the next: days 3, 7 and 14


def last_task(story: Story) -> Json:
    """What the model was asked last."""
    return task_of(story.town.model.requests[-1]["messages"])


@ONE_DATABASE
async def test_three_follow_ups_each_written_anew_and_reviewed_and_then_the_end(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.approve()
    tones = [last_task(story)["tone"]]
    for number, delay in enumerate(DELAYS, start=2):
        await story.town.later(delay)
        task = last_task(story)
        tones.append(task["tone"])
        assert len(task["earlier"]) == number - 1
        assert len(story.mailed()) == number - 1  # nothing leaves before somebody says so
        assert story.asks()
        assert f"notice {number} of 4" in story.card()
        await story.approve()
    assert tones == ["informing", "gentle reminder", "helpful", "plain last word"]
    assert len({one.subject for one in story.town.mails()}) == len(set(story.mailed())) == 4
    assert "Nous ne vous écrirons plus à ce sujet" in story.mailed()[-1]
    assert "approved by @Maya Okafor. No more notices are due; this ends " in story.card()
    await story.town.later(13 * DAY)
    assert (await story.case(invoice)).why is Why.END
    await story.town.later(DAY)
    case = await story.case(invoice)
    assert (case.state, case.why, case.sent) == (State.CLOSED, Why.EXHAUSTED, 4)
    assert case.closed_at is not None
    assert case.joined_at is not None
    assert case.closed_at - case.joined_at < 28 * DAY + HOUR
    assert "The time for reminders is over and no payment came" in story.card()
    cards = len(story.town.cards())
    story.world.fail_payment(invoice)  # Stripe's next try of what is muted
    await story.town.settle()
    assert len(await story.cases(invoice)) == 1
    assert len(story.town.cards()) == cards


@ONE_DATABASE
async def test_a_rejected_notice_is_skipped_and_the_cadence_goes_on(story: Story) -> None:
    invoice = await story.failed()
    await story.approve()
    await story.town.later(DELAYS[0])
    await story.rejects("calls")
    await story.town.later(DELAYS[1])
    assert "notice 3 of 4" in story.card()
    assert len(last_task(story)["earlier"]) == 1  # what was rejected was never read
    await story.approve()
    assert (await story.case(invoice)).sent == len(story.mailed()) == 2


@ONE_DATABASE
async def test_a_notice_that_is_due_on_saturday_comes_up_on_monday_at_nine_there(
    story: Story,
) -> None:
    await story.town.later(DAY)  # Wednesday
    await story.failed()
    await story.approve()
    cards = len(story.town.cards())
    await story.town.later(4 * DAY)  # Sunday
    assert len(story.town.cards()) == cards
    await story.town.later(20 * HOUR)  # Monday, 09:00 in Paris
    assert len(story.town.cards()) == cards + 1


@ONE_DATABASE
async def test_an_invoice_that_joins_starts_the_cadence_anew_within_the_budget(
    build: Towns,
) -> None:
    async with build(SENDING_HOURS="always") as story:
        subscription = story.subscribed()
        first = story.world.fail_payment(subscription)
        await story.town.settle()
        await story.approve()
        await story.town.later(DAY)
        story.world.fail_payment(subscription)
        await story.town.settle()
        assert "2 invoices" in story.card()
        assert "of 4" not in story.card()
        await story.approve()
        assert len(story.mailed()) == 1
        assert "They were written to less than 48 hours ago" in story.card()
        await story.town.later(DAY)
        assert len(story.mailed()) == 2
        await story.town.later(2 * DAY + HOUR)
        assert "notice 2 of 4" in story.card()
        assert (await story.case(first)).sent == 1


async def in_review(story: Story) -> None:
    await story.approve()
    await story.town.later(DELAYS[0])


async def approved(story: Story) -> None:
    await in_review(story)
    await story.press(actions.APPROVE)


async def put_off(story: Story) -> None:
    await in_review(story)
    await story.rejects("early")


@ONE_DATABASE
@pytest.mark.parametrize("reach", [in_review, approved, put_off])
async def test_a_payment_ends_a_later_notice_in_every_phase(
    story: Story, reach: Callable[[Story], Awaitable[None]]
) -> None:
    invoice = await story.failed()
    await reach(story)
    sent = len(story.mailed())
    story.world.pay(invoice)
    await story.town.settle()
    await story.town.later(20 * DAY)
    assert len(story.mailed()) == sent
    assert (await story.case(invoice)).why is Why.RECOVERED
    assert all(actions.APPROVE not in story.buttons(one) for one in story.town.cards())


class TestAcrossTheChangeOfClocks:
    """New York puts its clocks forward on 14 March 2027, Paris on the 28th."""

    @pytest.fixture
    def clock(self) -> MovableClock:
        return MovableClock(datetime(2027, 3, 12, 23, 30, tzinfo=UTC))  # a Friday evening

    @ONE_DATABASE
    @pytest.mark.parametrize(
        ("customer", "monday"),
        [
            ({"country": "US", "metadata": {"time_zone": "America/New_York"}}, 13),  # was 14
            ({"country": "FR"}, 8),  # the country's only zone
            ({"country": "US"}, 9),  # it has several, so the company's: Lisbon, still in winter
        ],
        ids=["metadata", "country", "company"],
    )
    async def test_nine_is_nine_on_the_customers_wall(
        self, build: Towns, customer: dict[str, Any], monday: int
    ) -> None:
        async with build(TIMEZONE="Europe/Lisbon") as story:
            invoice = await story.failed(**customer)
            await story.press(actions.APPROVE)
            opens = datetime(2027, 3, 15, monday, tzinfo=UTC)
            await story.town.later(opens - story.town.clock.now() - timedelta(minutes=1))
            assert story.mailed() == []
            await story.town.later(timedelta(minutes=2))
            sent = (await story.case(invoice)).last_sent_at
            assert sent is not None
            assert opens <= sent < opens + timedelta(minutes=2)
            # Three days later it is nine there again, the clocks having changed in between or not.
            await story.town.later(3 * DAY + HOUR)
            assert story.asks()


@ONE_DATABASE
async def test_a_try_that_stripe_plans_only_later_makes_the_wait_possible(story: Story) -> None:
    invoice = await story.failed_without_a_plan()
    assert "Stripe plans no further try." in story.card()
    assert actions.WAIT not in story.buttons()
    card = story.newest()
    retry = story.plans(invoice, story.town.clock.now() + 2 * DAY)
    await story.town.settle()
    assert story.newest().ts == card.ts
    assert "Stripe tries again: " in story.card()
    await story.press(actions.WAIT)
    case = await story.case(invoice)
    assert (case.why, case.retry_waited) == (Why.SNOOZED, retry)


@ONE_DATABASE
@pytest.mark.parametrize("becomes", ["failed", "moved", "paid"])
async def test_the_wait_ends_when_the_try_failed_was_moved_or_succeeded(
    story: Story, becomes: str
) -> None:
    invoice = await story.failed()
    await story.press(actions.WAIT)
    cards = len(story.town.cards())
    if becomes == "failed":
        story.world.fail_payment(invoice, decline_code="insufficient_funds")
    elif becomes == "moved":
        story.plans(invoice, story.town.clock.now() + 9 * DAY)
    else:
        story.world.pay(invoice)
    await story.town.settle()
    assert story.asks() == (becomes != "paid")
    assert len(story.town.cards()) == cards + (becomes != "paid")
    await story.town.later(UNDO)
    assert story.mailed() == []
