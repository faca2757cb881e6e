"""A case with a canary in every field that a model must never learn."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum

from bot.case.facts import Card, Customer, Decline, Invoice, InvoiceStatus, Payment, Subscription
from bot.case.ids import Actor, CustomerKey, InvoiceId
from bot.case.letter import Author, Basis, BasisInvoice, Letter
from bot.case.model import Shown
from bot.case.money import Money
from bot.case.standing import Because, Contact, CustomerRecord, Reason, Standing
from tests.drafting.letters import NOON, case, of_customer


def _money(minor: int) -> tuple[Money, ...]:
    return (Money(minor=minor, currency="xcn"),)


PERSON = Letter(
    subject="Canary-subject",
    body="Canary-body",
    locale="en",
    by=Author.PERSON,
    edited_by=Actor("slack:T:UEDITEDCANARY"),
)
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
    status=InvoiceStatus.OPEN,
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
    passed_by=Actor("slack:T:UPASSEDCANARY"),
    passed_note="Canary-note for who takes over",
    shown=(Shown(ask=7117, channel="CCANARY", ts="7118.001", replies=("canary_reply",)),),
    last_sent_to="last@canary.test",
    last_approved_by=Actor("slack:T:ULASTCANARY"),
    decided_by=Actor("slack:T:UDECIDEDCANARY"),
    decided_note="Canary-note for the team",
    snoozed_by=Actor("slack:T:USNOOZEDCANARY"),
    undone_by=Actor("slack:T:UUNDONECANARY"),
    seen="canary-fingerprint",
    opening=_money(71019),
)
# Free text that the model may have, without the facts that people put there.
KNOWN_TO_THE_MODEL = {"brief", "earlier"}
# States, figures and times that tell nothing of anybody.
PLAIN = {
    *("opened_at", "state", "why", "wake", "version", "joined_at", "hinted_at", "ever_owed"),
    *("vip", "disputed", "replied", "held", "checkout_over", "written_by_hand", "not_before"),
    *(
        "retry_waited",
        "passed",
        "passed_at",
        "retry_known",
        "begun",
        "by_itself",
        "overdue",
        "doubts",
        "notice",
        "sent",
        "anchor",
        "revision",
        "redrafts",
        "manual",
    ),
    *(
        "forgotten_at",
        "restored_at",
        "revisions_from",
        "approved_at",
        "send_at",
        "good_until",
        "send_now",
        "over_budget",
        "handed",
        "tries",
        "taken_at",
    ),
    *("contacted_at", "reminders", "ask", "last_sent_at", "decided_at", "closed_at"),
    *("decision", "snoozed_at", "undone_at", "differed"),
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
