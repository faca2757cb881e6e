"""An effect as a row of the outbox, and a claim on one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select

from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.ids import CaseId
from bot.store.columns import Moment
from bot.store.tables import outbox

# The words of the `kind` column, in the order in which a letter goes its way.
KINDS = ("gather", "draft", "show", "look", "hand_over", "tell")
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


def row_of(effect: Effect, *, now: datetime, state: str, owner: str | None) -> dict[str, object]:
    """A new row; with an `owner`, already in their hands."""
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


def claim_from_row(row: Row[tuple[object, ...]], *, owner: str, attempt: int) -> Claim:
    """The claim that `owner` has, or takes, on a row."""
    return Claim(
        id=row.id,
        effect=effect_from_row(row),
        owner=owner,
        attempt=attempt,
        failures=row.failures,
    )


def unhurried(claim: Claim, let_go: datetime | None) -> Claim:
    """A draft that a pause held back was not late before that was over."""
    draft = claim.effect
    if let_go is None or not isinstance(draft, Draft) or draft.since is None:
        return claim
    return replace(claim, effect=replace(draft, since=max(draft.since, let_go)))


def effect_from_row(row: Row[tuple[object, ...]]) -> Effect:
    """The effect in a row. A card that was tried before may stand in Slack already."""
    case_id = CaseId(row.case_id)
    match row.kind:
        case "gather":
            return Gather(case_id=case_id)
        case "draft":
            return Draft(case_id=case_id, revision=row.revision, since=row.created)
        case "show":
            return Show(case_id=case_id, place=row.place, again=row.attempt > 0)
        case "tell":
            return Tell(case_id=case_id, lost=row.lost)
        case "look":
            return Look(case_id=case_id, revision=row.revision)
        case _:
            return HandOver(case_id=case_id, revision=row.revision)


@cache
def fence() -> ColumnElement[bool]:
    """Whether a row is still that claim's which `hold` hands over with the query."""
    return and_(
        outbox.c.id == bindparam("of_id"),
        outbox.c.owner == bindparam("of_owner"),
        outbox.c.attempt == bindparam("of_attempt"),
        outbox.c.state.in_(("claimed", "sending")),
    )


def hold(claim: Claim) -> dict[str, object]:
    """What the fence asks of a claim."""
    return {"of_id": claim.id, "of_owner": claim.owner, "of_attempt": claim.attempt}


def ready(now: Moment) -> ColumnElement[bool]:
    """Whether a row's time has come."""
    return and_(outbox.c.state == "ready", outbox.c.due <= now)


@cache
def free() -> ColumnElement[bool]:
    """Nobody has its like in hand: two readings or drawings at once could land in any order."""
    in_hand = outbox.alias("in_hand")
    return ~(
        select(in_hand.c.id)
        .where(in_hand.c.key == outbox.c.key, in_hand.c.state == "claimed")
        .exists()
    )


@cache
def ready_row() -> Select[Any]:
    """The ready row of a key, which is handed over as `of_key`, and whether it is `free`."""
    mine = and_(outbox.c.key == bindparam("of_key"), outbox.c.state == "ready")
    return select(outbox, free().label("free")).where(mine)
