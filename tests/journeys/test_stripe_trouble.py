"""Stripe on a bad day: asked again later, and never a letter sent blind."""

from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from tests.databases import ONE_DATABASE
from tests.journeys.stories import UNDO, Story
from tests.journeys.test_first_day import got

MINUTE = timedelta(minutes=1)
ALL = 10_000


@ONE_DATABASE
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


@ONE_DATABASE
@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_one_stumble_of_stripes_is_not_even_noticed(story: Story, kind: str) -> None:
    story.world.fail_payment(story.subscribed())
    story.town.stripe.fault(kind)
    await story.town.settle()
    assert len(story.town.cards()) == 1


@ONE_DATABASE
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


KINDS = ["429", "500", "drop", "garbage"]


@ONE_DATABASE
@pytest.mark.parametrize("kind", KINDS)
async def test_an_hour_without_stripe_at_the_last_look_sends_nothing_and_is_told_once(
    story: Story, kind: str
) -> None:
    await story.failed()
    card = story.newest()
    await story.press(actions.APPROVE)
    story.town.stripe.fault(kind, times=ALL)
    await story.town.later(UNDO)
    for _ in range(10):
        await story.town.later(6 * MINUTE)
    assert story.mailed() == []
    (told,) = [one for one in story.town.cards() if one.ts != card.ts]
    assert "Stripe could not be read" in story.card(told)
    story.town.stripe.heal()
    await story.town.later(6 * MINUTE)
    assert len(story.mailed()) == 1
    assert "Sent to " in story.card(card)


@ONE_DATABASE
async def test_an_invoice_paid_while_stripe_could_not_be_asked_is_never_written_about(
    story: Story,
) -> None:
    invoice = await story.failed()
    card = story.newest()
    await story.press(actions.APPROVE)
    story.town.stripe.fault("500", times=ALL)
    await story.town.later(UNDO)
    story.world.pay(invoice)
    story.town.stripe.take()  # the webhook is lost, too
    for _ in range(10):
        await story.town.later(6 * MINUTE)
    story.town.stripe.heal()
    await story.town.later(6 * MINUTE)
    assert story.mailed() == []
    assert "Paid, " in story.card(card)


@ONE_DATABASE
async def test_an_approval_that_ran_out_during_the_outage_is_asked_for_again(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    story.town.stripe.fault("429", times=ALL)
    for _ in range(26):
        await story.town.later(timedelta(hours=1))
    assert story.mailed() == []
    assert (await story.case(invoice)).state is State.IN_REVIEW
    story.town.stripe.heal()
    await story.town.later(timedelta(hours=1))
    assert story.mailed() == []


@ONE_DATABASE
async def test_a_wrong_key_is_told_once_for_all_customers_and_where_one_looks(
    story: Story,
) -> None:
    keys = dict(story.town.stripe.api.keys)
    story.town.stripe.api.keys.clear()
    for number in range(4):
        who = {"name": f"Ana Sol{chr(97 + number)}", "email": f"c{number}@example.com"}
        story.world.fail_payment(story.subscribed(**who))
        await story.town.settle()
    for _ in range(5):
        await story.town.later(timedelta(hours=1))
    (told,) = story.town.cards()
    assert "Stripe could not be read" in story.card(told)
    assert (await got(f"{story.town.url}/readyz"))[0] == 503
    assert "<code>STRIPE_API_KEY</code> is not a key" in (await got(story.town.url))[1]
    story.town.stripe.api.keys.update(keys)
    await story.town.later(timedelta(hours=2))
    assert len(story.town.cards()) == 5
    assert (await got(f"{story.town.url}/readyz"))[0] == 200
