"""Mails and cases for the tests of delivery."""

from datetime import UTC, datetime

from bot.case.ids import CaseId, CustomerKey
from bot.case.letter import Basis, BasisInvoice, Family
from bot.case.model import Case, State
from bot.case.money import Money
from bot.delivery.transport import Mail
from bot.words.fixed import fixed

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
LINK = "https://invoice.stripe.com/i/acct_1/test_a?s=em&x=1"
SENDER = "Acme Billing <billing@acme.test>"


def mail(**changes: object) -> Mail:
    made: dict[str, object] = {
        "message_id": "<send.case_1.1@acme.test>",
        "sender": SENDER,
        "reply_to": None,
        "recipient": "camille@example.com",
        "subject": "Your payment to Acme",
        "text": "Hello Camille,\n.hidden dot\n..two\n",
        "html": "<p>Hello Camille,</p>",
        "language": "en",
        "date": NOON,
    }
    return Mail(**(made | changes))  # type: ignore[arg-type]


def invoice(number: int, **changes: object) -> BasisInvoice:
    made: dict[str, object] = {
        "id": f"in_{number}",
        "number": f"A-{number}",
        "status": "open",
        "remaining": Money(minor=4900, currency="eur"),
        "plan": "Team",
        "subscribed": True,
        "card": "visa 4242",
        "method": "card",
    }
    return BasisInvoice(**(made | changes))  # type: ignore[arg-type]


def basis(*invoices: BasisInvoice, recipient: str | None = "camille@example.com") -> Basis:
    return Basis(
        recipient=recipient,
        sender=SENDER,
        customer_name="Camille Roy",
        first_name="Camille",
        invoices=invoices or (invoice(1),),
    )


def sending(facts: Basis, family: Family = Family.SOFT, locale: str = "en") -> Case:
    return Case(
        id=CaseId("case_1"),
        key=CustomerKey(account="", livemode=False, customer="cus_1"),
        opened_at=NOON,
        state=State.SENDING,
        revision=3,
        handed=3,
        letter=fixed(family, 1, locale),
        basis=facts,
    )
