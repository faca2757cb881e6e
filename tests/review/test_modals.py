"""What stands in modals, in every language and within Slack's limits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.case.ids import Actor
from bot.case.letter import PLACEHOLDERS, Asked, Author, Brief, Family, HandedOver, Letter
from bot.case.model import Case, Decision, Why
from bot.review.actions import decode
from bot.review.modals import changed, edit, hand_over, reject, tokens
from bot.review.modals.details import details
from bot.review.modals.mail import mail
from bot.review.modals.person import reading
from bot.review.modals.pieces import BLOCKS
from bot.review.parts import View
from bot.sandbox.blocks import is_too_large, view_problems
from bot.sandbox.slack import render_blocks
from bot.words import LOCALES
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
    said = changed.why_anew(case, view, rewritten=True, same=False)
    before = changed.newer_letter(view, said, ("one → two",) * 10, keeps="Yours.")
    yield edit.form(case, view)
    yield edit.form(case, view, typed, before=before, links=links)
    yield reject.form(case, view)
    yield reject.form(case, view, answer, before=before, writes=False)
    yield changed.over(case, view, "w" * 3200)
    yield hand_over.form(case, view)
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


def test_details_of_a_forgotten_case_say_so_and_no_more() -> None:
    closed = STORIES["closed_exhausted"]
    assert closed.closed_at is not None
    forgotten = replace(closed, forgotten_at=closed.closed_at + timedelta(days=181))
    text = said(details(forgotten, reader("en"), (HANDED,)))
    assert "Its words and names were forgotten 181 days after it closed" in text
    assert "Standard: letters" not in text
    assert "Hello Ana" not in text


def test_details_tell_failures_route_customer_and_every_earlier_word() -> None:
    text = said(details(REVIEW, reader("en"), (HANDED,)))
    assert "In the last 12 months: 2. Paid in the end: 1. Open, or ended otherwise: 1." in text
    assert "A-12, €49.00 to pay, attempt 2, open. The card has expired." in text
    assert "Standard: letters, and none leaves before it is approved." in text
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


def test_a_person_made_letter_is_theirs() -> None:
    typed = Letter(
        subject="a", body="b", locale="en", by=Author.PERSON, edited_by=Actor("slack:T:U")
    )
    edited = details(REVIEW, VIEW, (replace(HANDED, asked=Asked(letter=typed, basis=BASIS)),))
    assert "The words are @U’s." in said(edited)
