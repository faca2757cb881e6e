"""Effects waiting: claimed with a lease, finished behind a fence.

The fence is (owner, attempt): a worker that lost its claim can't finish it. At most one row a key
is ready and one claimed, so that two workers never read or draw the same thing at once. A
hand-over is born `sending` in the transaction that decides it, and is never claimed again by
itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.machine import wanted
from bot.case.model import Case, CaseId
from bot.store.dialect import insert_or_ignore
from bot.store.tables import cases, outbox

REVIVED_AFTER = timedelta(hours=1)
LEASE = timedelta(seconds=30)  # renewed by a living worker every ten


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An effect in a worker's hands. `failures` counts the tries that went wrong before."""

    id: int
    effect: Effect
    owner: str
    attempt: int
    failures: int = 0


def kind_of(effect: Effect) -> str:
    """The word for an effect in the `kind` column."""
    match effect:
        case Gather():
            return "gather"
        case Draft():
            return "draft"
        case Show():
            return "show"
        case Look():
            return "look"
        case HandOver():
            return "hand_over"
        case Tell():
            return "tell"


async def add(
    connection: AsyncConnection, effect: Effect, *, now: datetime, owner: str | None
) -> Claim | None:
    """Write an effect; with an `owner` it is claimed at once, unless its like is in hand already.

    A ready row with the same key stands for this one too.
    """
    if isinstance(effect, HandOver):
        return await _born_sending(connection, effect, now=now, owner=owner or "")
    if owner is not None and not _is_later(effect, now):
        claimed = await _insert(connection, effect, now=now, state="claimed", owner=owner)
        if claimed is not None:
            return Claim(id=claimed, effect=effect, owner=owner, attempt=1)
    await _insert(connection, effect, now=now, state="ready", owner=None)
    return None


def _is_later(effect: Effect, now: datetime) -> bool:
    return isinstance(effect, Gather) and effect.due is not None and effect.due > now


async def _born_sending(
    connection: AsyncConnection, effect: HandOver, *, now: datetime, owner: str
) -> Claim:
    """Born already claimed; the same key again only after it certainly did not arrive."""
    again = (
        update(outbox)
        .where(outbox.c.key == effect.key, outbox.c.state.in_(("not_sent", "unknown")))
        .values(
            state="sending",
            owner=owner,
            attempt=outbox.c.attempt + 1,
            lease_until=now + LEASE,
            finished=None,
        )
        .returning(outbox.c.id, outbox.c.attempt)
    )
    row = (await connection.execute(again)).first()
    if row is not None:
        return Claim(id=row.id, effect=effect, owner=owner, attempt=row.attempt)
    values = _values(effect, now=now, state="sending", owner=owner)
    result = await connection.execute(insert(outbox).values(values).returning(outbox.c.id))
    return Claim(id=result.scalar_one(), effect=effect, owner=owner, attempt=1)


async def _insert(
    connection: AsyncConnection, effect: Effect, *, now: datetime, state: str, owner: str | None
) -> int | None:
    values = _values(effect, now=now, state=state, owner=owner)
    query = insert_or_ignore(connection, outbox).values(values).returning(outbox.c.id)
    found: int | None = (await connection.execute(query)).scalar_one_or_none()
    return found


def _values(effect: Effect, *, now: datetime, state: str, owner: str | None) -> dict[str, object]:
    return {
        "key": effect.key,
        "kind": kind_of(effect),
        "case_id": effect.case_id,
        "revision": getattr(effect, "revision", None),
        "place": effect.place if isinstance(effect, Show) else None,
        "lost": effect.lost if isinstance(effect, Tell) else None,
        "state": state,
        "due": max(now, effect.due or now) if isinstance(effect, Gather) else now,
        "created": now,
        "owner": owner,
        "attempt": 0 if owner is None else 1,
        "lease_until": None if owner is None else now + LEASE,
    }


async def anything_due(connection: AsyncConnection, now: datetime, kinds: Sequence[str]) -> bool:
    """Whether a claim of these kinds is worth a writing transaction."""
    query = select(outbox.c.id).where(_ready(now), outbox.c.kind.in_(kinds), _free()).limit(1)
    return (await connection.execute(query)).first() is not None


