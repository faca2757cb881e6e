"""Facts gathered from the sandbox's Stripe over HTTP: one test an odd input."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.billing import Billing
from bot.case.decline import meaning
from bot.case.effects import Gather, Look
from bot.case.events import FactsRead
from bot.case.facts import AddressTrouble, Customer, Invoice, InvoiceStatus
from bot.case.ids import CaseId, CustomerKey, InvoiceId
from bot.case.letter import Family
from bot.case.model import Case
from bot.case.money import Money
from bot.case.standing import CustomerRecord
from bot.errors import BillingTrouble
from bot.gather import Sources, gather, look
from bot.sandbox.stripe import LIVE_KEY, TEST_KEY, Stripe
from bot.sandbox.stripe_ledger import Home
from bot.sandbox.stripe_objects import Json

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
CASE = CaseId("case-1")


class TickingClock:
    """Stands still until it is asked: each look at it costs a second."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
async def stripe(clock: TickingClock) -> AsyncIterator[Stripe]:
    server = Stripe(clock)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def sources(stripe: Stripe, clock: TickingClock) -> AsyncIterator[Sources]:
    billing = Billing(TEST_KEY, clock=clock, base=stripe.api_base, retries=0)
    yield Sources(billing=billing, clock=clock, listed=frozenset({"tier"}))
    await billing.close()


def case_of(*invoices: Json, livemode: bool = False) -> Case:
    customer = invoices[0]["customer"]
    return Case(
        id=CASE,
        key=CustomerKey(account="", livemode=livemode, customer=customer),
        opened_at=NOON,
        joined=tuple(InvoiceId(one["id"]) for one in invoices),
    )


def unknown(case: Case) -> CustomerRecord:
    return CustomerRecord(key=case.key)


async def gathered(sources: Sources, case: Case, known: CustomerRecord | None = None) -> FactsRead:
    return await gather(case, known or unknown(case), Gather(case_id=CASE), sources)


async def read(sources: Sources, *invoices: Json) -> tuple[Customer, Invoice]:
    facts = (await gathered(sources, case_of(*invoices))).facts
    return facts.customer, facts.invoices[0]


def marie(stripe: Stripe, **more: object) -> Json:
    who = {"name": "Marie Dupont", "email": "marie@acme.example", "country": "FR"}
    who |= {"created": NOON - timedelta(days=800), "locales": ["fr-FR"]} | more
    return stripe.world.add_customer(**who)


def failed(stripe: Stripe, **why: str) -> Json:
    return stripe.world.fail_payment(stripe.world.subscribe(marie(stripe), "Team"), **why)


async def test_a_whole_reading_costs_three_calls(stripe: Stripe, sources: Sources) -> None:
    subscription = stripe.world.subscribe(marie(stripe, metadata={"tier": "gold", "x": "y"}))
    stripe.world.past_paid(subscription, count=3)
    invoice = stripe.world.fail_payment(subscription)
    told = await gathered(sources, case_of(invoice))
    customer = told.facts.customer
    assert len(stripe.calls) == 3
    assert (customer.name, customer.first_name) == ("Marie Dupont", "Marie")
    assert (customer.recipient, customer.trouble) == ("marie@acme.example", None)
    assert (customer.locales, customer.zone) == (("fr-FR", "fr"), "Europe/Paris")
    assert customer.since == NOON - timedelta(days=800)
    assert customer.metadata == (("tier", "gold"),)
    assert customer.lifetime == (Money(minor=14_700, currency="usd"),)
    assert told.facts.invoices[0].subscription is not None
    assert told.facts.invoices[0].subscription.plan == "Team"


async def test_what_was_paid_is_asked_once_and_handed_over_to_be_remembered(
    stripe: Stripe, sources: Sources
) -> None:
    subscription = stripe.world.subscribe(marie(stripe))
    stripe.world.past_paid(subscription, count=2)
    case = case_of(stripe.world.fail_payment(subscription))
    first = await gathered(sources, case, replace(unknown(case), failures=3, recovered=2))
    assert first.known is not None
    assert first.known.filled_at == first.facts.read_at
    assert (first.known.paid_invoices, first.known.failures) == (2, 3)
    stripe.calls.clear()
    again = await gathered(sources, replace(case, facts=first.facts), first.known)
    assert again.known is None
    assert len(stripe.calls) == 1
    assert again.facts.customer == first.facts.customer
    assert (again.facts.customer.failures, again.facts.customer.recovered) == (3, 2)


