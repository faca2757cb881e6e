"""Secrets are changed while money fails: what is signed with either is taken, and nothing lost."""

from dataclasses import replace
from typing import Any

from bot.case.model import State
from bot.review import actions
from bot.sandbox.town import WEBHOOK_SECRET, Houses
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import MINUTE, Story

pytestmark = ONE_DATABASE

NEW = "whsec_new_0123456789abcdef"
BOTH = f"{NEW},{WEBHOOK_SECRET}"


async def fails(story: Story, name: str, *secrets: str) -> list[int]:
    """A payment fails and Stripe signs with these secrets; what each try was answered."""
    endpoints = story.town.stripe.webhooks.endpoints
    endpoints[:] = [replace(one, secrets=secrets) for one in endpoints]
    story.world.fail_payment(story.subscribed(name=name))
    return [one.status for one in await story.town.stripe.tell(tries=1)]


async def test_an_endpoints_secret_is_rolled_and_no_webhook_is_refused(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        assert set(await fails(story, "Ada", WEBHOOK_SECRET)) == {200}
    async with build(among=standing, STRIPE_WEBHOOK_SECRET=BOTH) as story:
        assert set(await fails(story, "Bea", WEBHOOK_SECRET)) == {200}
        assert set(await fails(story, "Cleo", NEW, WEBHOOK_SECRET)) == {200}  # Stripe's overlap
        assert set(await fails(story, "Dora", NEW)) == {200}
    async with build(among=standing, STRIPE_WEBHOOK_SECRET=NEW) as story:
        assert set(await fails(story, "Eve", NEW)) == {200}
        assert set(await fails(story, "Fay", WEBHOOK_SECRET)) == {401}
        await story.town.settle()
        assert len(story.town.cards()) == 5


async def test_a_failure_in_the_moment_of_the_restart_is_told_again_or_found(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing, polls=True) as story:
        await story.town.idle()
        subscription = story.subscribed()
    invoice: Any = standing.stripe.world.fail_payment(subscription)
    assert not any(one.accepted for one in await standing.stripe.tell(tries=1))
    async with build(among=standing, polls=True, STRIPE_WEBHOOK_SECRET=NEW) as story:
        await story.town.later(10 * MINUTE)
        await story.town.later(MINUTE)
        assert (await story.case(invoice)).state is State.IN_REVIEW


async def test_slacks_signing_secret_is_changed_and_every_press_is_taken(
    build: Towns, standing: Houses
) -> None:
    old, new = standing.slack.signing_secret, "new-signing-secret"
    async with build(among=standing, SLACK_SIGNING_SECRET=f"{new},{old}") as story:
        await story.failed()
        await story.press(actions.APPROVE)
        standing.slack.signing_secret = new  # regenerated in the app's settings
        await story.press(actions.UNDO)
        assert story.asks()
    async with build(among=standing, SLACK_SIGNING_SECRET=new) as story:
        await story.press(actions.APPROVE)
        assert not story.asks()
        standing.slack.signing_secret = old
        person, card = story.people.maya, story.newest()
        refused = await standing.slack.press(person.id, card.channel, card.ts, actions.UNDO)
        assert refused.status == 401
