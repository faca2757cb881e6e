"""Open invoices held against our cases: what no event told, of failures and of their end.

An invoice whose failure nobody told us of, and one of an open case that is open no longer, become
arrivals with an id of their own, which is the same for the same fact. Our own account only: another
account's invoices cannot be listed without naming it. Uncollectible ones are not listed either:
they were given up before we heard of them, and a case that has one hears of its end by an event.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from bot.billing import Billing
from bot.billing_lists import Unpaid
from bot.case.arrival import Arrival
from bot.case.events import News
from bot.case.facts import InvoiceStatus
from bot.case.ids import CaseId, InvoiceId
from bot.case.model import Case
from bot.clock import Clock
from bot.store import cases, inbox, invoices
from bot.store.db import Database

PAGES = 50  # of a hundred: five thousand open invoices, the newest first
TRIES_ASKED = 100  # a look; what is left over is asked about at the next

# Keeps arrivals that are not known yet.
Keep = Callable[[Sequence[Arrival]], Awaitable[object]]


class OpenInvoices:
    """Looks through the open invoices of one mode. A look that is broken off is simply repeated."""

    def __init__(
        self, database: Database, billing: Billing, clock: Clock, *, livemode: bool, keep: Keep
    ) -> None:
        self._database = database
        self._billing = billing
        self._clock = clock
        self._livemode = livemode
        self._keep = keep

    async def look(self, floor: datetime) -> None:
        """What failed before `floor` is kept as stale. Raises BillingTrouble.

        Our cases are read first: a case that is opened meanwhile must not seem to have ended.
        """
        async with self._database.read() as link:
            ours = await invoices.in_open_cases(link, livemode=self._livemode)
        listed: set[InvoiceId] = set()
        after, asks = None, TRIES_ASKED
        for _ in range(PAGES):
            page = await self._billing.open_invoices(after)
            listed |= {one.id for one in page.entries}
            asks -= await self._unheard(page.entries, floor, asks)
            after = page.after
            if after is None:
                await self._ended({one: case for one, case in ours.items() if one not in listed})
                return

    async def _unheard(self, listed: Iterable[Unpaid], floor: datetime, asks: int) -> int:
        """Keep what failed and nobody told; how many times Stripe had to be asked when."""
        now = self._clock.now()
        failed = {failure_id(one): one for one in listed if one.failed(now)}
        if not failed:
            return 0
        async with self._database.read() as link:
            numbers = [one.id for one in failed.values()]
            known = await invoices.known(link, numbers, livemode=self._livemode)
            new = await inbox.unknown(link, failed.keys())
        asked, found = 0, []
        for number in sorted(new):
            one = failed[number]
            at = one.due or (one.created if one.created >= floor else None)
            if one.id in known or (at is None and asked == asks):
                continue
            if at is None:
                asked += 1
                at = await self._billing.last_try(one.id) or one.created
            found.append(failure(one, at, livemode=self._livemode, stale=at < floor))
        await self._keep(found)
        return asked

    async def _ended(self, missing: dict[InvoiceId, CaseId]) -> None:
        if not missing:
            return
        async with self._database.read() as link:
            ours = await cases.load_many(link, list(set(missing.values())))
        pairs = ((ours.get(case), number) for number, case in missing.items())
        now = self._clock.now()
        await self._keep([ended(case, one, now) for case, one in pairs if case and owes(case, one)])


def owes(case: Case, number: InvoiceId) -> bool:
    """Whether a case believes that this invoice is open and owed."""
    read = case.facts.invoices if case.facts else ()
    return any(one.id == number and one.status is InvoiceStatus.OPEN and one.owed for one in read)


def failure_id(one: Unpaid) -> str:
    """The same for the same failure: Stripe counts its tries."""
    return f"poll:{one.id}:{one.attempt}"


def failure(one: Unpaid, at: datetime, *, livemode: bool, stale: bool) -> Arrival:
    """That an invoice failed, as nobody told us. `at` is when; pure."""
    return Arrival(
        id=failure_id(one),
        type="poll.unpaid",
        created=at,
        livemode=livemode,
        account="",
        news=News.FAILURE,
        stale=stale,
        invoice=one.id,
        customer=one.customer,
    )


def ended(case: Case, number: InvoiceId, now: datetime) -> Arrival:
    """That an invoice of an open case is open no longer: once for each reading that said it was."""
    read_at = case.facts.read_at if case.facts else case.opened_at
    return Arrival(
        id=f"poll:{number}:ended:{int(read_at.timestamp())}",
        type="poll.ended",
        created=now,
        livemode=case.key.livemode,
        account="",
        news=News.END,
        invoice=number,
        customer=case.key.customer,
    )
