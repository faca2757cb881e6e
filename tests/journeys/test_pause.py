"""Somebody says that nothing may leave for a while, and everybody sees it."""

from datetime import timedelta

from bot.case.ids import POLICY, Actor
from bot.case.model import State
from bot.ledger import Held
from bot.review import actions
from bot.sandbox.slack import render_text
from bot.sandbox.town import Houses
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import UNDO, Story, readable

SOON = timedelta(seconds=3)  # until the channel has heard


def told(story: Story) -> list[str]:
    """What stands in the review channel about pauses, oldest first."""
    said = [readable(render_text(one, story.names)) for one in story.town.cards()]
    return [one for one in said if "paus" in one.lower()]


async def paused(story: Story, what: Held, *, hours: int | None, reason: str) -> None:
    until = None if hours is None else story.town.clock.now() + timedelta(hours=hours)
    maya = Actor(f"slack:T1:{story.people.maya.id}")
    await story.town.parts.ledger.pause(what, until, reason, maya)
    await story.town.later(SOON)


async def test_an_approved_letter_waits_for_the_end_of_a_pause_and_leaves_once(
    story: Story,
) -> None:
    await paused(story, Held.SENDING, hours=2, reason="wrong prices on the *page* <!channel>")
    invoice = await story.failed()
    card = next(one for one in story.town.cards() if one.blocks[-1]["type"] != "section")
    await story.press(actions.APPROVE, on=card)
    await story.town.later(UNDO)
    await story.town.later(timedelta(hours=1))
    assert (await story.case(invoice)).state is State.APPROVED
    assert "Sending is paused: it leaves after the pause" in story.card(card)
    assert story.mailed() == []
    await story.town.later(timedelta(hours=1))
    await story.town.later(SOON)
    assert len(story.mailed()) == 1
    began, ended = told(story)
    assert began.startswith("Sending is paused until ")
    assert "by @Maya Okafor" in began
    assert "wrong prices on the ∗page∗ <!channel>" in began
    assert "is over, as it was meant to be" in ended
    await story.town.later(timedelta(hours=1))
    assert (len(told(story)), len(story.mailed())) == (2, 1)


async def test_cards_of_letters_that_were_approved_before_tell_of_a_pause_and_of_its_end(
    story: Story,
) -> None:
    await story.failed()
    card = story.newest()
    await story.press(actions.APPROVE)
    assert "Sends at" in story.card(card)
    await paused(story, Held.SENDING, hours=None, reason="prices")
    assert "Sends at" not in story.card(card)
    assert "Sending is paused: it leaves after the pause" in story.card(card)
    assert actions.UNDO in story.buttons(card)
    assert await story.town.parts.ledger.resume(Actor("slack:T1:U1"))
    await story.town.later(SOON)
    assert "Sends at" in story.card(card)


@ONE_DATABASE
async def test_a_pause_survives_a_restart_and_holds_drafts_until_somebody_resumes(
    build: Towns, standing: Houses
) -> None:
    async with build(LOCALE="fr", among=standing) as story:
        await paused(story, Held.ALL, hours=None, reason="")
        [began] = told(story)
        assert "jusqu’à ce que quelqu’un y mette fin" in began
        assert "aucune raison donnée" in began
    async with build(LOCALE="fr", among=standing) as story:
        invoice = await story.failed()
        await story.town.later(timedelta(hours=1))
        assert (await story.case(invoice)).state is State.DRAFTING
        tom = Actor(f"slack:T1:{story.people.tom.id}")
        assert await story.town.parts.ledger.resume(tom)
        await story.town.later(SOON)
        assert (await story.case(invoice)).state is State.IN_REVIEW
        assert "@Tom Berger a mis fin à la pause commencée par @Maya Okafor" in told(story)[-1]


@ONE_DATABASE
async def test_letters_that_go_out_by_policy_are_held_alike(build: Towns) -> None:
    async with build(AUTO_SEND="first-notice") as story:
        await paused(story, Held.SENDING, hours=1, reason="moving")
        invoice = await story.failed()
        await story.town.later(UNDO)
        case = await story.case(invoice)
        assert (case.state, case.approved_by) == (State.APPROVED, POLICY)
        assert story.mailed() == []
        await story.town.later(timedelta(hours=1))
        assert len(story.mailed()) == 1
