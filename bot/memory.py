"""What the entrances may ask the database: read only, one short transaction each."""

from collections.abc import AsyncIterator
from datetime import datetime

from bot.case.arrival import Arrival
from bot.case.ids import CaseId, CustomerKey
from bot.case.letter import Asked, HandedOver
from bot.case.model import Case
from bot.store import cases, inbox, journal, standing, verify, waiting
from bot.store.db import Database
from bot.store.inbox import Kept
from bot.store.journal import Entry
from bot.store.verify import Checked
from bot.trail import handed_over


class Memory:
    """Answers from the database; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def case(self, case_id: CaseId) -> Case | None:
        """A case as it stands."""
        async with self._database.read() as link:
            return await cases.load(link, case_id)

    async def open_case(self, key: CustomerKey) -> Case | None:
        """The customer's one open case."""
        async with self._database.read() as link:
            return await cases.open_of(link, key)

    async def customer_of_invoice(self, arrival: Arrival) -> CustomerKey | None:
        """Whose an invoice is, if a case has it."""
        if arrival.invoice is None:
            return None
        async with self._database.read() as link:
            case = await cases.of_invoice(
                link, arrival.invoice, account=arrival.account, livemode=arrival.livemode
            )
        return case.key if case else None

    async def filled_at(self, key: CustomerKey) -> datetime | None:
        """When what a customer paid in all was filled, if it was."""
        async with self._database.read() as link:
            return await standing.filled_at(link, key)

    async def journal(self, case_id: CaseId) -> list[Entry]:
        """Everything that happened to a case, oldest first."""
        async with self._database.read() as link:
            return await journal.entries(link, case_id)

    async def asked(self, case_id: CaseId, revision: int) -> Asked | None:
        """The words and facts that a person was asked about at a revision, exactly as they were.

        None where nobody was asked, and once the case is erased.
        """
        async with self._database.read() as link:
            return await journal.asked(link, case_id, revision)

    async def handed_over(self, case_id: CaseId) -> tuple[HandedOver, ...]:
        """Every letter of a case that was given to the mail server, as it was approved."""
        async with self._database.read() as link:
            return handed_over(await journal.entries(link, case_id))

    async def case_ids(self) -> list[CaseId]:
        """Every case there ever was, the first one first."""
        async with self._database.read() as link:
            return await journal.case_ids(link)

    async def journal_breaks(self, case_id: CaseId) -> list[int]:
        """Where a case's chain does not hold: sequence numbers, none when it is whole."""
        async with self._database.read() as link:
            found = await verify.one(link, case_id)
        return [flaw.sequence for flaw in found.flaws] if found else []

    async def checked(self, case_id: CaseId | None = None) -> AsyncIterator[Checked]:
        """Every case held against its digests, or one; nothing for one that is not there."""
        if case_id is None:
            async for checked in verify.every(self._database):
                yield checked
            return
        async with self._database.read() as link:
            found = await verify.one(link, case_id)
        if found is not None:
            yield found

    async def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the longest-waiting effect or arrival is due that no pause holds back."""
        async with self._database.read() as link:
            return await waiting.oldest_due(link, now)

    async def newest_arrivals(self, most: int) -> list[Kept]:
        """The last of Stripe's events that came, oldest first."""
        async with self._database.read() as link:
            return await inbox.newest(link, most)
