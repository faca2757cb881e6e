"""The model learns a closed set, and nothing of who the letter is for."""

import json
from dataclasses import fields, replace
from datetime import timedelta
from typing import cast

import pytest

from bot.case.facts import Customer, Subscription
from bot.case.ids import InvoiceId
from bot.case.letter import Author, Family, Letter
from bot.case.model import Case
from bot.case.standing import CustomerRecord, Standing
from bot.drafting.draft import drafts
from bot.drafting.writing import Writer
from bot.sandbox.model import Model
from bot.sandbox.model_words import task_of
from bot.words.fixed import fixed
from tests.drafting.canaries import CANARIES, KNOWN_TO_THE_MODEL, PLAIN, RECORD, TOLD, told_by
from tests.drafting.letters import (
    COMPANY,
    EFFECT,
    KNOWN,
    NOON,
    StillClock,
    brief,
    case,
    invoice,
    of_customer,
)


async def prompt_for(model: Model, writer: Writer, told: Case, known: CustomerRecord) -> str:
    """The bytes that the model's server was sent, as text."""
    model.requests.clear()
    await drafts(writer, StillClock(), company=COMPANY)(told, known, EFFECT)
    [request] = model.requests
    return json.dumps(request, ensure_ascii=False)


async def task_for(model: Model, writer: Writer, told: Case) -> dict[str, object]:
    """What the model was told of the case, as the model's server reads it."""
    await prompt_for(model, writer, told, KNOWN)
    return task_of(model.requests[0]["messages"])


SAME = case()
LETTERS = (fixed(Family.SOFT, 1, "en"), fixed(Family.SOFT, 2, "en"))
DIFFERENT = {
    "reason": case(brief(family=Family.REFUSED)),
    "reviewers_note": case(brief(note="A little warmer.")),
    "language": case(brief(locale="fr")),
    "notice": case(brief(notice=2)),
    "several": case(brief(family=Family.SEVERAL_INVOICES), invoice(1), invoice(2)),
    "attempt": case(None, invoice(attempt=2)),
    "later_attempt": case(None, invoice(attempt=4)),
    "tenure": of_customer(since=NOON - timedelta(days=400)),
    "long_tenure": of_customer(since=NOON - timedelta(days=4000)),
    "unknown_tenure": of_customer(since=None),
    "nothing_paid": of_customer(paid_invoices=0),
    "much_paid": of_customer(paid_invoices=40),
    "one_letter_before": replace(case(), earlier=LETTERS[:1]),
    "two_letters_before": replace(case(), earlier=LETTERS),
}


async def test_what_differs_in_what_the_model_may_know_differs_in_the_prompt(
    model: Model, writer: Writer
) -> None:
    prompts = {"same": await prompt_for(model, writer, SAME, KNOWN)}
    for name, told in DIFFERENT.items():
        prompts[name] = await prompt_for(model, writer, told, KNOWN)
    assert len(set(prompts.values())) == len(DIFFERENT) + 1


async def test_customers_in_the_same_bands_give_the_same_prompt(
    model: Model, writer: Writer
) -> None:
    alike = of_customer(id="cus_9", name="Bea Gil", since=NOON - timedelta(days=3), paid_invoices=3)
    prompts = {await prompt_for(model, writer, told, KNOWN) for told in (SAME, alike)}
    assert len(prompts) == 1


async def test_an_invoice_that_is_not_written_about_is_not_counted(
    model: Model, writer: Writer
) -> None:
    told = case(None, invoice(1), invoice(2, attempt=4))
    known = replace(KNOWN, standing=Standing(muted=frozenset({InvoiceId("in_2")})))
    expected = await prompt_for(model, writer, SAME, KNOWN)
    assert await prompt_for(model, writer, told, known) == expected


def test_a_canary_sits_in_every_field_of_a_case_with_words_or_amounts() -> None:
    telling = {field.name for field in fields(Case)} - KNOWN_TO_THE_MODEL - PLAIN
    assert [name for name in telling if not list(told_by(getattr(TOLD, name)))] == []


async def test_no_name_address_amount_or_link_reaches_the_model(
    model: Model, writer: Writer
) -> None:
    prompt = await prompt_for(model, writer, TOLD, RECORD)
    assert len(CANARIES) > 40
    assert [canary for canary in CANARIES if canary.casefold() in prompt.casefold()] == []


@pytest.mark.parametrize(
    "fact",
    [
        *("Zoraide", "ZORAIDE", "Quibble", "Zoraide Quibble-Vantongeren", "Turboplan", "KX-7781"),
        *("zq@canary.test", "<zq@canary.test>", "€49.00", "4900", "2026-11-18", "٤٩", "4242"),
        *("https://canary.test/pay", "canary.test/pay", "www.canary.test", "3rd"),
        *(
            "Zor\u00e4ide",
            "zq\uff20canary\uff0etest",
            "zq (at) canary (dot) test",
            "canary\u3002test",
        ),
    ],
)
async def test_what_people_wrote_is_passed_on_without_facts(
    model: Model, writer: Writer, fact: str
) -> None:
    customer = Customer(id="cus_1", name="Zoraide Quibble-Vantongeren", email="zq@canary.test")
    plan = Subscription(id="sub_1", status="past_due", plan="Turboplan")
    told = case(
        brief(note=f"Be warmer with {fact}, please."),
        invoice(number="KX-7781", subscription=plan),
        customer=customer,
    )
    body = f"Hello {fact}, you can pay {{amount}} here: {{pay_link}}\nWrite to {fact}."
    typed = Letter(subject=f"For {fact}", body=body, locale="en", by=Author.PERSON)
    task = await task_for(model, writer, replace(told, earlier=(typed,)))
    said = json.dumps([task["note"], task["earlier"]], ensure_ascii=False)
    assert fact.strip("<>").casefold() not in said.casefold()
    assert "Be warmer with" in said
    assert "please" in said
    assert "you can pay {amount} here: {pay_link}" in said


async def test_a_name_that_is_a_placeholder_hides_no_placeholder(
    model: Model, writer: Writer
) -> None:
    told = replace(of_customer(name="Amount Pay Link"), earlier=LETTERS[:1])
    [said] = cast("list[str]", (await task_for(model, writer, told))["earlier"])
    assert "{amount}" in said
    assert "{pay_link}" in said
