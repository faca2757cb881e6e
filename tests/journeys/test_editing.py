"""Somebody rewrites a letter: what stops them, what does not, and what leaves in the end."""

import json

import pytest

from bot.case.letter import Author
from bot.case.model import State
from bot.review import actions
from bot.sandbox import slack_payloads
from bot.sandbox.stripe_objects import Card
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
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
@pytest.mark.parametrize(
    "words",
    [
        "Please reply with your card number.",
        "Your card was reported as stolen.",
        "Responda con el número de su tarjeta.",
    ],
)
async def test_what_must_never_leave_is_stopped_in_whatever_language_it_is_written(
    french: Story, words: str
) -> None:
    await french.failed(currency="eur")
    await french.opens(actions.EDIT)
    await french.submits(body=f"{words} [lien de paiement]")
    assert set(french.errors()) == {"body"}


@ONE_DATABASE
@pytest.mark.parametrize(
    "body",
    [
        "x[pay link]y",
        "[pay link][amount]",
        "[pay link].evil",
        "[pay link]/../elsewhere",
        "Here:[pay link]?x=1",
    ],
)
async def test_whatever_touches_the_link_does_not_become_part_of_it(
    story: Story, body: str
) -> None:
    await story.failed(locales=["en"], currency="eur")
    await story.opens(actions.EDIT)
    await story.submits(body=body, then="approve")
    if story.modal():
        await story.submits(**dict.fromkeys(boxes(story), "yes"))
    await story.town.later(UNDO)
    (mail,) = story.town.mails()
    assert mail.link() in mail.text_part().split()


@ONE_DATABASE
@pytest.mark.parametrize(
    ("body", "link"),
    [
        ("[company].com/pay: [pay link]", "[company].com/pay"),
        ("evil。com: [pay link]", "evil。com"),
        ("192.0.2.7/pay or [pay link]", "192.0.2.7/pay"),
    ],
)
async def test_what_a_mail_reader_takes_for_a_link_is_one(
    story: Story, body: str, link: str
) -> None:
    await story.failed(locales=["en"])
    await story.opens(actions.EDIT)
    await story.submits(body=body)
    assert f"isn’t ours: {link}" in story.modal()
    assert len(boxes(story)) == 1


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


@ONE_DATABASE
async def test_words_longer_than_slack_takes_are_not_even_judged(story: Story) -> None:
    await story.failed(locales=["en"])
    await story.opens(actions.EDIT)
    view = story.town.modal(story.people.maya)
    assert view is not None
    payload = slack_payloads.submission(story.town.slack.state, view=view, given={})
    payload["view"]["state"]["values"]["subject"]["subject"]["value"] = "x" * 100_000
    payload["view"]["state"]["values"]["body"]["body"]["value"] = "[pay link]" * 5_000
    answer = await story.town.passing(story.town.slack.send_payload(payload))
    assert answer.problem is None
    assert set(json.loads(answer.body)["errors"]) == {"subject", "body"}


async def test_new_words_speak_of_todays_card_also_where_the_old_ones_named_none(
    story: Story,
) -> None:
    invoice = await story.failed(currency="eur")
    assert "4242" not in story.card()
    story.world.attach_card(invoice["customer"], Card(last4="0341"))
    story.world.fail_payment(invoice, decline_code="insufficient_funds")
    await story.town.settle()
    shown = await story.opens(actions.EDIT)
    assert "0341" in shown
    await story.submits(body="[card] was refused; please pay here: [pay link]", then="approve")
    await story.town.later(UNDO)
    assert "Visa se terminant par 0341 was refused" in story.mailed()[0]
