"""Each fact that a person approves, changed under a card: the press is refused, and says how."""

from dataclasses import replace
from typing import Any

import pytest

from bot.case.effects import Show
from bot.case.events import Differed
from bot.case.letter import Asked, Basis, Letter
from bot.case.model import Case
from bot.case.money import Money
from bot.case.standing import CustomerRecord
from bot.review import actions
from bot.words import words
from tests.review.conftest import Stage
from tests.review.stories import BASIS, LETTER, REVIEW, facts

ONE = BASIS.invoices[0]
SECOND = replace(ONE, id="in_2", number="A-13")


def basis(**changes: Any) -> Basis:
    return replace(BASIS, **changes)


def invoice(**changes: Any) -> Basis:
    return basis(invoices=(replace(ONE, **changes),))


def letter(**changes: Any) -> Letter:
    return replace(LETTER, **changes)


# What is another by now, and the line that says so.
CHANGES: dict[str, tuple[Letter, Basis, str]] = {
    "recipient": (
        LETTER,
        basis(recipient="eve@example.com"),
        "À : ana@example.com → eve@example.com",
    ),
    "nobody": (LETTER, basis(recipient=None), "À : ana@example.com → personne (mode test)"),
    "subject": (
        letter(subject="Hello from {company}"),
        BASIS,
        "Objet : « Your card for Acme needs an update » → « Hello from Acme »",
    ),
    "words": (
        letter(body="Please pay {amount}. {pay_link}"),
        BASIS,
        "Texte : « Hello Ana, The payment of",
    ),
    "first name": (
        LETTER,
        basis(first_name="Eva"),
        "Texte : « Hello Ana, ",
    ),
    "plan": (LETTER, invoice(plan="Solo"), "for your Team subscription"),
    "kind of link": (
        LETTER,
        basis(link="pay_page"),
        "Type de lien : hosted_invoice → pay_page",
    ),
    "amount": (
        LETTER,
        invoice(remaining=Money(minor=2900, currency="eur")),
        "Montant : 49,00 € → 29,00 €",
    ),
    "currency": (
        LETTER,
        invoice(remaining=Money(minor=4900, currency="jpy")),
        "Montant : 49,00 € → 4 900 JPY",
    ),
    "status": (
        LETTER,
        invoice(status="uncollectible"),
        "État dans Stripe : ouverte → classée irrécouvrable",
    ),
    "another invoice": (
        LETTER,
        invoice(id="in_9", number="B-1"),
        "La facture B-1 (49,00 €) est nouvelle.",
    ),
    "an added invoice": (
        LETTER,
        basis(invoices=(ONE, SECOND)),
        "La facture A-13 (49,00 €) est nouvelle.",
    ),
}


async def drawn(stage: Stage, case: Case) -> tuple[str, str]:
    stage.book.case = case
    show = Show(case_id=case.id)
    posted = await stage.channel.show(case, CustomerRecord(key=case.key), show)
    return posted.shown[-1].channel, posted.shown[-1].ts


@pytest.mark.parametrize("action", [actions.APPROVE, actions.REJECT, actions.WAIT])
@pytest.mark.parametrize(("words_", "facts_", "line"), CHANGES.values(), ids=list(CHANGES))
async def test_a_press_on_a_letter_of_which_something_changed_is_refused_and_told(
    stage: Stage, action: str, words_: Letter, facts_: Basis, line: str
) -> None:
    channel, ts = await drawn(stage, REVIEW)
    stage.book.before = Asked(letter=LETTER, basis=BASIS)
    stage.book.case = now(words_, facts_, revision=4)
    answer = await stage.slack.press(stage.ana.id, channel, ts, action)
    assert answer.problem is None
    assert stage.book.events == []
    (told,) = [one.text for one in stage.slack.state.ephemerals]
    assert told.startswith(words("fr")["refusal.stale"])
    assert line in spaced(told)


@pytest.mark.parametrize(("words_", "facts_", "_line"), CHANGES.values(), ids=list(CHANGES))
async def test_each_such_change_alone_gives_the_letter_another_fingerprint(
    stage: Stage, words_: Letter, facts_: Basis, _line: str
) -> None:
    channel, ts = await drawn(stage, REVIEW)
    stage.book.case = now(words_, facts_, revision=3)
    await stage.slack.press(stage.ana.id, channel, ts, actions.APPROVE)
    assert [type(event) for _, event in stage.book.events] == [Differed]
    assert len(stage.slack.state.ephemerals) == 1


async def test_a_sender_that_the_operator_changed_is_noticed_before_stripe_is_read_again(
    stage: Stage,
) -> None:
    old = basis(sender="eve@acme.example")
    channel, ts = await drawn(stage, replace(REVIEW, basis=old))
    stage.book.before = Asked(letter=LETTER, basis=old)
    await stage.slack.press(stage.ana.id, channel, ts, actions.APPROVE)
    assert [type(event) for _, event in stage.book.events] == [Differed]
    (told,) = stage.slack.state.ephemerals
    assert "De : eve@acme.example → Acme &lt;billing@acme.example&gt;" in spaced(told.text)


async def test_what_changed_in_an_erased_case_is_not_told(stage: Stage) -> None:
    channel, ts = await drawn(stage, REVIEW)
    stage.book.case = replace(REVIEW, revision=4, letter=letter(subject="Hello from {company}"))
    await stage.slack.press(stage.ana.id, channel, ts, actions.APPROVE)
    (told,) = stage.slack.state.ephemerals
    assert told.text == words("fr")["refusal.stale"]


async def test_a_press_on_a_question_that_was_asked_anew_is_told_that_nothing_changed(
    stage: Stage,
) -> None:
    channel, ts = await drawn(stage, REVIEW)
    stage.book.before = Asked(letter=LETTER, basis=BASIS)
    stage.book.case = replace(REVIEW, ask=REVIEW.ask + 1)
    await stage.slack.press(stage.ana.id, channel, ts, actions.APPROVE)
    assert stage.book.events == []
    (told,) = stage.slack.state.ephemerals
    assert told.text == words("fr")["refusal.asked_anew"]


def now(letter_: Letter, basis_: Basis, *, revision: int) -> Case:
    """The case by now; whom it writes to is what Stripe says, and by whom the operator's."""
    read = facts(recipient=basis_.recipient)
    return replace(REVIEW, letter=letter_, basis=basis_, facts=read, revision=revision)


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")
