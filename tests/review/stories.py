"""A case in each state that a card can show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.case.facts import (
    AddressTrouble,
    Card,
    Customer,
    Decline,
    Facts,
    Invoice,
    InvoiceStatus,
    Payment,
    Subscription,
)
from bot.case.ids import POLICY, Actor, CaseId, CustomerKey, InvoiceId
from bot.case.letter import Author, Basis, BasisInvoice, Brief, Family, FixedBecause, Letter
from bot.case.model import Case, Decision, Doubt, State, Why
from bot.case.money import Money
from bot.case.standing import Because, Reason
from bot.review.blocks import Manager, View

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
ANNE = Actor("slack:T1:U1ANNE")

VIEW = View(
    locale="en",
    company="Acme",
    zone="Europe/Paris",
    now=NOW,
    subject="Your card for Acme needs an update",
    letter_text=(
        "Hello Ana,\n\nThe payment of €49.00 for your Team subscription didn’t go through: your "
        "Visa card ending in 4242 seems to have expired or changed. You can add a current card on "
        "this secure page: [Stripe’s payment page]\nIf anything looks wrong to you, just reply to "
        "this message.\n\nBest wishes,\nThe Acme team"
    ),
    manager=Manager(mention="<@U1MAX>"),
)
INVOICE = Invoice(
    id=InvoiceId("in_1"),
    number="A-12",
    status=InvoiceStatus.OPEN,
    currency="eur",
    total=4900,
    paid=0,
    remaining=4900,
    attempt=2,
    created=NOW - timedelta(days=2),
    next_attempt=NOW + timedelta(hours=5),
    payment=Payment(
        decline=Decline(code="expired_card"),
        card=Card(brand="visa", last_four="4242"),
        method="card",
    ),
    subscription=Subscription(id="sub_1", status="past_due", plan="Team"),
)
CUSTOMER = Customer(
    id="cus_1",
    name="Ana Torres",
    first_name="Ana",
    email="ana@example.com",
    recipient="ana@example.com",
    locales=("en",),
    zone="America/Mexico_City",
    since=datetime(2024, 3, 5, tzinfo=UTC),
    lifetime=(Money(minor=98000, currency="eur"),),
    paid_invoices=20,
    failures=2,
    recovered=1,
)
LETTER = Letter(
    subject="Your card for {company} needs an update",
    body="The payment of {amount} for {plan} didn’t go through. {pay_link}",
    locale="en",
    by=Author.MODEL,
)
BASIS = Basis(
    recipient="ana@example.com",
    sender="Acme <billing@acme.example>",
    customer_name="Ana Torres",
    first_name="Ana",
    invoices=(
        BasisInvoice(
            id="in_1",
            number="A-12",
            status="open",
            remaining=Money(minor=4900, currency="eur"),
            plan="Team",
            subscribed=True,
            card="Visa 4242",
            method="card",
        ),
    ),
)


def facts(*invoices: Invoice, **customer: Any) -> Facts:
    """A reading with these invoices, and a customer who differs in these fields."""
    return Facts(
        read_at=NOW,
        customer=replace(CUSTOMER, **customer),
        invoices=invoices or (INVOICE,),
    )


REVIEW = Case(
    id=CaseId("case-1"),
    key=CustomerKey(account="", livemode=True, customer="cus_1"),
    opened_at=NOW - timedelta(minutes=1),
    state=State.IN_REVIEW,
    why=None,
    facts=facts(),
    revision=3,
    ask=1,
    brief=Brief(notice=1, family=Family.NEEDS_NEW_CARD, locale="en"),
    letter=LETTER,
    basis=BASIS,
    opening=(Money(minor=4900, currency="eur"),),
)
APPROVED = replace(
    REVIEW,
    state=State.APPROVED,
    approved_by=ANNE,
    approved_at=NOW,
    send_at=NOW + timedelta(seconds=30),
)
VIP = replace(
    REVIEW,
    state=State.BY_HAND,
    why=Why.VIP,
    vip=True,
    letter=None,
    basis=None,
    brief=None,
    opening=(Money(minor=190000, currency="eur"),),
    facts=facts(replace(INVOICE, total=190000, remaining=190000)),
    reasons=(
        Reason(
            because=Because.AMOUNT,
            amount=Money(minor=190000, currency="eur"),
            limit=Money(minor=45000, currency="eur"),
        ),
        Reason(because=Because.PLAN, name="Enterprise"),
    ),
)
SENT = replace(
    REVIEW,
    state=State.WAITING,
    why=Why.NEXT_NOTICE,
    wake=NOW + timedelta(days=3),
    sent=1,
    last_sent_at=NOW,
    last_sent_to="ana@example.com",
    last_approved_by=ANNE,
)

SNOOZED = replace(
    SENT,
    why=Why.SNOOZED,
    not_before=NOW + timedelta(days=2),
    snoozed_by=ANNE,
    snoozed_at=NOW,
)
REJECTED = replace(SENT, last_sent_at=None, decided_by=ANNE, decided_at=NOW, sent=0)

FIRST_RETRY = replace(
    REVIEW,
    state=State.WAITING,
    why=Why.FIRST_RETRY,
    revision=0,
    letter=None,
    basis=None,
    brief=None,
    wake=NOW + timedelta(hours=6),
    facts=facts(
        replace(
            INVOICE,
            attempt=1,
            payment=Payment(
                decline=Decline(code="card_declined", decline_code="insufficient_funds")
            ),
        )
    ),
)


def by_hand(why: Why, **fields: Any) -> Case:
    """A case that only a person takes on."""
    return replace(
        REVIEW, state=State.BY_HAND, why=why, letter=None, basis=None, brief=None, **fields
    )


def closed(why: Why, **fields: Any) -> Case:
    """A case whose last word is said."""
    done = replace(REVIEW, state=State.CLOSED, why=why, closed_at=NOW, decided_by=ANNE)
    return replace(done, **fields)


def stories() -> dict[str, Case]:
    """Every state and reason that can be shown, by the name of its golden file."""
    paid = facts(replace(INVOICE, status=InvoiceStatus.PAID, paid=4900, remaining=0))
    return {
        "drafting": replace(REVIEW, state=State.DRAFTING, letter=None, basis=None),
        "in_review": REVIEW,
        "in_review_test_mode": replace(
            REVIEW,
            key=replace(REVIEW.key, livemode=False),
            basis=replace(BASIS, recipient=None),
        ),
        "in_review_fixed_letter": replace(
            REVIEW,
            letter=replace(
                LETTER, by=Author.FIXED, fixed_because=FixedBecause.REFUSED, rules=("deadline",)
            ),
        ),
        "in_review_several_invoices": replace(
            REVIEW,
            brief=Brief(notice=1, family=Family.SEVERAL_INVOICES, locale="en"),
            basis=replace(BASIS, invoices=(*BASIS.invoices, replace(BASIS.invoices[0], id="in_2"))),
            facts=facts(
                INVOICE,
                replace(
                    INVOICE,
                    id=InvoiceId("in_2"),
                    number="A-13",
                    currency="jpy",
                    total=4900,
                    next_attempt=None,
                ),
            ),
        ),
        "in_review_edited": replace(
            REVIEW, letter=replace(LETTER, by=Author.PERSON, edited_by=ANNE)
        ),
        "in_review_second_notice": replace(
            REVIEW, brief=Brief(notice=2, family=Family.NEEDS_NEW_CARD, locale="en"), sent=1
        ),
        "by_itself": replace(REVIEW, by_itself=True, revision=1),
        "approved_by_policy": replace(APPROVED, approved_by=POLICY, revision=1),
        "left_to_a_person": replace(REVIEW, doubts=(Doubt.PARTLY_PAID, Doubt.STRANGE_TEXT)),
        "first_retry": FIRST_RETRY,
        "first_retry_test_mode": replace(FIRST_RETRY, key=replace(REVIEW.key, livemode=False)),
        "approved": APPROVED,
        "approved_at_night": replace(
            APPROVED,
            approved_at=datetime(2026, 11, 21, 9, 12, tzinfo=UTC),
            send_at=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
        ),
        "approved_over_budget": replace(
            APPROVED, send_at=NOW + timedelta(hours=48), over_budget=True
        ),
        "undone": replace(REVIEW, undone_by=ANNE, undone_at=NOW, revision=4),
        "differed": replace(REVIEW, differed=True, revision=4),
        "sending": replace(APPROVED, state=State.SENDING, handed=3),
        "unclear": replace(APPROVED, state=State.UNCLEAR, handed=3),
        "unclear_restored": replace(APPROVED, state=State.UNCLEAR, handed=3, restored_at=NOW),
        "sent": SENT,
        "rejected": replace(REJECTED, decision=Decision.REJECTED),
        "calls": replace(
            REJECTED, decision=Decision.CALLS, decided_note="spoke to *Ana* on Monday <!here>"
        ),
        "written_anew": replace(
            REVIEW,
            state=State.DRAFTING,
            letter=None,
            basis=None,
            redrafts=1,
            decision=Decision.ANEW,
            decided_by=ANNE,
            decided_at=NOW,
            decided_note="warmer, please",
        ),
        "reading": replace(REVIEW, state=State.WAITING, why=Why.FACTS, facts=None, letter=None),
        "snoozed": SNOOZED,
        "awaits_retry": replace(
            SNOOZED,
            retry_waited=NOW + timedelta(hours=5),
            not_before=NOW + timedelta(hours=6),
            sent=0,
            last_sent_at=None,
        ),
        "checkout": replace(SENT, why=Why.CHECKOUT),
        "incident": replace(SENT, why=Why.INCIDENT),
        "end": replace(SENT, why=Why.END),
        "vip": VIP,
        "vip_taken": replace(VIP, taken_by=ANNE, taken_at=NOW),
        "vip_handed_over": replace(
            VIP, owner="U1MAX", passed=1, passed_by=ANNE, passed_at=NOW, passed_note="*his* friend"
        ),
        "vip_no_more": replace(REVIEW, reasons=(Reason(because=Because.OVERRIDE, name=str(ANNE)),)),
        "vip_contacted": replace(VIP, contacted_by=ANNE, contacted_at=NOW),
        "vip_paid": replace(VIP, state=State.CLOSED, why=Why.RECOVERED, closed_at=NOW, facts=paid),
        "disputed": by_hand(Why.DISPUTED, disputed=Why.DISPUTED),
        "fraud": by_hand(Why.FRAUD, disputed=Why.FRAUD),
        "replied": by_hand(Why.REPLIED, replied=True),
        **odd_stories(),
        **{
            f"closed_{why}": closed(why, facts=paid)
            for why in Why
            if why in _FINAL and why not in {Why.NOTHING_OWED, Why.CUSTOMER_GONE}
        },
    }


def odd_stories() -> dict[str, Case]:
    """The odd inputs, each with its own sentence."""

    def with_invoice(**fields: Any) -> Case:
        return replace(REVIEW, facts=facts(replace(INVOICE, **fields)))

    def nowhere(trouble: AddressTrouble, email: str | None) -> Case:
        return by_hand(Why.NO_ADDRESS, facts=facts(email=email, recipient=None, trouble=trouble))

    asked = Payment(needs_action=True, decline=Decline(code="authentication_required"))
    suspected = Payment(decline=Decline(code="card_declined", decline_code="fraudulent"))
    return {
        "odd_restored": replace(REVIEW, restored_at=NOW),
        "odd_no_subscription": with_invoice(subscription=None),
        "odd_no_email": nowhere(AddressTrouble.MISSING, None),
        "odd_two_addresses": nowhere(AddressTrouble.SEVERAL, "a@example.com, b@example.com"),
        "odd_invalid_address": nowhere(AddressTrouble.INVALID, "ana at home"),
        "odd_suppressed_address": nowhere(AddressTrouble.SUPPRESSED, "ana@example.com"),
        "odd_customer_gone": closed(
            Why.CUSTOMER_GONE, facts=facts(gone=True, recipient=None, email=None, name=None)
        ),
        "odd_partly_paid": with_invoice(paid=1900, remaining=3000),
        "odd_authentication": with_invoice(payment=asked),
        "odd_first_invoice": by_hand(
            Why.FIRST_INVOICE, facts=facts(replace(INVOICE, first=True, attempt=1))
        ),
        "odd_nothing_owed": closed(
            Why.NOTHING_OWED,
            opening=(),
            facts=facts(
                replace(INVOICE, status=InvoiceStatus.PAID, total=0, remaining=0, payment=None)
            ),
        ),
        "odd_fraud": by_hand(Why.FRAUD, facts=facts(replace(INVOICE, payment=suspected))),
        "odd_send_invoice": with_invoice(automatic=False, payment=None, next_attempt=None),
    }


_FINAL = frozenset(
    {Why.RECOVERED, Why.VOIDED, Why.WRITTEN_OFF, Why.NOTHING_OWED, Why.SUBSCRIPTION_ENDED}
    | {Why.CUSTOMER_GONE, Why.STOPPED, Why.EXHAUSTED, Why.ERASED}
)

STORIES = stories()