async def test_a_reading_is_as_old_as_its_beginning(
    stripe: Stripe, sources: Sources, clock: TickingClock
) -> None:
    case = case_of(failed(stripe))
    before = clock.at
    stripe.fault("slow", seconds=30)
    told = await gathered(sources, case)
    assert told.facts.read_at == before + timedelta(seconds=1)
    assert told.at >= before + timedelta(seconds=31)


async def test_all_joined_invoices_are_read_oldest_first(stripe: Stripe, sources: Sources) -> None:
    customer = marie(stripe)
    new = stripe.world.fail_payment(stripe.world.subscribe(customer, "Extra", currency="jpy"))
    subscription = stripe.world.subscribe(customer, "Team")
    old = stripe.world.renew(subscription, at=NOON - timedelta(days=30))
    facts = (await gathered(sources, case_of(new, old))).facts
    assert [one.id for one in facts.invoices] == [old["id"], new["id"]]
    assert [one.currency for one in facts.invoices] == ["usd", "jpy"]


async def test_the_first_try_of_an_operator_has_no_subscription_no_name_and_no_address(
    stripe: Stripe, sources: Sources
) -> None:
    customer, invoice = await read(sources, stripe.world.stripe_trigger())
    assert (customer.name, customer.first_name, customer.email) == (None, None, None)
    assert customer.trouble is AddressTrouble.MISSING
    assert (invoice.subscription, invoice.remaining, invoice.owed) == (None, 2000, True)


@pytest.mark.parametrize(
    ("email", "trouble"),
    [
        (None, AddressTrouble.MISSING),
        ("marie@acme.example, paul@acme.example", AddressTrouble.SEVERAL),
        ("marie@acme.example\r\nBcc: eve@evil.example", AddressTrouble.INVALID),
        ("marie at acme", AddressTrouble.INVALID),
    ],
)
async def test_without_one_good_address_there_is_no_recipient(
    stripe: Stripe, sources: Sources, email: str | None, trouble: AddressTrouble
) -> None:
    subscription = stripe.world.subscribe(marie(stripe, email=email))
    customer, _ = await read(sources, stripe.world.fail_payment(subscription))
    assert (customer.recipient, customer.trouble) == (None, trouble)


async def test_an_address_changed_after_the_invoice_was_written_counts(
    stripe: Stripe, sources: Sources
) -> None:
    invoice = failed(stripe)
    stripe.world.change_email(invoice["customer"], "new@acme.example")
    customer, _ = await read(sources, invoice)
    assert customer.recipient == "new@acme.example"


async def test_a_deleted_customer_is_gone_and_can_be_named_but_not_written_to(
    stripe: Stripe, sources: Sources
) -> None:
    invoice = failed(stripe)
    stripe.world.delete_customer(invoice["customer"])
    customer, one = await read(sources, invoice)
    assert (customer.gone, customer.name, customer.recipient) == (True, "Marie Dupont", None)
    assert one.subscription is not None
    assert one.subscription.ended
    assert [call.status for call in stripe.calls] == [200, 200]


async def test_a_partial_payment_leaves_the_rest(stripe: Stripe, sources: Sources) -> None:
    invoice = failed(stripe)
    stripe.world.pay_partly(invoice, 2000)
    _, one = await read(sources, invoice)
    assert (one.total, one.paid, one.remaining, one.owed) == (4900, 2000, 2900, True)
    assert meaning(one.payment, one).family is Family.UNKNOWN


async def test_authentication_is_no_refusal(stripe: Stripe, sources: Sources) -> None:
    invoice = stripe.world.require_action(stripe.world.subscribe(marie(stripe)))
    _, one = await read(sources, invoice)
    assert one.payment is not None
    assert (one.payment.needs_action, one.payment.decline) == (True, None)
    assert meaning(one.payment, one).family is Family.AUTHENTICATION


async def test_the_first_invoice_of_a_subscription_is_known_as_such(
    stripe: Stripe, sources: Sources
) -> None:
    invoice = stripe.world.first_invoice(marie(stripe))
    stripe.world.fail_payment(invoice)
    _, one = await read(sources, invoice)
    assert one.first


