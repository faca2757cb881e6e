"""A case that wants a letter, and a model to ask, for the tests of drafting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.case.effects import Draft
from bot.case.facts import Customer, Facts, Invoice, InvoiceStatus, Subscription
from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.letter import Brief, Family
from bot.case.model import Case, State
from bot.case.standing import CustomerRecord
from bot.drafting.writer import ModelWriter
from bot.sandbox.model import KEY, MODEL, Model

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
ID = CaseId("case_1")
KEY_OF_CUSTOMER = CustomerKey(account="", livemode=False, customer="cus_1")
KNOWN = CustomerRecord(key=KEY_OF_CUSTOMER)
EFFECT = Draft(case_id=ID, revision=4)
COMPANY = "Acme"


class StillClock:
    """Moves only when somebody sleeps on it."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def brief(**changes: object) -> Brief:
    made: dict[str, object] = {"notice": 1, "family": Family.SOFT, "locale": "en"}
    return Brief(**(made | changes))  # type: ignore[arg-type]


def invoice(which: int = 1, **changes: object) -> Invoice:
    made: dict[str, object] = {
        "id": InvoiceId(f"in_{which}"),
        "number": f"A-{which}",
        "status": InvoiceStatus.OPEN,
        "currency": "eur",
        "total": 4900,
        "paid": 0,
        "remaining": 4900,
        "attempt": 1,
        "created": NOON,
        "subscription": Subscription(id="sub_1", status="past_due", plan="Team"),
    }
    return Invoice(**(made | changes))  # type: ignore[arg-type]


def case(asked: Brief | None = None, *invoices: Invoice, customer: Customer | None = None) -> Case:
    return Case(
        id=ID,
        key=KEY_OF_CUSTOMER,
        opened_at=NOON,
        state=State.DRAFTING,
        revision=4,
        brief=asked or brief(),
        facts=Facts(
            read_at=NOON,
            customer=customer or Customer(id="cus_1", since=NOON, paid_invoices=2),
            invoices=invoices or (invoice(),),
        ),
    )


def of_customer(**changes: object) -> Case:
    told = case()
    assert told.facts is not None
    customer = replace(told.facts.customer, **changes)  # type: ignore[arg-type]
    return replace(told, facts=replace(told.facts, customer=customer))


@asynccontextmanager
async def serving() -> AsyncIterator[Model]:
    model = Model(StillClock())
    await model.start()
    try:
        yield model
    finally:
        await model.stop()


@asynccontextmanager
async def writing(
    base_url: str, *, slots: int = 8, seconds: float = 5
) -> AsyncIterator[ModelWriter]:
    writer = ModelWriter(key=KEY, model=MODEL, base_url=base_url, slots=slots, seconds=seconds)
    try:
        yield writer
    finally:
        await writer.close()
