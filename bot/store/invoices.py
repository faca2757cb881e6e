"""Which of our own account's invoices we know of."""

from collections.abc import Collection

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.ids import CaseId, InvoiceId
from bot.store.tables import case_invoices, cases, muted


async def known(
    connection: AsyncConnection, numbers: Collection[InvoiceId], *, livemode: bool
) -> set[InvoiceId]:
    """Those of these invoices that belong to a case, open or closed, or are muted."""
    found: set[InvoiceId] = set()
    for table in (case_invoices, muted):
        query = select(table.c.invoice).where(
            table.c.invoice.in_(numbers), table.c.account == "", table.c.livemode == livemode
        )
        found |= {InvoiceId(one) for one in (await connection.execute(query)).scalars()}
    return found


async def in_open_cases(connection: AsyncConnection, *, livemode: bool) -> dict[InvoiceId, CaseId]:
    """Every invoice of an open case, with the case: ids only, no body is read."""
    query = (
        select(case_invoices.c.invoice, cases.c.id)
        .join(cases, cases.c.id == case_invoices.c.case_id)
        # Spelled as the partial index has it, so that a planner can see that it serves.
        .where(text("cases.state <> 'closed'"))
        .where(cases.c.account == "", cases.c.livemode == livemode)
    )
    rows = await connection.execute(query)
    return {InvoiceId(row.invoice): CaseId(row.id) for row in rows}
