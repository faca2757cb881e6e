"""Whether all is well, in numbers: what is due, what was given up, what came and left last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, column, func, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import cases, inbox, outbox

_version = table("alembic_version", column("version_num"))


@dataclass(frozen=True, kw_only=True)
class Counts:
    """All times are UTC.

    `ready` effects are due, since `oldest_due` at the longest; `dead` ones were given up, of cases
    that are still open; `parked` are events of accounts that nobody told us about.
    """

    oldest_due: datetime | None
    ready: int
    dead: int
    parked: int
    last_event_at: datetime | None
    last_sent_at: datetime | None
    revision: str


async def counts(connection: AsyncConnection, now: datetime) -> Counts:
    """One question, each part answered by an index of its own."""
    due = select(func.min(outbox.c.due).label("oldest"), func.count().label("ready"))
    ready = due.where(outbox.c.state == "ready", outbox.c.due <= now).subquery()
    row = (
        await connection.execute(
            select(
                ready.c.oldest,
                ready.c.ready,
                _dead().label("dead"),
                _count_parked().label("parked"),
                select(func.max(inbox.c.received_at)).scalar_subquery().label("came"),
                _last_sent().label("sent"),
                select(_version.c.version_num).scalar_subquery().label("revision"),
            )
        )
    ).one()
    return Counts(
        oldest_due=row.oldest,
        ready=row.ready,
        dead=row.dead,
        parked=row.parked,
        last_event_at=row.came,
        last_sent_at=row.sent,
        revision=row.revision,
    )


async def came(
    connection: AsyncConnection, spans: Sequence[tuple[datetime, datetime]]
) -> list[bool]:
    """Whether any event of Stripe's came within each of these spans: after, and until."""
    query = select(*(_one_within(*span).label(f"span_{n}") for n, span in enumerate(spans)))
    row = (await connection.execute(query)).one()
    return [at is not None for at in row]


def _one_within(after: datetime, until: datetime) -> ScalarSelect[datetime]:
    within = select(inbox.c.received_at).where(
        inbox.c.received_at > after, inbox.c.received_at <= until
    )
    return within.order_by(inbox.c.received_at).limit(1).scalar_subquery()


def _dead() -> ScalarSelect[int]:
    given_up = select(func.count()).select_from(outbox).join(cases, cases.c.id == outbox.c.case_id)
    return given_up.where(outbox.c.state == "failed", cases.c.state != "closed").scalar_subquery()


def _count_parked() -> ScalarSelect[int]:
    return (
        select(func.count()).select_from(inbox).where(inbox.c.state == "parked").scalar_subquery()
    )


def _last_sent() -> ScalarSelect[datetime]:
    return select(func.max(outbox.c.finished)).where(outbox.c.state == "sent").scalar_subquery()