async def test_nothing_is_owed_on_a_zero_amount(stripe: Stripe, sources: Sources) -> None:
    invoice = stripe.world.renew(stripe.world.subscribe(marie(stripe)), amount=0)
    _, one = await read(sources, invoice)
    assert (one.remaining, one.owed) == (0, False)


async def test_suspected_fraud_is_told_and_the_code_kept(stripe: Stripe, sources: Sources) -> None:
    _, one = await read(sources, failed(stripe, decline_code="fraudulent"))
    found = meaning(one.payment, one)
    assert (found.suspicious, found.secret, found.family) == (True, True, Family.REFUSED)


async def test_an_overdue_invoice_that_stripe_only_mailed_was_never_tried(
    stripe: Stripe, sources: Sources
) -> None:
    invoice = stripe.world.send_invoice(marie(stripe), 9900)
    stripe.world.overdue(invoice)
    _, one = await read(sources, invoice)
    assert (one.automatic, one.next_attempt, one.owed) == (False, None, True)
    assert one.due is not None
    assert meaning(one.payment, one).family is Family.NOT_TRIED


async def test_a_paid_invoice_is_read_as_paid(stripe: Stripe, sources: Sources) -> None:
    invoice = failed(stripe)
    stripe.world.pay(invoice)
    _, one = await read(sources, invoice)
    assert (one.status, one.owed) == (InvoiceStatus.PAID, False)


async def test_an_invoice_that_stripe_forgot_is_gone_with_what_we_knew(
    stripe: Stripe, sources: Sources
) -> None:
    invoice = failed(stripe)
    case = case_of(invoice)
    first = await gathered(sources, case)
    del stripe.world.tables["invoice"][invoice["id"]]
    now = await gathered(sources, replace(case, facts=first.facts), first.known)
    (one,) = now.facts.invoices
    assert one == replace(first.facts.invoices[0], status=InvoiceStatus.GONE)
    assert now.facts.customer == first.facts.customer


async def test_an_invoice_that_nobody_ever_saw_leaves_an_empty_reading(sources: Sources) -> None:
    case = case_of({"id": "in_never", "customer": "cus_1"})
    told = await gathered(sources, case)
    assert told.facts.invoices == ()
    assert (told.facts.customer.id, told.known) == ("cus_1", None)


async def test_a_live_case_never_takes_facts_of_test_mode(stripe: Stripe, sources: Sources) -> None:
    with pytest.raises(BillingTrouble, match="wrong_mode"):
        await gathered(sources, case_of(failed(stripe), livemode=True))


async def test_a_live_case_is_read_with_a_live_key(stripe: Stripe, clock: TickingClock) -> None:
    customer = stripe.world.add_customer(home=Home(livemode=True), email="ann@acme.example")
    invoice = stripe.world.fail_payment(stripe.world.subscribe(customer))
    billing = Billing(LIVE_KEY, clock=clock, base=stripe.api_base)
    sources = Sources(billing=billing, clock=clock)
    told = await gathered(sources, case_of(invoice, livemode=True))
    await billing.close()
    assert told.facts.customer.recipient == "ann@acme.example"


async def test_trouble_while_reading_leaves_no_half_facts(stripe: Stripe, sources: Sources) -> None:
    customer = marie(stripe)
    first = stripe.world.fail_payment(stripe.world.subscribe(customer, "Team"))
    second = stripe.world.fail_payment(stripe.world.subscribe(customer, "Extra"))
    stripe.fault("500", path=f"/v1/invoices/{second['id']}")
    with pytest.raises(BillingTrouble, match="http_500"):
        await gathered(sources, case_of(first, second))


async def test_the_last_look_costs_one_call_and_brings_the_link(
    stripe: Stripe, sources: Sources, clock: TickingClock
) -> None:
    invoice = failed(stripe)
    case = case_of(invoice)
    first = await gathered(sources, case)
    assert first.known is not None
    stripe.calls.clear()
    clock.at += timedelta(days=2)
    effect = Look(case_id=CASE, revision=4)
    seen = await look(replace(case, facts=first.facts), first.known, effect, sources)
    assert len(stripe.calls) == 1
    assert seen.revision == 4
    assert seen.links == {invoice["id"]: f"{stripe.api_base}/invoice/{invoice['id']}"}
    assert seen.facts.customer == first.facts.customer
    assert seen.facts.invoices == first.facts.invoices
    assert seen.facts.read_at > first.facts.read_at + timedelta(days=2)
