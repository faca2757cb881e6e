"""What every move is made of: a step, and the small ways to make one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.case import cadence
from bot.case.effects import Effect, Gather
from bot.case.facts import Facts
from bot.case.ids import Actor
from bot.case.model import Case, State, Why
from bot.case.now import Now
from bot.case.standing import Standing
from bot.case.think import think

APPROVAL_LASTS = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the case and its standing become, what must be done, or why a person was refused."""

    case: Case
    standing: Standing
    effects: tuple[Effect, ...] = ()
    refused: str | None = None


def kept(now: Now) -> Step:
    """Journalled only."""
    return Step(case=now.case, standing=now.standing)


def refused(now: Now, why: str) -> Step:
    """A person is told `why`, privately; nothing changes."""
    return Step(case=now.case, standing=now.standing, refused=why)


def moved(now: Now, *effects: Effect) -> Step:
    """Where the case now stands."""
    return Step(case=now.case, standing=now.standing, effects=effects)


def with_case(now: Now, **fields: object) -> Now:
    """The same moment with these fields of the case changed."""
    return replace(now, case=replace(now.case, **fields))  # type: ignore[arg-type]


def with_facts(now: Now, facts: Facts) -> Now:
    """The case with this reading, if it is newer than what it has."""
    known = now.case.facts
    if known is not None and known.read_at >= facts.read_at:
        return now
    return with_case(now, facts=facts)


def thought(now: Now) -> Step:
    """T in the table: where the case stands after thinking."""
    return reread(think(now))


def reread(now: Now) -> Step:
    """A case that waits for facts has them read; it waits so when a hint came meanwhile."""
    unread = now.case.state is State.WAITING and now.case.why is Why.FACTS
    return moved(now, Gather(case_id=now.case.id)) if unread else moved(now)


def decided(now: Now, who: Actor, seen: str | None) -> Now:
    """Approved, as it was `seen`: due after the undo window, in the customer's sending hours."""
    policy, at = now.policy, now.at
    send_at = cadence.opening(at + policy.undo, policy.hours, customer_zone(now))
    return with_case(
        now,
        state=State.APPROVED,
        why=None,
        approved_by=who,
        approved_at=at,
        seen=seen,
        by_itself=False,
        overdue=False,
        send_at=send_at,
        good_until=send_at + APPROVAL_LASTS,
        wake=send_at,
        over_budget=False,
        handed=None,
        tries=0,
    )


def in_working_hours(now: Now, at: datetime) -> datetime:
    """The first moment from `at` on at which somebody of the company may be asked."""
    return cadence.opening(at, now.policy.hours, now.policy.zone)


def customer_zone(now: Now) -> str:
    """The customer's clock, else the company's."""
    facts = now.case.facts
    return (facts.customer.zone if facts else None) or now.policy.zone
