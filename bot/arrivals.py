"""An event that came: whose is it, what does it say? Then casework, once."""

from bot.billing import Billing
from bot.case.arrival import Arrival
from bot.case.ids import CustomerKey, InvoiceId
from bot.case.money import Money
from bot.casework import Casework
from bot.errors import BillingTrouble
from bot.memory import Memory
from bot.store.arrival_rows import ArrivalClaim
from bot.work import Outcome, Take

PAID = "invoice.paid"


class Arrivals:
    """Finds out whose an event is, with one Stripe call at most, and tells casework."""

    def __init__(self, billing: Billing, memory: Memory, casework: Casework, *, take: Take) -> None:
        self._billing = billing
        self._memory = memory
        self._casework = casework
        self._take = take

    async def handle(self, claim: ArrivalClaim) -> Outcome | None:
        """Hint the case that an arrival is about, or open one; handled when that is committed.

        Raises BillingTrouble when Stripe could not be asked: the arrival is then tried again.
        """
        key = await self._whose(claim.arrival)
        if key is not None and claim.arrival.type == PAID:
            await self._count(claim.arrival, key)
        return await self._casework.arrived(claim, key, take=self._take)

    async def _whose(self, arrival: Arrival) -> CustomerKey | None:
        if arrival.customer is not None:
            return _key(arrival, arrival.customer)
        if arrival.invoice is not None:
            known = await self._memory.customer_of_invoice(arrival)
            return known or await self._ask(arrival, arrival.invoice)
        if arrival.charge is not None:
            customer = await self._billing.resolve_charge(arrival.charge, arrival.account)
            return _key(arrival, customer) if customer else None
        return None

    async def _ask(self, arrival: Arrival, invoice: InvoiceId) -> CustomerKey | None:
        try:
            reading = await self._billing.read_invoice(invoice, arrival.account)
        except BillingTrouble as trouble:
            if trouble.code == "resource_missing":
                return None
            raise
        return _key(arrival, reading.customer.id)

    async def _count(self, arrival: Arrival, key: CustomerKey) -> None:
        """Keep a lifetime value true that was filled before this payment."""
        filled_at = await self._memory.filled_at(key)
        if filled_at is None or arrival.created <= filled_at or arrival.invoice is None:
            return
        invoice = (await self._billing.read_invoice(arrival.invoice, arrival.account)).invoice
        if invoice.paid > 0:
            paid = Money(minor=invoice.paid, currency=invoice.currency)
            await self._casework.payment_counted(key, invoice.id, paid)


def _key(arrival: Arrival, customer: str) -> CustomerKey:
    return CustomerKey(account=arrival.account, livemode=arrival.livemode, customer=customer)
