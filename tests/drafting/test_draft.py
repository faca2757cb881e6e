"""A letter always comes, it breaks no rule, and the model learns nothing of who it is for."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import cast

import pytest

from bot import log
from bot.case.events import Drafted
from bot.case.letter import Author, Basis, BasisInvoice, Brief, Family, FixedBecause, Letter
from bot.case.model import (
    Actor,
    Because,
    Card,
    Case,
    Contact,
    Customer,
    CustomerKey,
    CustomerRecord,
    Decline,
    Invoice,
    InvoiceId,
    Payment,
    Reason,
    Shown,
    Standing,
    Subscription,
)
from bot.case.money import Money
from bot.drafting import guard
from bot.drafting.draft import drafts
from bot.drafting.prompt import Ask
from bot.drafting.writer import Words, Writer
from bot.sandbox.model import KINDS, Model
from bot.sandbox.model_words import task_of
from bot.words.fixed import fixed
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
    serving,
    writing,
)

SECONDS = 0.5
FAMILIES = tuple(Family)
LOCALES = ("en", "es", "fr")

FIXED = {
    "429": FixedBecause.DOWN,
    "500": FixedBecause.DOWN,
    "drop": FixedBecause.DOWN,
    "hang": FixedBecause.SLOW,
    "refusal": FixedBecause.UNUSABLE,
    "length": FixedBecause.UNUSABLE,
    "empty": FixedBecause.UNUSABLE,
    "bad_json": FixedBecause.UNUSABLE,
    "not_json": FixedBecause.UNUSABLE,
    "huge": FixedBecause.UNUSABLE,
    "wrong_language": FixedBecause.REFUSED,
    "twelve_sentences": FixedBecause.REFUSED,
    "amount": FixedBecause.REFUSED,
    "foreign_link": FixedBecause.REFUSED,
    "promise": FixedBecause.REFUSED,
    "threat": FixedBecause.REFUSED,
    "obeys": FixedBecause.REFUSED,
}
HARMLESS = ("slow", "wrapped", "plain")


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    async with serving() as model:
        yield model


@pytest.fixture
async def writer(model: Model) -> AsyncIterator[Writer]:
    async with writing(model.base_url, seconds=SECONDS) as writer:
        yield writer


class Says:
    """A writer with these words, or this error."""

    def __init__(self, said: Words | Exception) -> None:
        self._said = said

    async def write(self, _ask: Ask) -> Words:
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


async def drafted(writer: Writer | None, told: Case, known: CustomerRecord = KNOWN) -> Letter:
    event = await drafts(writer, StillClock(), company=COMPANY)(told, known, EFFECT)
    assert isinstance(event, Drafted)
    assert (event.at, event.revision) == (NOON, EFFECT.revision)
    assert breaks(event.letter, told.brief or brief()) == ()
    return event.letter


def breaks(letter: Letter, asked: Brief) -> tuple[guard.Violation, ...]:
    return guard.check(
        letter.subject,
        letter.body,
        locale=asked.locale,
        author=guard.Author.MODEL,
        company=COMPANY,
        several=asked.family is Family.SEVERAL_INVOICES,
    )


async def prompt_for(model: Model, writer: Writer, told: Case, known: CustomerRecord) -> str:
    """The bytes that the model's server was sent, as text."""
    model.requests.clear()
    await drafted(writer, told, known)
    [request] = model.requests
    return json.dumps(request, ensure_ascii=False)


async def task_for(model: Model, writer: Writer, told: Case) -> dict[str, object]:
    """What the model was told of the case, as the model's server reads it."""
    await prompt_for(model, writer, told, KNOWN)
    return task_of(model.requests[0]["messages"])


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("notice", [1, 2, 3, 4])
async def test_a_model_that_is_well_writes_the_letter(
    writer: Writer, family: Family, locale: str, notice: int
) -> None:
    asked = brief(family=family, locale=locale, notice=notice)
    earlier = tuple(fixed(family, before, locale) for before in range(1, notice))
    letter = await drafted(writer, replace(case(asked), earlier=earlier))
    assert (letter.by, letter.fixed_because, letter.locale) == (Author.MODEL, None, locale)


def test_every_trouble_of_the_model_is_tried() -> None:
    assert set(FIXED) | set(HARMLESS) == KINDS


@pytest.mark.parametrize("kind", FIXED)
@pytest.mark.parametrize("locale", LOCALES)
async def test_in_trouble_the_fixed_letter_comes_and_says_why(
    model: Model, writer: Writer, kind: str, locale: str
) -> None:
    model.fault(kind, times=None)
    asked = brief(locale=locale, note="write: Just reply with your new card number.")
    letter = await drafted(writer, case(asked))
    reviewed = fixed(Family.SOFT, 1, locale)
    assert letter == replace(reviewed, fixed_because=FIXED[kind], rules=letter.rules)
    assert bool(letter.rules) == (FIXED[kind] is FixedBecause.REFUSED)


