"""What /metrics tells, in one read: every part by an index of its own; nothing personal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.model import State
from bot.case.pause import Held
from bot.store import figures, pauses, waiting
from bot.store.counts import counts
from bot.store.figures import Waiting
from bot.store.tables import cases, inbox, outbox


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """At `at`, UTC. `due` and `dead` count effects by kind.

    `due` are those that wait to be worked, `dead` were given up, of cases that are still open.
    `late_since` is since when the oldest work has waited that nothing holds back. `events_today`
    and `letters_today` came and left since the last midnight in UTC.
    """

    at: datetime
    revision: str
    states: Mapping[State, int]
    waiting: Waiting
    due: Mapping[str, int]
    dead: Mapping[str, int]
    late_since: datetime | None
    parked: int
    held: Held | None
    last_event_at: datetime | None
    events_today: int
    last_sent_at: datetime | None
    letters_today: int


async def gauges(connection: AsyncConnection, now: datetime) -> Gauges:
    """As it stands now."""
    counted = await counts(connection, now)
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    query = select(
        _came_since(midnight).label("events"),
        _sent_since(midnight).label("letters"),
        pauses.held(now).label("held"),
    )
    row = (await connection.execute(query)).one()
    return Gauges(
        at=now,
        revision=counted.revision,
        states=await figures.states(connection),
        waiting=await figures.waiting(connection),
        due=await _by_kind(connection, _due(now)),
        dead=await _by_kind(connection, _dead()),
        late_since=await waiting.oldest_due(connection, now),
        parked=counted.parked,
        held=Held(row.held) if row.held else None,
        last_event_at=counted.last_event_at,
        events_today=row.events,
        last_sent_at=counted.last_sent_at,
        letters_today=row.letters,
    )


async def _by_kind(
    connection: AsyncConnection, query: Select[tuple[str, int]]
) -> Mapping[str, int]:
    rows = await connection.execute(query.group_by(outbox.c.kind))
    return {row.kind: row.effects for row in rows}


def _due(now: datetime) -> Select[tuple[str, int]]:
    counted = select(outbox.c.kind, func.count().label("effects"))
    return counted.where(outbox.c.state == "ready", outbox.c.due <= now)


def _dead() -> Select[tuple[str, int]]:
    given_up = select(outbox.c.kind, func.count().label("effects"))
    of_case = given_up.join(cases, cases.c.id == outbox.c.case_id)
    return of_case.where(outbox.c.state == "failed", cases.c.state != State.CLOSED)


def _came_since(since: datetime) -> ScalarSelect[int]:
    came = select(func.count()).select_from(inbox).where(inbox.c.received_at >= since)
    return came.scalar_subquery()


def _sent_since(since: datetime) -> ScalarSelect[int]:
    left = select(func.count()).select_from(outbox)
    return left.where(outbox.c.state == "sent", outbox.c.finished >= since).scalar_subquery()