async def claim(
    connection: AsyncConnection, *, now: datetime, owner: str, room: Mapping[str, int]
) -> list[Claim]:
    """Take what is due, oldest first, as far as there is `room` for each kind."""
    found: list[Claim] = []
    for kind, most in room.items():
        if most > 0:
            found += await _claim_kind(connection, kind, most, now=now, owner=owner)
    return found


async def _claim_kind(
    connection: AsyncConnection, kind: str, most: int, *, now: datetime, owner: str
) -> list[Claim]:
    query = (
        select(outbox)
        .where(_ready(now), outbox.c.kind == kind, _free())
        .order_by(outbox.c.due, outbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)  # dropped on SQLite, where begin() is exclusive
    )
    rows = (await connection.execute(query)).all()
    return [one for row in rows if (one := await _take(connection, row, now=now, owner=owner))]


async def _take(
    connection: AsyncConnection, row: Row[tuple[object, ...]], *, now: datetime, owner: str
) -> Claim | None:
    result = await connection.execute(
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.state == "ready")
        .values(state="claimed", owner=owner, attempt=row.attempt + 1, lease_until=now + LEASE)
    )
    if result.rowcount != 1:
        return None
    return _claim_from_row(row, owner=owner, attempt=row.attempt + 1)


async def finish(connection: AsyncConnection, claim: Claim, *, state: str, now: datetime) -> bool:
    """End a claim; False when the fence moved and somebody else has it, or had to judge it."""
    result = await connection.execute(
        update(outbox).where(_fence(claim)).values(state=state, finished=now, lease_until=None)
    )
    return bool(result.rowcount == 1)


async def settle(connection: AsyncConnection, effect: HandOver, *, state: str) -> None:
    """What became of a hand-over that its worker could not finish."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.key == effect.key, outbox.c.state.in_(("sending", "unknown")))
        .values(state=state)
    )


async def give_back(
    connection: AsyncConnection, claim: Claim, *, due: datetime, trouble: str | None
) -> bool:
    """Let it be tried again later; `trouble` says what went wrong, None that nothing did."""
    like = outbox.alias("like")
    stands = select(like.c.id).where(like.c.key == claim.effect.key, like.c.state == "ready")
    failures = outbox.c.failures + (1 if trouble else 0)
    if (await connection.execute(stands)).first() is not None:
        # A newer row asks for the same: let that one go on, no sooner than this one would.
        await connection.execute(
            update(outbox)
            .where(outbox.c.key == claim.effect.key, outbox.c.state == "ready")
            .values(due=due, failures=claim.failures + (1 if trouble else 0), trouble=trouble)
        )
        return await finish(connection, claim, state="cancelled", now=due)
    result = await connection.execute(
        update(outbox)
        .where(_fence(claim))
        .values(
            state="ready",
            due=due,
            owner=None,
            lease_until=None,
            failures=failures,
            trouble=trouble,
        )
    )
    return bool(result.rowcount == 1)


async def bury(connection: AsyncConnection, claim: Claim, *, trouble: str, now: datetime) -> bool:
    """The dead letter: nobody tries it again by themselves."""
    result = await connection.execute(
        update(outbox)
        .where(_fence(claim))
        .values(state="failed", finished=now, trouble=trouble, lease_until=None)
    )
    return bool(result.rowcount == 1)


async def revive(connection: AsyncConnection, now: datetime) -> None:
    """Dead letters of open cases get another chance an hour later: somebody may have mended it."""
    like = outbox.alias("like")
    stands = select(like.c.id).where(like.c.key == outbox.c.key, like.c.state == "ready").exists()
    is_open = (
        select(cases.c.id).where(cases.c.id == outbox.c.case_id, cases.c.state != "closed").exists()
    )
    newest = select(func.max(like.c.id)).where(like.c.key == outbox.c.key, like.c.state == "failed")
    await connection.execute(
        update(outbox)
        .where(
            outbox.c.state == "failed",
            outbox.c.finished <= now - REVIVED_AFTER,
            outbox.c.id == newest.scalar_subquery(),
            ~stands,
            is_open,
        )
        .values(state="ready", due=now, owner=None, finished=None)
    )


async def renew(connection: AsyncConnection, owner: str, now: datetime) -> None:
    """A living worker keeps its claims."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.owner == owner, outbox.c.state.in_(("claimed", "sending")))
        .values(lease_until=now + LEASE)
    )


