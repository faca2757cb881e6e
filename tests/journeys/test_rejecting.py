"""A letter is not sent: what may happen instead, and what the card then says."""

from datetime import timedelta
from typing import Any

import pytest

from bot.case.letter import Author
from bot.case.model import State, Why
from bot.review import actions
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, UNDO, Json, Story

pytestmark = ONE_DATABASE


def notes(story: Story) -> list[str]:
    """What the model was asked, last first."""
    return [str(one) for one in reversed(story.town.model.requests)]


async def test_written_anew_takes_the_note_to_the_model(story: Story) -> None:
    invoice = await story.failed()
    before = await story.case(invoice)
    await story.rejects("anew", note="Please mention that a reply is enough")
    after = await story.case(invoice)
    assert (after.state, after.revision) == (State.IN_REVIEW, before.revision + 1)
    assert after.note == "Please mention that a reply is enough"
    assert "Please mention that a reply is enough" in notes(story)[0]
    assert after.letter is not None
    assert after.letter.by is Author.MODEL
    assert actions.APPROVE in story.buttons()
    assert len(story.town.cards()) == 1


async def test_three_new_letters_can_be_asked_for_and_a_fourth_is_not_offered(
    story: Story,
) -> None:
    await story.failed()
    for left in (3, 2, 1):
        shown = await story.opens(actions.REJECT)
        assert f"New letters that can still be asked for: {left}." in shown
        await story.submits(choice="anew")
    shown = await story.opens(actions.REJECT)
    assert "Write it anew" not in shown
    assert "Three new letters were written already" in shown
    await story.submits(choice="calls")
    assert "gets in touch with the customer" in story.card()


async def test_without_a_model_no_new_letter_is_offered_and_the_modal_says_why(
    build: Towns,
) -> None:
    async with build(OPENAI_API_KEY="") as story:
        await story.failed()
        shown = await story.opens(actions.REJECT)
        assert "Write it anew" not in shown
        assert "No language model is set up" in shown


async def test_too_early_waits_for_stripes_next_try(story: Story) -> None:
    invoice = await story.failed()
    retry = (await story.case(invoice)).facts.invoices[0].next_attempt  # type: ignore[union-attr]
    assert retry is not None
    assert "quiet until Stripe tries again" in await story.opens(actions.REJECT)
    await story.submits(choice="early", note="Their card was charged yesterday")
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.WAITING, Why.SNOOZED)
    assert case.not_before is not None
    assert case.not_before >= retry
    assert case.retry_waited == retry
    assert "Waiting for Stripe’s next try" in story.card()
    assert "Their note: “Their card was charged yesterday”" in story.card()
    await story.town.later(case.not_before - story.town.clock.now() + timedelta(minutes=1))
    assert actions.APPROVE in story.buttons()


async def test_too_early_waits_three_days_where_stripe_plans_no_try(story: Story) -> None:
    subscription = story.subscribed()
    invoice = story.world.fail_payment(
        subscription, retry_in=None, decline_code="insufficient_funds"
    )
    await story.town.settle()
    assert "Stripe plans no further try" in await story.opens(actions.REJECT)
    at = story.town.clock.now()
    await story.submits(choice="early")
    case = await story.case(invoice)
    assert case.not_before is not None
    assert 3 * DAY <= case.not_before - at < 3 * DAY + timedelta(minutes=1)


async def test_who_calls_is_named_with_their_note_and_the_cadence_goes_on(story: Story) -> None:
    invoice = await story.failed()
    await story.rejects("calls", note="spoke to Ana on Monday <!channel> *bold*")
    case = await story.case(invoice)
    assert (case.state, case.why, case.notice) == (State.WAITING, Why.NEXT_NOTICE, 2)
    assert "@Maya Okafor gets in touch with the customer" in story.card()
    assert "this letter was not sent" in story.card()
    assert "spoke to Ana on Monday" in story.card()
    assert "<!channel>" not in str(story.newest().blocks)
    assert "*bold*" not in str(story.newest().blocks)
    assert "Next notice: " in story.card()
    await story.town.later(3 * DAY)
    await story.approve()
    assert len(story.mailed()) == 1