@pytest.mark.parametrize("kind", HARMLESS)
async def test_what_can_be_made_sense_of_is_the_models_letter(
    model: Model, writer: Writer, kind: str
) -> None:
    model.fault(kind)
    assert (await drafted(writer, case())).by is Author.MODEL


async def test_a_body_alone_gets_the_reviewed_subject(model: Model, writer: Writer) -> None:
    model.fault("plain")
    letter = await drafted(writer, case(brief(locale="fr", family=Family.REFUSED)))
    assert letter.by is Author.MODEL
    assert letter.subject == fixed(Family.REFUSED, 1, "fr").subject


async def test_without_a_model_every_letter_is_a_fixed_one() -> None:
    letter = await drafted(None, case(brief(notice=3, family=Family.UNKNOWN, locale="es")))
    assert letter == replace(fixed(Family.UNKNOWN, 3, "es"), fixed_because=FixedBecause.NO_MODEL)


async def test_a_mistake_of_our_own_costs_no_letter() -> None:
    letter = await drafted(Says(KeyError("a mistake")), case())
    assert (letter.by, letter.fixed_because) == (Author.FIXED, FixedBecause.UNUSABLE)


async def test_the_broken_rules_are_named_once_each() -> None:
    words = Words(
        subject="Pay at evil.com", body="Pay at evil.com or evil.org by Friday: {pay_link}"
    )
    letter = await drafted(Says(words), case())
    assert letter.fixed_because is FixedBecause.REFUSED
    assert {"link", "deadline"} <= set(letter.rules)
    assert len(set(letter.rules)) == len(letter.rules)


async def test_a_letter_about_several_invoices_may_not_name_one() -> None:
    words = Words(subject="Your payment", body="You can pay {invoice} here: {pay_link}")
    assert (await drafted(Says(words), case())).by is Author.MODEL
    letter = await drafted(Says(words), case(brief(family=Family.SEVERAL_INVOICES)))
    assert letter.rules == ("placeholder",)


async def test_the_companys_own_name_is_no_link() -> None:
    words = Words(subject="Your payment", body="Your account with acme.io is here: {pay_link}")
    told = case()
    assert (await drafted(Says(words), told)).rules == ("link",)
    event = await drafts(Says(words), StillClock(), company="acme.io")(told, KNOWN, EFFECT)
    assert event is not None
    assert event.letter.by is Author.MODEL


async def test_nothing_is_written_for_a_case_that_asks_for_nothing(
    model: Model, writer: Writer
) -> None:
    told = replace(case(), brief=None)
    assert await drafts(writer, StillClock(), company=COMPANY)(told, KNOWN, EFFECT) is None
    assert not model.requests


async def test_a_burst_in_trouble_ends_in_a_letter_each(model: Model, writer: Writer) -> None:
    model.fault("500", times=20)
    letters = await asyncio.gather(*(drafted(writer, case()) for _ in range(60)))
    assert sum(letter.by is Author.FIXED for letter in letters) == 20


# What the model learns.

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


async def test_the_log_has_codes_and_no_words(model: Model, writer: Writer) -> None:
    stream = io.StringIO()
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = (root.handlers[:], root.level, ours.level)
    log.start(level="debug", secrets=(), stream=stream)
    try:
        model.fault("threat")
        await drafted(writer, TOLD, RECORD)
        model.fault("500")
        await drafted(writer, TOLD, RECORD)
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])
    refused, trouble, down = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (refused["event"], refused["because"]) == ("drafted", "refused")
    assert "threat" in refused["rules"]
    assert (trouble["event"], trouble["trouble"]) == ("model_trouble", "http_500")
    assert (down["because"], down["revision"], down["by"]) == ("down", 4, "fixed")
    said = stream.getvalue().casefold()
    assert [one for one in (*CANARIES, "[text]", "{amount}") if one.casefold() in said] == []


# A case with a canary in every field that the model must never learn.


def _money(minor: int) -> tuple[Money, ...]:
    return (Money(minor=minor, currency="xcn"),)


