"""An event of Stripe's as a row of the inbox, and a claim on one."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Row, and_, bindparam

from bot.case.arrival import Arrival
from bot.case.events import News
from bot.case.ids import InvoiceId
from bot.store.columns import Moment
from bot.store.effect_rows import LEASE
from bot.store.tables import inbox

STALE = "stale"  # the trouble of a failure that was left alone because it had happened long ago


@dataclass(frozen=True, kw_only=True)
class ArrivalClaim:
    """An arrival in a worker's hands; (owner, attempt) is its fence."""

    arrival: Arrival
    owner: str
    attempt: int
    failures: int


def ready(now: Moment) -> ColumnElement[bool]:
    """Whether an event's time has come."""
    return and_(inbox.c.state == "ready", inbox.c.due <= now)


@cache
def fence() -> ColumnElement[bool]:
    """Whether a row is still that claim's which `hold` hands over with the query."""
    return and_(
        inbox.c.event_id == bindparam("of_event"),
        inbox.c.owner == bindparam("of_owner"),
        inbox.c.attempt == bindparam("of_attempt"),
        inbox.c.state == "claimed",
    )


def hold(claim: ArrivalClaim) -> dict[str, object]:
    """What the fence asks of a claim."""
    return {
        "of_event": claim.arrival.id,
        "of_owner": claim.owner,
        "of_attempt": claim.attempt,
    }


def row_of(arrival: Arrival, now: datetime, *, owner: str | None) -> dict[str, object]:
    """An event that came just now, in the hands of `owner` where there is one."""
    return {
        "event_id": arrival.id,
        "type": arrival.type,
        "news": arrival.news,
        "account": arrival.account,
        "livemode": arrival.livemode,
        "invoice": arrival.invoice,
        "customer": arrival.customer,
        "charge": arrival.charge,
        "subscription": arrival.subscription,
        "created": arrival.created,
        "received_at": now,
        "state": _state(arrival, owner),
        "due": now,
        "owner": owner,
        "attempt": 1 if owner else 0,
        "lease_until": now + LEASE if owner else None,
        "failures": 0,
        "trouble": STALE if arrival.stale else None,
    }


def waits(arrival: Arrival) -> bool:
    """Whether there is something to find out about it."""
    return not (arrival.parked or arrival.stale)


def _state(arrival: Arrival, owner: str | None) -> str:
    if arrival.stale:
        return "done"
    return "parked" if arrival.parked else "claimed" if owner else "ready"


def claim_from_row(row: Row[tuple[object, ...]], owner: str) -> ArrivalClaim:
    """The claim of a row that was ready."""
    arrival = Arrival(
        id=row.event_id,
        type=row.type,
        created=row.created,
        livemode=row.livemode,
        account=row.account,
        news=News(row.news),
        parked=row.state == "parked",
        invoice=InvoiceId(row.invoice) if row.invoice else None,
        customer=row.customer,
        charge=row.charge,
        subscription=row.subscription,
    )
    return ArrivalClaim(
        arrival=arrival, owner=owner, attempt=row.attempt + 1, failures=row.failures
    )
