"""Somebody edits while the case goes on: nothing is overwritten unread, and no word is lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.case.model import State
from bot.review import actions
from bot.sandbox.slack import Answer, Fault, User
from tests.databases import ONE_DATABASE
from tests.journeys.stories import UNDO, Story


async def test_who_edits_second_reads_the_newer_words_and_loses_none_of_their_own(
    story: Story,
) -> None:
    tom = story.people.tom
    invoice = await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    await story.opens(actions.EDIT, who=tom)
    await story.submits(who=tom, body="Tom’s words: [pay link]")
    revision = (await story.case(invoice)).revision
    await story.submits(subject="Mine", body="Maya’s words: [pay link]", then="approve")
    assert "@Tom Berger rewrote this letter while the window was open" in story.modal()
    assert "Tom’s words: [Stripe’s payment page]" in story.modal()
    assert story.typed("body") == "Maya’s words: [pay link]"
    assert story.typed("subject") == "Mine"
    assert story.typed("then") == "approve"
    assert (await story.case(invoice)).revision == revision
    await story.submits()
    assert "Maya’s words" in story.card()
    assert "Approved by @Maya Okafor" in story.card()


async def test_of_two_who_save_at_the_same_moment_one_is_asked_again(story: Story) -> None:
    maya, tom = story.people.maya, story.people.tom
    await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    await story.opens(actions.EDIT, who=tom)
    answers = await story.town.passing(
        asyncio.gather(*(submitting(story, one) for one in (maya, tom)))
    )
    await story.town.idle()
    assert {one.problem for one in answers} == {None}
    left = [one for one in (maya, tom) if story.town.modal(one) is not None]
    assert len(left) == 1
    assert f"{left[0].real_name}’s words: [pay link]" == story.typed("body", left[0])
    winner = maya if left == [tom] else tom
    assert f"{winner.real_name}’s words" in story.card()
    assert f"{winner.real_name}’s words" in story.modal(left[0])


async def submitting(story: Story, who: User) -> Answer:
    view = story.town.modal(who)
    assert view is not None
    words = {"body": f"{who.real_name}’s words: [pay link]"}
    return await story.town.slack.submit_view(who.id, view.id, words)


async def test_an_edit_is_refused_once_somebody_approved_meanwhile(story: Story) -> None:
    invoice = await story.failed()
    await story.opens(actions.EDIT)
    await story.press(actions.APPROVE, who=story.people.tom)
    await story.submits(body="Too late, Chloé: [pay link]")
    assert "Nothing was saved, because the letter is no longer in review." in story.modal()
    assert "Approved by @Tom Berger" in story.modal()
    assert "Too late, Chloé: [pay link]" in story.modal()
    assert (await story.case(invoice)).state is State.APPROVED
    await story.town.later(UNDO)
    assert "Too late" not in story.mailed()[0]


async def test_a_modal_older_than_the_payment_saves_nothing_and_says_that_it_was_paid(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.opens(actions.EDIT)
    story.world.pay(invoice)
    await story.town.settle()
    await story.submits(body="Please pay: [pay link]", then="approve")
    assert "Paid, " in story.modal()
    assert "Please pay: [pay link]" in story.modal()
    await story.town.later(UNDO)
    assert story.mailed() == []


async def test_a_new_amount_is_shown_before_ones_words_are_saved_over_it(story: Story) -> None:
    invoice = await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    story.world.pay_partly(invoice, 900)
    await story.town.settle()
    await story.submits(body="You owe [amount]: [pay link]", then="approve")
    assert "This letter changed while the window was open" in story.modal()
    assert "[amount] → €40.00" in story.modal()
    assert (await story.case(invoice)).state is State.IN_REVIEW
    await story.submits()
    assert "You owe €40.00" in story.card()


async def test_a_new_amount_in_ones_own_words_is_no_rewriting_by_oneself(story: Story) -> None:
    invoice = await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    await story.submits(body="You owe [amount]: [pay link]")
    await story.opens(actions.EDIT)
    story.world.pay_partly(invoice, 900)
    await story.town.settle()
    await story.submits(body="There is [amount] left: [pay link]")
    assert "This letter changed while the window was open" in story.modal()
    assert "rewrote this letter" not in story.modal()
    assert "€49.00 → €40.00" in story.modal()


async def test_who_was_removed_between_opening_and_saving_is_refused(story: Story) -> None:
    invoice = await story.failed()
    before = await story.case(invoice)
    await story.opens(actions.EDIT)
    story.town.review.members.remove(story.people.maya.id)
    await story.submits(body="Still me: [pay link]", then="approve")
    assert "Only members of the review channel decide here." in story.modal()
    assert "Bonjour Chloé" not in story.modal()
    assert await story.case(invoice) == before


@ONE_DATABASE
async def test_a_look_up_that_fails_costs_no_words(story: Story) -> None:
    await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    story.town.slack.fault("users.info", Fault(error="internal_error"))
    await story.submits(body="Patience: [pay link]")
    assert "Slack could not tell us whether you may decide" in story.errors()["then"]
    await story.submits(body="Patience: [pay link]")
    assert "Patience: [Stripe’s payment page]" in story.card()


async def test_a_modal_that_is_sent_twice_saves_once(story: Story) -> None:
    invoice = await story.failed()
    await story.opens(actions.EDIT)
    answer = await story.submits(body="Once: [pay link]", then="approve")
    case = await story.case(invoice)
    again = await story.town.slack.post_signed(answer.sent)
    await story.town.idle()
    assert (again.status, again.body) == (200, "")
    assert replace(await story.case(invoice), version=case.version) == case
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1


@ONE_DATABASE
async def test_a_guest_sees_no_word_of_the_letter(story: Story) -> None:
    await story.failed()
    story.town.review.members.append(story.people.guest.id)
    assert await story.opens(actions.EDIT, who=story.people.guest) == ""
    assert story.whispers(story.people.guest) == [
        "Guests can’t decide here. Your press changed nothing."
    ]
    assert story.town.slack.calls("views.open") == []


@ONE_DATABASE
async def test_an_old_cards_edit_button_opens_nothing(story: Story) -> None:
    await story.failed()
    card = story.newest()
    old = story.town.slack.pressing(story.people.maya.id, card.channel, card.ts, actions.EDIT)
    await story.edits(body="Newer: [pay link]", who=story.people.tom)
    await story.town.slack.send_payload(old)
    assert story.modal() == ""
    assert "This card has changed since you saw it" in story.whispers()[-1]


@ONE_DATABASE
async def test_who_has_a_window_open_when_it_is_asked_anew_is_told_that_the_letter_is_the_same(
    story: Story,
) -> None:
    await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    await story.town.later(timedelta(days=1))
    assert len(story.town.cards()) == 2
    await story.submits(body="Mine: [pay link]")
    assert "asked anew while the window was open" in story.modal()
    assert "The letter is the same" in story.modal()
    assert story.typed("body") == "Mine: [pay link]"
    await story.submits()
    assert "Mine: " in story.card()
