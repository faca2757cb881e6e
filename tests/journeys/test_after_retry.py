"""FIRST_NOTICE=after-retry: one line while Stripe tries again by itself, and a card after that."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, Story

EXPIRED = {"decline_code": "expired_card"}
TOMORROW = timedelta(hours=20)


@pytest.fixture
async def story(build: Towns) -> AsyncIterator[Story]:
    """A town that lets Stripe try first."""
    async with build(FIRST_NOTICE="after-retry") as found:
        yield found


async def test_a_soft_decline_gives_one_line_and_a_card_when_stripes_try_failed(
    story: Story,
) -> None:
    invoice = await story.failed_with_a_plan(TOMORROW)
    line = story.newest()
    assert "Chloé Martin · $49.00 · attempt 1" in story.card()
    assert "There was not enough money on the card." in story.card()
    assert "Stripe tries again: " in story.card()
    assert story.buttons() == [actions.WRITE_NOW]
    assert len([one for one in line.blocks if one["type"] == "section"]) == 1
    assert story.town.model.requests == []
    await story.town.later(TOMORROW)
    story.world.fail_payment(invoice, decline_code="insufficient_funds")
    await story.town.settle()
    assert len(story.town.cards()) == 2  # a change of the line would tell nobody
    assert story.asks()
    assert story.buttons(line) == []
    assert "a newer message about this customer" in story.card(line)
    await story.approve()
    assert len(story.mailed()) == 1


async def test_stripes_try_succeeds_and_the_line_says_so(story: Story) -> None:
    invoice = await story.failed_with_a_plan(TOMORROW)
    await story.town.later(TOMORROW)
    story.world.pay(invoice)
    await story.town.settle()
    assert len(story.town.cards()) == 1
    assert "Paid, " in story.card()
    assert story.buttons() == []
    assert story.town.model.requests == []


@ONE_DATABASE
async def test_write_now_makes_the_line_a_card(story: Story) -> None:
    await story.failed_with_a_plan(TOMORROW)
    await story.press(actions.WRITE_NOW)
    assert len(story.town.cards()) == 1
    assert story.asks()
    await story.approve()
    assert len(story.mailed()) == 1


@ONE_DATABASE
async def test_a_try_that_is_far_away_is_waited_for_three_days(story: Story) -> None:
    invoice = await story.failed_with_a_plan(9 * DAY)
    await story.town.later(3 * DAY - timedelta(minutes=5))
    assert (await story.case(invoice)).why is Why.FIRST_RETRY
    await story.town.later(timedelta(minutes=10))
    assert story.asks()
    assert len(story.town.cards()) == 2


@ONE_DATABASE
async def test_what_needs_the_customer_or_is_not_tried_again_is_a_card_at_once(
    story: Story,
) -> None:
    await story.failed(why=EXPIRED)
    assert story.asks()
    await story.failed_without_a_plan(name="Jean Petit", email="jean@example.fr")
    assert story.asks()
    assert len(story.town.cards()) == 2


@ONE_DATABASE
async def test_a_plan_that_disappears_ends_the_wait(story: Story) -> None:
    invoice = await story.failed_with_a_plan(TOMORROW)
    story.plans(invoice, None)
    await story.town.settle()
    assert (await story.case(invoice)).state is State.IN_REVIEW


@ONE_DATABASE
async def test_stop_is_in_the_lines_menu(story: Story) -> None:
    invoice = await story.failed_with_a_plan(TOMORROW)
    await story.choose(actions.STOP)
    assert (await story.case(invoice)).why is Why.STOPPED
