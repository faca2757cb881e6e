"""Somebody rewrites a letter: what stops them, what does not, and what leaves in the end."""

import asyncio
from dataclasses import replace

import pytest

from bot.case.letter import Author
from bot.case.model import State
from bot.review import actions
from bot.sandbox.slack import Answer, Fault, User
from tests.journeys.conftest import ONE_DATABASE, Towns
from tests.journeys.stories import UNDO, Story

BODY = (
    "Le paiement de [montant] n’est pas passé. Vous pouvez réessayer ici : [lien de paiement]\n"
    "Un mot à Inès suffit pour toute question."
)


@pytest.fixture
def french(story: Story) -> Story:
    """Maya reads Slack in French."""
    story.people.maya.locale = "fr-FR"
    return story


async def test_a_french_reviewers_words_leave_with_their_facts(french: Story) -> None:
    invoice = await french.failed(currency="eur")
    shown = await french.opens(actions.EDIT)
    assert "Modifier le message" in french.town.modal(french.people.maya).content["title"]["text"]
    assert "Écrit pour vous au-dessus de vos mots : Bonjour Chloé," in shown
    assert "[montant] → 49,00 €" in shown
    assert "[lien de paiement] → [page de paiement Stripe]" in shown
    await french.submits(subject="Votre paiement à [entreprise]", body=BODY)
    assert french.modal() == ""
    assert "@Maya Okafor edited these words." in french.card()
    assert "Le paiement de 49,00 € n’est pas passé." in french.card()
    assert french.mailed() == []
    await french.approve()
    (mail,) = french.town.mails()
    assert mail.subject == "Votre paiement à Northwind"
    (text,) = french.mailed()
    assert text.startswith("Bonjour Chloé,\n\nLe paiement de 49,00 € n’est pas passé. ")
    assert f"réessayer ici : {mail.link()}\n" in text
    assert "Un mot à Inès suffit pour toute question." in text
    case = await french.case(invoice)
    assert case.earlier[-1].by is Author.PERSON
    entries = await french.town.memory.journal(case.id)
    (edit,) = [one for one in entries if one.event == "Edited"]
    assert edit.who.endswith(french.people.maya.id)


async def test_approve_and_send_needs_no_second_press(story: Story) -> None:
    await story.failed(currency="eur")
    await story.edits(body="Please pay [amount] here: [pay link]", then="approve")
    assert "Approved by @Maya Okafor" in story.card()
    assert "Please pay 49,00 € here" in story.card()
    await story.town.later(UNDO)
    assert "Please pay 49,00 € here" in story.mailed()[0]


@ONE_DATABASE
async def test_keep_as_a_draft_is_chosen_unless_somebody_says_otherwise(story: Story) -> None:
    await story.failed()
    await story.opens(actions.EDIT)
    assert story.typed("then") == "keep"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        (
            {"body": "Just reply with your card number. [pay link]"},
            "body",
            "asks for card data, and we never ask for that in a mail.",
        ),
        (
            {"body": "Your card was reported as stolen: [pay link]"},
            "body",
            "tells what the bank said in confidence.",
        ),
        ({"body": "Please pay."}, "body", "The link to pay is missing: write [pay link]"),
        ({"body": "Hello [nickname]: [pay link]"}, "body", "“[nickname]” is nothing that can be"),
        ({"body": "{amount} is due: [pay link]"}, "body", "“{” is nothing that can be filled in"),
        ({"body": "[[amount]]: [pay link]"}, "body", "“[” is nothing that can be filled in here."),
        ({"subject": "[amount] is due"}, "subject", "In a subject, this can: [company]."),
        ({"subject": "\u200b\u202e"}, "subject", "Please write a subject."),
        ({"body": "[pay link] " + "[card]" * 400}, "body", "This is too long"),
    ],
)
async def test_what_must_never_leave_is_said_on_its_field_and_nothing_is_lost(
    story: Story, fields: dict[str, str], field: str, sentence: str
) -> None:
    invoice = await story.failed(locales=["en"], currency="eur")
    before = await story.case(invoice)
    await story.opens(actions.EDIT)
    await story.submits(**fields)
    assert set(story.errors()) == {field}
    assert sentence in story.errors()[field]
    assert story.modal() != ""
    assert await story.case(invoice) == before
    await story.submits(subject="A payment", body="It is open: [pay link]")
    assert "It is open: [Stripe’s payment page]" in story.card()


@ONE_DATABASE
async def test_a_person_may_urge_and_write_figures_where_a_model_may_not(story: Story) -> None:
    await story.failed(locales=["en"], currency="eur")
    await story.edits(body="PLEASE pay the 49 euros by Friday!\n[pay link]\nBest, Maya!")
    assert "PLEASE pay the 49 euros by Friday!" in story.card()


@ONE_DATABASE
async def test_tokens_of_every_language_are_understood(story: Story) -> None:
    await story.failed(locales=["en"], currency="eur")
    await story.edits(body="[Montant] / [IMPORTE] / [amount]: [pay  link]")
    assert "€49.00 / €49.00 / €49.00: [Stripe’s payment page]" in story.card()


async def test_a_foreign_link_goes_through_once_exactly_that_one_is_meant(story: Story) -> None:
    await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    await story.submits(body="See help.example.org or pay: [pay link]", then="approve")
    assert "Your words lead somewhere that isn’t ours: help.example.org" in story.modal()
    assert story.typed("body") == "See help.example.org or pay: [pay link]"
    assert story.typed("then") == "approve"
    (box,) = boxes(story)
    await story.submits()
    assert story.errors() == {
        box: "Tick the box if you mean this link, or take it out of your words."
    }
    await story.submits(**{box: "yes", "body": "See evil.example.net or pay: [pay link]"})
    assert "isn’t ours: evil.example.net" in story.modal()
    (other,) = boxes(story)
    assert other != box
    await story.submits(**{other: "yes"})
    assert story.modal() == ""
    await story.town.later(UNDO)
    assert "See evil.example.net or pay: " in story.mailed()[0]


def boxes(story: Story) -> list[str]:
    view = story.town.modal(story.people.maya)
    assert view is not None
    names = [str(one["block_id"]) for one in view.content["blocks"]]
    return [one for one in names if one.startswith("link-")]


async def test_saving_what_was_not_changed_makes_no_new_revision(story: Story) -> None:
    invoice = await story.failed()
    before = await story.case(invoice)
    await story.edits()
    assert await story.case(invoice) == before
    await story.edits(then="approve")
    after = await story.case(invoice)
    assert (after.state, after.revision) == (State.APPROVED, before.revision)
    assert after.letter == before.letter
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1


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
async def test_a_letter_about_several_invoices_has_no_token_for_one_of_them(build: Towns) -> None:
    async with build(VIP_AMOUNT="5000 EUR") as story:
        first = await story.failed(locales=["en"], currency="eur")
        subscription = story.world.subscribe(
            story.world.find(first["customer"]), "Extra", amount=1500, currency="eur"
        )
        story.world.fail_payment(subscription, decline_code="insufficient_funds")
        await story.town.settle()
        shown = await story.opens(actions.EDIT)
        assert "[amount] → " in shown
        assert "[plan] → " not in shown
        await story.submits(body="About [plan]: [pay link]")
        assert "“[plan]” is nothing that can be filled in here" in story.errors()["body"]
