"""The database was restored: a case knows less than happened to it, and asks before it goes on."""

from datetime import timedelta

from bot.case.effects import Gather
from bot.case.events import Restored
from bot.case.handing import became_unclear, booked
from bot.case.model import Case, State
from bot.case.now import Now, drafting, in_review
from bot.case.question import brief_for
from bot.case.steps import Step, kept, moved, with_case

# Nobody knows which numbers the lost letters had. People and Stripe rarely make more than one a
# minute; these are for a busy hour just after the backup.
SPARE_REVISIONS = 100
MINUTE = timedelta(minutes=1)


def noted(now: Now, event: Restored) -> Step:
    """Nothing is about to leave: read Stripe again, and say on the card what is not known."""
    if is_noted(now.case, event):
        return kept(now)
    return moved(doubted(now, event), Gather(case_id=now.case.id))


def written_anew(now: Now, event: Restored) -> Step:
    """Other words may stand under this revision in a customer's letter box: take another."""
    if is_noted(now.case, event):
        return kept(now)
    now = doubted(now, event)
    brief = now.case.brief or brief_for(now.case, now.owed, now.policy)
    return moved(drafting(now, brief), Gather(case_id=now.case.id))


def asked_anew(now: Now, event: Restored) -> Step:
    """The letter may have left since: the question is put again, in a new message."""
    if is_noted(now.case, event):
        return kept(now)
    now = doubted(now, event)
    return moved(in_review(now, ask=now.case.ask + 1), Gather(case_id=now.case.id))


def may_have_left(now: Now, event: Restored) -> Step:
    """It was to leave, and nobody knows whether it did: a person says so, or the provider."""
    if is_noted(now.case, event):
        return kept(now)
    now = doubted(now, event)
    if now.case.state is State.APPROVED:
        now = with_case(booked(now, now.case.revision), handed=now.case.revision, over_budget=False)
    step = became_unclear(now, event.at, now.case.handed or 0)
    return Step(case=step.case, standing=step.standing, effects=(Gather(case_id=now.case.id),))


def doubted(now: Now, event: Restored) -> Now:
    """What is not known counts until the next letter has left, or a person says that one did."""
    lost = max(event.at - event.known, timedelta())
    return with_case(
        now,
        restored_at=event.at,
        revisions_from=now.case.revision + SPARE_REVISIONS + lost // MINUTE,
        hinted_at=max(now.case.hinted_at or event.at, event.at),
    )


def is_noted(case: Case, event: Restored) -> bool:
    """Whether the case was asked about this very restore before."""
    return case.restored_at == event.at
