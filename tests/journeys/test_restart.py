"""A bot that dies at any moment comes back and goes on: nothing is lost, nothing is done twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.case.model import State
from bot.review import actions
from bot.sandbox.town import Houses
from tests.journeys.conftest import Towns
from tests.journeys.stories import DOUBT, UNDO, Story, until

LEASES = timedelta(seconds=61)  # longer than any claim lives without its owner


@asynccontextmanager
async def killed(build: Towns, standing: Houses, **settings: str) -> AsyncIterator[Story]:
    """A bot that dies at the end as by kill -9: it finishes, gives back and says nothing."""
    async with build(among=standing, **settings) as story:
        yield story
        dying = list(story.town.parts.worker._tasks)
        for task in dying:
            task.cancel()
        await asyncio.gather(*dying, return_exceptions=True)


async def test_between_the_webhook_and_the_card(build: Towns, standing: Houses) -> None:
    async with killed(build, standing) as story:
        standing.stripe.fault("slow", seconds=3600, times=50)
        invoice = story.world.fail_payment(story.subscribed())
        await standing.stripe.tell()
    standing.stripe.heal()
    async with build(among=standing) as story:
        await story.town.later(LEASES)
        assert len(story.town.cards()) == 1
        assert (await story.case(invoice)).state is State.IN_REVIEW


async def test_between_approval_and_sending(build: Towns, standing: Houses) -> None:
    async with build(among=standing) as story:
        await story.failed()
        await story.press(actions.APPROVE)
    standing.clock.move(timedelta(minutes=5))
    async with build(among=standing) as story:
        await story.town.idle()
        assert len(story.mailed()) == 1
        assert "Sent to " in story.card()
        assert len(story.town.cards()) == 1


async def test_a_card_pressed_before_the_restart_is_decided_after_it(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        await story.failed()
    async with build(among=standing) as story:
        await story.approve()
        assert len(story.mailed()) == 1


async def test_while_the_mail_server_has_the_letter(build: Towns, standing: Houses) -> None:
    async with killed(build, standing) as story:
        invoice = await story.failed()
        await story.press(actions.APPROVE)
        standing.mailbox.slow("END", 3600)
        standing.clock.move(UNDO)
        await until(lambda: bool(standing.mailbox.mails))
    async with build(among=standing) as story:
        await story.town.later(LEASES)
        assert story.buttons() == DOUBT
        assert len(story.mailed()) == 1
        await story.press(actions.ARRIVED)
        await story.town.later(timedelta(days=1))
        assert len(story.mailed()) == 1
        assert (await story.case(invoice)).sent == 1


async def test_after_a_post_that_nobody_wrote_down(build: Towns, standing: Houses) -> None:
    async with killed(build, standing) as story:
        story.world.fail_payment(story.subscribed())
        await standing.stripe.tell()
        await until(lambda: bool(standing.slack.calls("chat.postMessage")))
    async with build(among=standing) as story:
        await story.town.later(LEASES)
        assert len(story.town.cards()) == 1
        assert actions.APPROVE in story.buttons()


async def test_a_payment_while_the_bot_was_away_is_heard_when_it_is_back(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        invoice = await story.failed()
        await story.press(actions.APPROVE)
    standing.stripe.world.pay(invoice)
    async with build(among=standing) as story:
        await story.town.settle()  # Stripe tries again until somebody answers
        await story.town.later(UNDO)
        assert story.mailed() == []
        assert "Paid, " in story.card()