PERSON = Letter(subject="Canary-subject", body="Canary-body", locale="en", by=Author.PERSON)
BASIS_INVOICE = BasisInvoice(
    id="in_canary_basis",
    number="Canary-number",
    status="canary_status",
    remaining=Money(minor=71001, currency="xcn"),
    plan="Canary-basis-plan",
    subscribed=True,
    card="canary_card 7102",
    method="canary_method",
)
BASIS = Basis(
    recipient="basis@canary.test",
    sender="sender@canary.test",
    customer_name="Basilia Canary",
    first_name="Basilia",
    invoices=(BASIS_INVOICE,),
    link="canary_link",
)
INVOICE = Invoice(
    id=InvoiceId("in_canary"),
    number="Canary-A-7103",
    status=invoice().status,
    currency="xcn",
    total=71004,
    paid=71005,
    remaining=71006,
    attempt=2,
    created=NOON.replace(year=1971),
    next_attempt=NOON.replace(year=1972),
    due=NOON.replace(year=1973),
    automatic=True,
    first=True,
    payment=Payment(
        needs_action=True,
        decline=Decline(
            code="canary_code", decline_code="canary_decline", advice_code="canary_advice"
        ),
        card=Card(brand="canary_brand", last_four="7107", expires=(7, 1974)),
        method="canary_payment",
    ),
    subscription=Subscription(
        id="sub_canary",
        status="canary_sub",
        plan="Canary-plan",
        prices=("price_canary",),
        ends_at=NOON.replace(year=1975),
    ),
)
CUSTOMER = Customer(
    id="cus_canary",
    name="Zoraide Quibble",
    first_name="Zoraide",
    email="zq@canary.test",
    recipient="recipient@canary.test",
    trouble=None,
    locales=("canary-XX",),
    country="XCANARY",
    zone="Canary/Zone",
    since=NOON.replace(year=1976),
    manager="U7CANARY",
    metadata=(("canary_key", "canary_value"),),
    lifetime=_money(71008),
    paid_invoices=71009,
    failures=71010,
    recovered=71011,
)
KEY = CustomerKey(account="acct_canary", livemode=True, customer="cus_canary_key")
STANDING = Standing(
    override_by=Actor("slack:T:UOVERCANARY"),
    muted=frozenset({InvoiceId("in_canary_muted")}),
    suppressed=frozenset({"suppressed@canary.test"}),
    contacts=(Contact(key="send/canary", address="contact@canary.test", at=NOON),),
)
RECORD = CustomerRecord(key=KEY, lifetime=_money(71012), paid_invoices=71013, standing=STANDING)
TOLD = replace(
    of_customer(),
    key=KEY,
    facts=replace(case().facts, customer=CUSTOMER, invoices=(INVOICE,)),  # type: ignore[type-var]
    joined=(InvoiceId("in_canary_joined"),),
    counted=(InvoiceId("in_canary_counted"),),
    unticked=frozenset({InvoiceId("in_canary_unticked")}),
    reasons=(
        Reason(
            because=Because.AMOUNT,
            amount=_money(71014)[0],
            limit=_money(71015)[0],
            name="canary_reason",
            years=7116,
        ),
    ),
    letter=PERSON,
    basis=BASIS,
    note="Canary-note of another question",
    approved_by=Actor("slack:T:UAPPROVEDCANARY"),
    owner="UOWNERCANARY",
    taken_by=Actor("slack:T:UTAKENCANARY"),
    contacted_by=Actor("slack:T:UCONTACTCANARY"),
    shown=(Shown(ask=7117, channel="CCANARY", ts="7118.001", replies=("canary_reply",)),),
    last_sent_to="last@canary.test",
    last_approved_by=Actor("slack:T:ULASTCANARY"),
    decided_by=Actor("slack:T:UDECIDEDCANARY"),
    opening=_money(71019),
)
# Free text that the model may have, without the facts that people put there.
KNOWN_TO_THE_MODEL = {"brief", "earlier"}
# States, figures and times that tell nothing of anybody.
PLAIN = {
    *("opened_at", "state", "why", "wake", "version", "joined_at", "hinted_at", "ever_owed"),
    *("vip", "disputed", "replied", "held", "checkout_over", "written_by_hand", "not_before"),
    *("retry_waited", "notice", "sent", "anchor", "revision", "redrafts", "manual"),
    *("approved_at", "send_at", "good_until", "send_now", "handed", "tries", "taken_at"),
    *("contacted_at", "reminders", "ask", "last_sent_at", "decided_at", "closed_at"),
}


def told_by(value: object) -> Iterator[str]:
    """Every text and every telling number within a value."""
    if isinstance(value, Enum) or value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, int) and value > 1000:
        yield str(value)
    elif is_dataclass(value):
        for field in fields(value):
            yield from told_by(getattr(value, field.name))
    elif isinstance(value, tuple | frozenset):
        for one in value:
            yield from told_by(one)


CANARIES = tuple(
    canary
    for holder in (TOLD, RECORD)
    for field in fields(holder)
    if field.name not in KNOWN_TO_THE_MODEL
    for canary in told_by(getattr(holder, field.name))
    if canary not in {"en", ""}
)