async def abandoned(
    connection: AsyncConnection, now: datetime, *, but_owner: str | None = None
) -> list[Claim]:
    """Claims that nobody renewed; with `but_owner`, all that are not theirs (a lone process)."""
    rows = await connection.execute(select(outbox).where(_abandoned(now, but_owner)))
    return [_claim_from_row(row, owner=row.owner, attempt=row.attempt) for row in rows]


async def needs_sweeping(
    connection: AsyncConnection, now: datetime, *, but_owner: str | None = None
) -> bool:
    """Whether a sweep is worth a writing transaction."""
    dead = and_(outbox.c.state == "failed", outbox.c.finished <= now - REVIVED_AFTER)
    query = select(outbox.c.id).where(or_(_abandoned(now, but_owner), dead)).limit(1)
    return (await connection.execute(query)).first() is not None


async def cancel_unwanted(connection: AsyncConnection, case: Case, now: datetime) -> None:
    """Ready rows that the case as it now stands has no use for."""
    query = select(outbox).where(
        outbox.c.case_id == case.id,
        outbox.c.state == "ready",
        outbox.c.kind.in_(("draft", "look")),
    )
    unwanted = [
        row.id for row in await connection.execute(query) if not wanted(case, _effect_from_row(row))
    ]
    if unwanted:
        await connection.execute(
            update(outbox).where(outbox.c.id.in_(unwanted)).values(state="cancelled", finished=now)
        )


async def dead_letters(connection: AsyncConnection) -> Sequence[tuple[str, str]]:
    """What nobody tries any more, with its trouble."""
    query = select(outbox.c.key, outbox.c.trouble).where(outbox.c.state == "failed")
    return [(row.key, row.trouble) for row in await connection.execute(query)]


async def oldest_due(connection: AsyncConnection) -> datetime | None:
    """Since when the longest-waiting effect has been due."""
    query = select(outbox.c.due).where(outbox.c.state == "ready").order_by(outbox.c.due).limit(1)
    found: datetime | None = (await connection.execute(query)).scalar_one_or_none()
    return found


def _ready(now: datetime) -> ColumnElement[bool]:
    return and_(outbox.c.state == "ready", outbox.c.due <= now)


def _abandoned(now: datetime, but_owner: str | None) -> ColumnElement[bool]:
    late: ColumnElement[bool] = outbox.c.lease_until <= now
    if but_owner is not None:
        late = or_(late, outbox.c.owner != but_owner)
    return and_(outbox.c.state.in_(("claimed", "sending")), late)


def _free() -> ColumnElement[bool]:
    """Nobody has its like in hand: two readings or drawings at once could land in any order."""
    in_hand = outbox.alias("in_hand")
    return ~(
        select(in_hand.c.id)
        .where(in_hand.c.key == outbox.c.key, in_hand.c.state == "claimed")
        .exists()
    )


def _fence(claim: Claim) -> ColumnElement[bool]:
    return and_(
        outbox.c.id == claim.id,
        outbox.c.owner == claim.owner,
        outbox.c.attempt == claim.attempt,
        outbox.c.state.in_(("claimed", "sending")),
    )


def _claim_from_row(row: Row[tuple[object, ...]], *, owner: str, attempt: int) -> Claim:
    return Claim(
        id=row.id,
        effect=_effect_from_row(row),
        owner=owner,
        attempt=attempt,
        failures=row.failures,
    )


def _effect_from_row(row: Row[tuple[object, ...]]) -> Effect:
    case_id = CaseId(row.case_id)
    match row.kind:
        case "gather":
            return Gather(case_id=case_id)
        case "draft":
            return Draft(case_id=case_id, revision=row.revision)
        case "show":
            return Show(case_id=case_id, place=row.place, again=row.attempt > 0)
        case "tell":
            return Tell(case_id=case_id, lost=row.lost)
        case "look":
            return Look(case_id=case_id, revision=row.revision)
        case _:
            return HandOver(case_id=case_id, revision=row.revision)