async def test_never_ends_it_for_good(story: Story) -> None:
    invoice = await story.failed()
    await story.rejects("stopped", note="They are leaving")
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.CLOSED, Why.STOPPED)
    assert "Stopped by @Maya Okafor" in story.card()
    assert "They are leaving" in story.card()
    await story.town.later(30 * DAY)
    assert story.mailed() == []


async def test_something_has_to_be_chosen(story: Story) -> None:
    invoice = await story.failed()
    await story.opens(actions.REJECT)
    view = story.town.modal(story.people.maya)
    assert view is not None
    payload = submission(story, view, choice="shout")
    answer = await story.town.slack.send_payload(payload)
    assert "Please choose one." in answer.body
    assert (await story.case(invoice)).state is State.IN_REVIEW


def submission(story: Story, view: Any, *, choice: str) -> Json:
    """A modal that was sent with something that it did not offer."""
    from bot.sandbox import slack_payloads  # noqa: PLC0415

    payload = slack_payloads.submission(
        story.town.slack.state, view=view, given={"choice": "calls"}
    )
    element = payload["view"]["state"]["values"]["choice"]["choice"]
    element["selected_option"] = {"value": choice}
    return payload


@pytest.mark.parametrize("choice", ["anew", "early", "calls", "stopped"])
async def test_a_rejection_sent_twice_counts_once(story: Story, choice: str) -> None:
    invoice = await story.failed()
    await story.opens(actions.REJECT)
    answer = await story.submits(choice=choice, note="once")
    case = await story.case(invoice)
    again = await story.town.slack.post_signed(answer.sent)
    await story.town.idle()
    assert (again.status, again.body) == (200, "")
    assert await story.case(invoice) == case


@pytest.mark.parametrize("choice", ["anew", "early", "calls", "stopped"])
async def test_a_rejection_of_what_somebody_approved_meanwhile_changes_nothing(
    story: Story, choice: str
) -> None:
    invoice = await story.failed()
    await story.opens(actions.REJECT)
    await story.press(actions.APPROVE, who=story.people.tom)
    await story.submits(choice=choice, note="I thought otherwise")
    assert "Approved by @Tom Berger" in story.modal()
    assert "I thought otherwise" in story.modal()
    assert (await story.case(invoice)).state is State.APPROVED
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1


async def test_a_rejection_of_older_words_is_asked_again_about_the_newer_ones(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.opens(actions.REJECT)
    await story.edits(who=story.people.tom, body="Tom’s words: [pay link]")
    await story.submits(choice="calls", note="mine")
    assert "@Tom Berger rewrote this letter" in story.modal()
    assert "Tom’s words: " in story.modal()
    assert (story.typed("choice"), story.typed("note")) == ("calls", "mine")
    assert (await story.case(invoice)).state is State.IN_REVIEW
    await story.submits()
    assert "@Maya Okafor gets in touch" in story.card()


async def test_who_was_removed_meanwhile_rejects_nothing(story: Story) -> None:
    invoice = await story.failed()
    before = await story.case(invoice)
    await story.opens(actions.REJECT)
    story.town.review.members.remove(story.people.maya.id)
    await story.submits(choice="stopped")
    assert "Only members of the review channel decide here." in story.modal()
    assert await story.case(invoice) == before


async def test_the_modal_speaks_the_persons_language_and_the_card_the_channels(
    story: Story,
) -> None:
    story.people.maya.locale = "es-ES"
    await story.failed()
    assert "¿Qué hacemos en su lugar?" in await story.opens(actions.REJECT)
    await story.submits(choice="calls")
    assert "gets in touch with the customer" in story.card()
