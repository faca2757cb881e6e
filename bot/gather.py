"""The facts about a case and its customer, from billing and what we remember."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.billing import Billing
from bot.billing_lists import PaidHistory
from bot.billing_reading import InvoiceReading
from bot.case.effects import Gather, Look
from bot.case.events import FactsRead, Looked
from bot.case.facts import Customer, Facts, Invoice, InvoiceStatus
from bot.case.ids import InvoiceId
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.clock import Clock
from bot.customer import known_customer
from bot.errors import BillingTrouble


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where facts come from; `listed` are the metadata keys that a rule names."""

    billing: Billing
    clock: Clock
    listed: frozenset[str] = frozenset()


async def gather(case: Case, known: CustomerRecord, _effect: Gather, sources: Sources) -> FactsRead:
    """Read every invoice of the case, oldest first, and their customer.

    One call an invoice; a second for the plan's name, unless it was asked within the hour; a
    third for what was paid in all, once a customer. Raises BillingTrouble; may be repeated.
    """
    read_at = sources.clock.now()
    readings = await _read(case, sources.billing)
    filled, began = known, None
    if known.filled_at is None and any(not one.customer.deleted for one in readings.values()):
        history = await sources.billing.paid_history(case.key.customer, case.key.account)
        filled, began = _filled(known, history, read_at), history.first_paid_at
    facts = await _facts(case, filled, readings, read_at, sources)
    since = _earliest(facts.customer.since, began)
    facts = replace(facts, customer=replace(facts.customer, since=since))
    fresh = filled if filled is not known else None
    return FactsRead(at=sources.clock.now(), facts=facts, known=fresh)


async def look(case: Case, known: CustomerRecord, effect: Look, sources: Sources) -> Looked:
    """The last look: one call an invoice, with the payment pages' links, never to be stored."""
    read_at = sources.clock.now()
    readings = await _read(case, sources.billing)
    facts = await _facts(case, known, readings, read_at, sources)
    return Looked(
        at=sources.clock.now(),
        revision=effect.revision,
        facts=facts,
        links={number: one.link for number, one in readings.items() if one.link is not None},
    )


async def _read(case: Case, billing: Billing) -> Mapping[InvoiceId, InvoiceReading]:
    """What Stripe has of the case's invoices; those that it no longer knows are missing."""
    found: dict[InvoiceId, InvoiceReading] = {}
    for number in case.joined:
        try:
            reading = await billing.read_invoice(number, case.key.account)
        except BillingTrouble as trouble:
            if trouble.code != "resource_missing":
                raise
            continue
        if reading.livemode != case.key.livemode:
            raise BillingTrouble("wrong_mode", permanent=True)
        found[number] = reading
    return found


async def _facts(
    case: Case,
    known: CustomerRecord,
    readings: Mapping[InvoiceId, InvoiceReading],
    read_at: datetime,
    sources: Sources,
) -> Facts:
    invoices = [await _with_plan(case, one, sources.billing) for one in readings.values()]
    gone = [
        replace(one, status=InvoiceStatus.GONE) for one in _before(case) if one.id not in readings
    ]
    ordered = sorted([*invoices, *gone], key=lambda one: (one.created, one.id))
    return Facts(
        read_at=read_at,
        customer=_customer(case, known, readings, sources.listed, read_at),
        invoices=tuple(ordered),
    )


async def _with_plan(case: Case, reading: InvoiceReading, billing: Billing) -> Invoice:
    """The invoice with its plan's name, which it keeps for the life of a case.

    So a last look costs no second call, and a product renamed meanwhile voids no approval.
    """
    invoice, product = reading.invoice, reading.product
    if invoice.subscription is None or product is None:
        return invoice
    name = _named_before(case, product) or await billing.product_name(product, case.key.account)
    return replace(invoice, subscription=replace(invoice.subscription, plan=name))


def _named_before(case: Case, product: str) -> str | None:
    known = (one.subscription for one in _before(case) if one.subscription)
    return next((one.plan for one in known if product in one.prices), None)


def _customer(
    case: Case,
    known: CustomerRecord,
    readings: Mapping[InvoiceId, InvoiceReading],
    listed: frozenset[str],
    read_at: datetime,
) -> Customer:
    before = case.facts.customer if case.facts else Customer(id=case.key.customer)
    latest = [*readings.values()][-1:]
    now = before
    for one in latest:
        now = known_customer(one.customer, one.subscription_metadata, listed, read_at)
    return replace(
        now,
        name=now.name or before.name if now.gone else now.name,
        since=_earliest(now.since, before.since),
        lifetime=known.lifetime,
        paid_invoices=known.paid_invoices,
        failures=known.failures,
        recovered=known.recovered,
    )


def _before(case: Case) -> tuple[Invoice, ...]:
    return case.facts.invoices if case.facts else ()


def _filled(known: CustomerRecord, history: PaidHistory, at: datetime) -> CustomerRecord:
    return replace(
        known, lifetime=history.lifetime, paid_invoices=history.paid_invoices, filled_at=at
    )


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
