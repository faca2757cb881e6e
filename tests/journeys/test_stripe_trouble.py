"""Stripe on a bad day: asked again later, and never a letter sent blind."""

from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from tests.journeys.stories import UNDO, Story

MINUTE = timedelta(minutes=1)
ALL = 10_000


@pytest.mark.parametrize("kind", ["429", "garbage"])
async def test_a_card_comes_once_stripe_answers_again(story: Story, kind: str) -> None:
    invoice = story.world.fail_payment(story.subscribed())
    story.town.stripe.fault(kind, times=3)
    await story.town.settle()
    assert story.town.cards() == []
    for _ in range(4):
        await story.town.later(MINUTE)
    assert len(story.town.cards()) == 1
    assert (await story.case(invoice)).state is State.IN_REVIEW


@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_one_stumble_of_stripes_is_not_even_noticed(story: Story, kind: str) -> None:
    story.world.fail_payment(story.subscribed())
    story.town.stripe.fault(kind)
    await story.town.settle()
    assert len(story.town.cards()) == 1


@pytest.mark.parametrize("kind", ["429", "garbage"])
async def test_nothing_leaves_while_the_last_look_fails(story: Story, kind: str) -> None:
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    story.town.stripe.fault(kind, times=ALL)
    await story.town.later(UNDO)
    await story.town.later(MINUTE)
    assert story.mailed() == []
    story.town.stripe.heal()
    await story.town.later(20 * MINUTE)
    assert len(story.mailed()) == 1
    assert (await story.case(invoice)).sent == 1


async def test_a_payment_during_the_outage_is_found_by_the_last_look(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    story.town.stripe.fault("429", times=3)
    await story.town.later(UNDO)
    story.world.pay(invoice)
    story.town.stripe.take()  # the webhook is lost, too
    for _ in range(5):
        await story.town.later(MINUTE)
    assert story.mailed() == []
    assert (await story.case(invoice)).why is Why.RECOVERED
    assert "Paid, " in story.card()


async def test_a_reading_given_up_is_told_in_slack_and_tried_again_every_hour(
    story: Story,
) -> None:
    invoice = story.world.fail_payment(story.subscribed())
    story.town.stripe.fault("429", times=ALL, path="/v1/invoices")
    await story.town.stripe.tell()
    for _ in range(12):
        await story.town.later(5 * MINUTE)
    (told,) = story.town.cards()
    assert "Stripe could not be read" in story.card(told)
    assert story.buttons(told) == []
    story.town.stripe.heal()
    await story.town.later(timedelta(hours=2))
    assert actions.APPROVE in story.buttons()
    assert (await story.case(invoice)).state is State.IN_REVIEW


async def test_a_burst_of_customers_makes_a_card_each(story: Story) -> None:
    for number in range(10):
        who = {"name": f"Ana Sol{chr(97 + number)}", "email": f"c{number}@example.com"}
        story.world.fail_payment(story.subscribed(**who))
    await story.town.settle()
    heads = [story.card(one).split("\n")[0] for one in story.town.cards()]
    assert len(heads) == len(set(heads)) == 10
    reads = [one for one in story.town.stripe.calls if one.path.startswith("/v1/invoices/")]
    assert len(reads) <= 20
