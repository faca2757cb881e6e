"""What stands in modals, in every language and within Slack's limits; and how they open."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.case.effects import Show
from bot.case.ids import Actor
from bot.case.letter import PLACEHOLDERS, Asked, Author, Brief, Family, HandedOver, Letter
from bot.case.model import Case, Decision, Why
from bot.case.standing import CustomerRecord
from bot.review import actions
from bot.review.actions import decode
from bot.review.modals import changed, edit, reject, tokens
from bot.review.modals.details import details
from bot.review.modals.mail import mail
from bot.review.modals.person import reading
from bot.review.modals.pieces import BLOCKS
from bot.review.parts import View
from bot.sandbox.blocks import is_too_large, view_problems
from bot.sandbox.slack import Fault, render_blocks, render_text
from bot.words import LOCALES, words
from tests.review.conftest import Stage
from tests.review.stories import ANNE, BASIS, LETTER, NOW, REVIEW, STORIES, VIEW

HOSTILE = "<!channel> *Approve* <https://evil.example|pay> `x` \u202eevil\x00" + "A" * 4000
ASKED = Asked(letter=LETTER, basis=BASIS)
HANDED = HandedOver(key="send/case-1/3", revision=3, at=NOW, approved_by=ANNE, asked=ASKED)

every_locale = pytest.mark.parametrize("locale", LOCALES)


def reader(locale: str) -> View:
    subject, text = reading(ASKED, VIEW.company, locale)
    return replace(VIEW, locale=locale, subject=subject, letter_text=text, seen="ab" * 32)


def said(modal: dict[str, Any]) -> str:
    return render_blocks(modal["blocks"])


def hostile(case: Case) -> Case:
    """The same case, with everything that strangers write as bad as it comes."""
    assert case.facts is not None
    (invoice, *_) = case.facts.invoices
    customer = replace(
        case.facts.customer,
        name=HOSTILE,
        first_name=HOSTILE,
        email=HOSTILE,
        country=HOSTILE,
        locales=(HOSTILE, "fr"),
        metadata=((HOSTILE, HOSTILE),),
    )
    basis = replace(
        BASIS,
        customer_name=HOSTILE,
        first_name=HOSTILE,
        invoices=(replace(BASIS.invoices[0], plan=HOSTILE, number=HOSTILE),),
    )
    letter = replace(LETTER, body=HOSTILE[:2900], by=Author.PERSON, edited_by=ANNE)
    return replace(
        case,
        letter=letter,
        basis=basis,
        facts=replace(
            case.facts, customer=customer, invoices=(replace(invoice, number=HOSTILE),) * 30
        ),
        decided_note=HOSTILE,
        decision=Decision.CALLS,
        decided_by=ANNE,
    )


def drawn(case: Case, view: View) -> Iterator[dict[str, Any]]:
    """Every modal there is, of this case."""
    asked = Asked(letter=case.letter or LETTER, basis=case.basis or BASIS)
    answer = reject.Answer(decision=Decision.CALLS, note="x" * 300)
    typed = edit.Typed(subject="s" * 150, body="b" * 3000)
    links = tuple(f"https://{'x' * 2000}.example/{number}" for number in range(5))
    before = changed.newer_letter(case, view, ("one → two",) * 10, keeps="Yours.")
    yield edit.form(case, view)
    yield edit.form(case, view, typed, before=before, links=links)
    yield reject.form(case, view)
    yield reject.form(case, view, answer, before=before, writes=False)
    yield changed.over(case, view, "w" * 3200)
    yield details(case, view, (replace(HANDED, asked=asked),) * 12)
    yield mail(asked, HANDED, view, message_id="<send.case-1.3@acme.example>")
    yield mail(asked, None, view)
    yield mail(None, None, view)


@every_locale
@pytest.mark.parametrize("case", [REVIEW, hostile(REVIEW)], ids=["plain", "hostile"])
def test_slack_takes_every_modal_in_every_language(locale: str, case: Case) -> None:
    for modal in drawn(case, reader(locale)):
        assert view_problems(modal) == []
        assert not is_too_large(modal)
        assert len(modal["blocks"]) <= BLOCKS


@every_locale
def test_nothing_that_strangers_wrote_has_a_meaning_in_a_modal(locale: str) -> None:
    for modal in drawn(hostile(REVIEW), reader(locale)):
        for part in mrkdwn(modal):
            assert "<!channel>" not in part
            assert "|pay>" not in part
            assert "*Approve*" not in part
            assert "\u202e" not in part


def mrkdwn(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for one in part.values():
            yield from mrkdwn(one)
    elif isinstance(part, list):
        for one in part:
            yield from mrkdwn(one)


@pytest.mark.parametrize("case", [case for case in STORIES.values() if case.why is not Why.ERASED])
def test_details_can_be_read_of_every_case(case: Case) -> None:
    modal = details(case, VIEW, (HANDED,))
    assert view_problems(modal) == []
    assert "submit" not in modal


def test_details_of_an_erased_case_tell_nothing_of_the_customer() -> None:
    erased = replace(STORIES["closed_erased"], facts=REVIEW.facts)
    assert "Ana" not in said(details(erased, VIEW, (HANDED,)))


def test_details_tell_failures_route_customer_and_every_earlier_word() -> None:
    text = said(details(REVIEW, reader("en"), (HANDED,)))
    assert "In the last 12 months: 2. Paid in the end: 1. Open, or ended otherwise: 1." in text
    assert "A-12, €49.00 to pay, attempt 2, open. The card has expired." in text
    assert "Standard: letters, each approved by a person." in text
    assert "Version 1 of the rules." in text
    assert "Customer since Mar 2024" in text
    assert "Paid so far: €980.00, in 20 invoices" in text
    assert "America/Mexico_City, where it is 7:30" in text
    assert "Letter 1, handed to the mail server" in text
    assert "The words are the language model’s." in text
    assert "Hello Ana," in text
    assert "[Stripe’s payment page]" in text


def test_the_mail_is_shown_as_it_was_approved_with_what_it_can_be_searched_by() -> None:
    text = said(mail(ASKED, HANDED, reader("en"), message_id="<send.case-1.3@acme.example>"))
    assert "To: ana@example.com" in text
    assert "From: Acme <billing@acme.example>" in text
    assert "Message-ID: <send.case-1.3@acme.example>" in text
    assert "Approved by @U1ANNE, handed to the mail server" in text
    assert "Hello Ana,\n\nThe payment of €49.00 for your Team subscription" in text


# Tokens.


@every_locale
def test_tokens_are_exact_both_ways(locale: str) -> None:
    text = "; ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    shown = tokens.written(text, locale)
    assert "{" not in shown
    assert tokens.read(shown) == tokens.Words(text=text)


def test_no_token_means_two_things_in_two_languages() -> None:
    for locale in LOCALES:
        for name in PLACEHOLDERS:
            assert tokens.read(tokens.token(name, locale)).text == f"{{{name}}}"


@pytest.mark.parametrize(
    "text",
    ["{amount}", "{{amount}}", "[{amount}]", "[amount", "amount]", "[]", "[nickname]", "[[amount]"],
)
def test_no_brace_or_bracket_slips_through(text: str) -> None:
    assert tokens.read(text).unknown != ()


def test_full_width_brackets_are_only_signs() -> None:
    assert tokens.read("［amount］") == tokens.Words(text="［amount］")


def test_one_letter_about_several_invoices_offers_no_token_of_one() -> None:
    brief = Brief(notice=1, family=Family.SEVERAL_INVOICES, locale="en")
    assert edit.offered(replace(REVIEW, brief=brief)) == ("company", "amount", "pay_link")
    assert edit.offered(REVIEW) == PLACEHOLDERS


def test_a_modal_says_which_letter_it_shows() -> None:
    press = decode(edit.form(REVIEW, VIEW)["private_metadata"])
    assert press is not None
    assert (press.case_id, press.revision, press.ask) == (REVIEW.id, 3, 1)


# Opening.


async def knock(stage: Stage, action: str, case: Case = REVIEW) -> str:
    stage.book.case = case
    posted = await stage.channel.show(case, CustomerRecord(key=case.key), Show(case_id=case.id))
    place = posted.shown[-1]
    answer = await stage.slack.press(stage.ana.id, place.channel, place.ts, action)
    assert answer.problem is None
    return modal_of(stage)


def modal_of(stage: Stage) -> str:
    views = [one for one in stage.slack.state.views.values() if one.is_open]
    return render_text(views[-1]) if views else ""


async def filled(stage: Stage) -> str:
    await asyncio.gather(*stage.deciding.unfinished)
    return modal_of(stage)


async def test_a_modal_opens_with_one_call_when_the_look_up_is_quick(stage: Stage) -> None:
    assert "Bonjour" not in await knock(stage, actions.REJECT)
    assert len(stage.slack.calls("views.open")) == 1
    assert stage.slack.calls("views.update") == []


async def test_a_slow_look_up_opens_an_empty_modal_first_and_fills_it(stage: Stage) -> None:
    stage.impatient()
    await knock(stage, actions.EDIT)
    (opened,) = stage.slack.calls("views.open")
    assert words("en")["modal.loading"] in str(opened.args["view"])
    assert "Écrit pour vous au-dessus de vos mots : Hello Ana," in await filled(stage)


async def test_no_content_is_shown_before_it_is_known_who_reads(stage: Stage) -> None:
    stage.impatient()
    stage.ana.is_restricted = True
    await knock(stage, actions.EDIT)
    shown = await filled(stage)
    assert shown == words("fr")["refusal.guest"]
    every = [call.args["view"] for call in stage.slack.state.calls if "view" in call.args]
    assert not any("Hello Ana" in str(one) for one in every)


async def test_an_empty_modal_that_was_closed_meanwhile_is_nobodys_trouble(stage: Stage) -> None:
    stage.impatient()
    stage.slack.fault("views.update", Fault(error="not_found"))
    await knock(stage, actions.EDIT)
    assert await filled(stage) == words("en")["modal.loading"]


async def test_a_modal_that_slack_does_not_open_is_said_privately(stage: Stage) -> None:
    stage.slack.fault("views.open", Fault(error="expired_trigger_id"))
    assert await knock(stage, actions.EDIT) == ""
    assert [one.text for one in stage.slack.state.ephemerals] == [words("en")["refusal.failed"]]


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (STORIES["approved"], "refusal.already_decided"),
        (STORIES["closed_recovered"], "refusal.closed"),
        (replace(REVIEW, revision=4), "refusal.stale"),
    ],
)
async def test_what_is_not_asked_any_more_opens_no_modal(
    stage: Stage, case: Case, why: str
) -> None:
    stage.book.case = REVIEW
    posted = await stage.channel.show(
        REVIEW, CustomerRecord(key=REVIEW.key), Show(case_id=REVIEW.id)
    )
    place = posted.shown[-1]
    stage.book.case = case
    await stage.slack.press(stage.ana.id, place.channel, place.ts, actions.EDIT)
    assert modal_of(stage) == ""
    (whisper,) = stage.slack.state.ephemerals
    assert whisper.text.startswith(words("fr")[why])


async def test_a_form_of_nobody_is_closed_and_changes_nothing(stage: Stage) -> None:
    await knock(stage, actions.EDIT)
    (view,) = stage.slack.state.views.values()
    view.content["callback_id"] = "something_else"
    answer = await stage.slack.submit_view(stage.ana.id, view.id)
    assert (answer.status, answer.body, stage.book.events) == (200, "", [])


async def test_a_database_that_is_gone_is_said_on_the_form_and_loses_no_words(
    stage: Stage,
) -> None:
    await knock(stage, actions.EDIT)
    (view,) = stage.slack.state.views.values()
    stage.book.broken = True
    answer = await stage.slack.submit_view(
        stage.ana.id, view.id, {"body": "Mine: [lien de paiement]"}
    )
    assert answer.problem is None
    assert view.errors == {"then": words("en")["refusal.failed"]}
    assert view.is_open


@pytest.mark.parametrize("why", ["no_more_drafts", "not_now"])
async def test_a_refusal_about_the_same_letter_is_said_on_the_form(stage: Stage, why: str) -> None:
    await knock(stage, actions.REJECT)
    (view,) = stage.slack.state.views.values()
    stage.book.refused = why
    await stage.slack.submit_view(stage.ana.id, view.id, {"choice": "anew"})
    assert view.errors == {"choice": words("fr")[f"refusal.{why}"]}


def test_a_person_made_letter_is_theirs() -> None:
    typed = Letter(
        subject="a", body="b", locale="en", by=Author.PERSON, edited_by=Actor("slack:T:U")
    )
    edited = details(REVIEW, VIEW, (replace(HANDED, asked=Asked(letter=typed, basis=BASIS)),))
    assert "The words are @U’s." in said(edited)
