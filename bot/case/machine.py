"""The whole life of a case: step(case, event, standing, policy) -> Step(case, effects).

Pure. Every state × event is answered by name below; docs/machine.md is drawn from these rows. Most
rows set a field and then `think` about where the case stands (bot/case/think.py).
"""

from dataclasses import replace
from datetime import UTC, datetime

from bot.case import decisions, handing, news, owning, restoring
from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.events import (
    AnyEvent,
    Approved,
    Bounced,
    Delivered,
    Differed,
    DraftAsked,
    Drafted,
    Edited,
    Erased,
    FactsRead,
    Forgotten,
    Held,
    Hinted,
    Hurried,
    Looked,
    NotSent,
    Owned,
    Posted,
    Rejected,
    Released,
    Replied,
    Rerouted,
    Restored,
    Settled,
    Snoozed,
    Stopped,
    Ticked,
    TimeCame,
    Unclear,
    Undone,
    WaitAsked,
)
from bot.case.model import Case, State, Why
from bot.case.now import Now
from bot.case.policy import Policy
from bot.case.standing import Standing
from bot.case.steps import Step, kept, refused, thought, with_case

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

WAITING = frozenset({State.WAITING})
DRAFTING = frozenset({State.DRAFTING})
IN_REVIEW = frozenset({State.IN_REVIEW})
APPROVED = frozenset({State.APPROVED})
SENDING = frozenset({State.SENDING})
UNCLEAR = frozenset({State.UNCLEAR})
BY_HAND = frozenset({State.BY_HAND})
CLOSED = frozenset({State.CLOSED})
EVERYWHERE = frozenset(State)
OPEN = EVERYWHERE - CLOSED


def step(case: Case, event: AnyEvent, standing: Standing, policy: Policy) -> Step:
    """What the case becomes, and what must be done; deterministic, and idempotent per event."""
    if isinstance(event, TimeCame) and event.wake != case.wake:
        return Step(case=case, standing=standing)  # an alarm that was overwritten meanwhile
    now = Now(case=case, standing=standing, policy=policy, at=event.at)
    return completed(case, answered(now, event))


def answered(now: Now, event: AnyEvent) -> Step:  # noqa: C901, PLR0912, PLR0915 - the table itself
    """The table: every event in every state, by name; `s in …` names the states of a row."""
    s = now.case.state
    match event:
        case Hinted() if s in EVERYWHERE:
            return news.hinted(now, event)
        case FactsRead() if s in OPEN:
            return news.facts_read(now, event)
        case FactsRead() if s in CLOSED:
            return news.late_money(now, event)
        case TimeCame() if s in WAITING:
            return news.alarm_while_waiting(now, event)
        case TimeCame() if s in IN_REVIEW:
            return news.alarm_in_review(now, event)
        case TimeCame() if s in APPROVED:
            return news.alarm_approved(now, event)
        case TimeCame() if s in UNCLEAR:
            return news.alarm_unclear(now, event)
        case TimeCame() if s in BY_HAND:
            return owning.alarm_by_hand(now, event)
        case TimeCame() if s in DRAFTING | SENDING | CLOSED:
            return kept(now)
        case Forgotten() if s in CLOSED:
            return decisions.forgotten(now, event)
        case Forgotten() if s in OPEN:
            return kept(now)
        case Drafted() if s in DRAFTING:
            return news.drafted(now, event)
        case Drafted() if s in EVERYWHERE - DRAFTING:
            return kept(now)
        case Posted() if s in EVERYWHERE:
            return news.posted(now, event)
        case Looked() if s in APPROVED:
            return handing.looked(now, event)
        case Looked() if s in OPEN - APPROVED:
            return news.facts_read(now, event)
        case Looked() if s in CLOSED:
            return news.late_money(now, event)
        case Delivered() if s in SENDING | UNCLEAR:
            return handing.delivered(now, event)
        case Delivered() if s in CLOSED:
            return handing.counted_late(now, event)
        case Delivered() if s in APPROVED:
            return handing.delivered_after_all(now, event)
        case Delivered() if s in WAITING | DRAFTING | IN_REVIEW | BY_HAND:
            return kept(now)
        case NotSent() if s in SENDING:
            return handing.not_sent(now, event)
        case NotSent() if s in CLOSED:
            return handing.unbook(now, event)
        case NotSent() if s in OPEN - SENDING:
            return kept(now)
        case Differed() if s in SENDING:
            return handing.differed(now, event)
        case Differed() if s in CLOSED:
            return handing.unbook(now, event)
        case Differed() if s in IN_REVIEW:
            return decisions.differed_in_review(now, event)
        case Differed() if s in OPEN - SENDING - IN_REVIEW:
            return kept(now)
        case Unclear() if s in SENDING:
            return handing.became_unclear(now, event.at, event.revision)
        case Unclear() if s in EVERYWHERE - SENDING:
            return kept(now)
        case Bounced() if s in EVERYWHERE:
            return handing.bounced(now, event)
        case Replied() if s in OPEN:
            return thought(with_case(now, replied=True))
        case Held() if s in OPEN:
            return thought(with_case(now, held=True))
        case Released() if s in OPEN:
            return thought(with_case(now, held=False))
        case Replied() | Held() | Released() if s in CLOSED:
            return kept(now)
        case Restored() if s in WAITING | BY_HAND | UNCLEAR:
            return restoring.noted(now, event)
        case Restored() if s in DRAFTING:
            return restoring.written_anew(now, event)
        case Restored() if s in IN_REVIEW:
            return restoring.asked_anew(now, event)
        case Restored() if s in APPROVED | SENDING:
            return restoring.may_have_left(now, event)
        case Restored() if s in CLOSED:
            return kept(now)
        case Approved() if s in IN_REVIEW:
            return decisions.approved(now, event)
        case Edited() if s in IN_REVIEW:
            return decisions.edited(now, event)
        case Rejected() if s in IN_REVIEW:
            return decisions.rejected(now, event)
        case WaitAsked() if s in IN_REVIEW:
            return decisions.wait_asked(now, event)
        case Approved() | Edited() | Rejected() | WaitAsked() if s in APPROVED | SENDING | UNCLEAR:
            return refused(now, "already_decided")
        case Approved() | Edited() | Rejected() | WaitAsked() if s in WAITING | DRAFTING | BY_HAND:
            return refused(now, "stale")
        case Hurried() if s in APPROVED:
            return decisions.hurried(now, event)
        case Undone() if s in APPROVED | IN_REVIEW:
            return decisions.undone(now, event)
        case Hurried() | Undone() if s in SENDING | UNCLEAR:
            return refused(now, "too_late")
        case Hurried() if s in IN_REVIEW:
            return refused(now, "not_approved")
        case Undone() if s in WAITING | BY_HAND:
            return decisions.undone_late(now, event)
        case Undone() if s in DRAFTING:
            return refused(now, "stale")
        case Hurried() if s in WAITING | DRAFTING | BY_HAND:
            return refused(now, "stale")
        case DraftAsked() if s in IN_REVIEW:
            return decisions.draft_asked(now, event)
        case DraftAsked() if s in WAITING | BY_HAND:
            return decisions.draft_asked_early(now, event)
        case DraftAsked() if s in DRAFTING | APPROVED | SENDING | UNCLEAR:
            return decisions.draft_asked_late(now, event)
        case Settled() if s in UNCLEAR:
            return handing.settled(now, event)
        case Settled() if s in OPEN - UNCLEAR:
            return refused(now, "already_decided")
        case Snoozed() if s in OPEN:
            return decisions.snoozed_by(now, event)
        case Rerouted() if s in OPEN:
            return decisions.rerouted(now, event)
        case Ticked() if s in OPEN:
            return decisions.ticked(now, event)
        case Owned() if s in BY_HAND:
            return owning.owned(now, event)
        case Owned() if s in OPEN - BY_HAND:
            return refused(now, "not_now")
        case Stopped() if s in OPEN:
            return decisions.stopped(now, event)
        case Erased() if s in EVERYWHERE:
            return decisions.erased(now, event)
        case (
            Approved()
            | Edited()
            | Rejected()
            | WaitAsked()
            | Hurried()
            | Undone()
            | DraftAsked()
            | Settled()
            | Snoozed()
            | Rerouted()
            | Ticked()
            | Owned()
            | Stopped()
        ) if s in CLOSED:
            return refused(now, "closed")
    raise AssertionError(f"no row for {type(event).__name__} in {s}")


def completed(before: Case, step: Step) -> Step:
    """With what follows from the change itself: words to write, a card to redraw."""
    after = step.case
    follows: list[Effect] = []
    if after.state is State.DRAFTING and after.revision != before.revision:
        follows.append(Draft(case_id=after.id, revision=after.revision))
    if looks_different(before, after):
        follows.append(Show(case_id=after.id))
    return replace(step, effects=(*step.effects, *follows))


def looks_different(before: Case, after: Case) -> bool:
    """Whether Slack must be told. A question without words yet has no message of its own."""
    if after.ask == 0 or stays_as_shown(after):
        return False
    stands = any(one.ask == after.ask for one in after.shown)
    if after.state is State.DRAFTING and not stands:
        return False
    return visible(before) != visible(after)


def stays_as_shown(case: Case) -> bool:
    """Whether nothing is left to draw its messages from; those of an erased case are emptied."""
    return case.forgotten_at is not None and case.why is not Why.ERASED


def visible(case: Case) -> Case:
    """The case without what nobody sees; "sending" is over before anybody could read it."""
    state = State.APPROVED if case.state is State.SENDING else case.state
    facts = replace(case.facts, read_at=EPOCH) if case.facts else None
    return replace(
        case,
        state=state,
        facts=facts,
        version=0,
        wake=None,
        overdue=False,
        hinted_at=None,
        shown=(),
        counted=(),
        tries=0,
        handed=None,
        forgotten_at=None,
    )


def wanted(case: Case, effect: Effect) -> bool:
    """Whether an effect that waits is still to be done: asked at every claim and in every step."""
    match effect:
        case Draft():
            return case.state is State.DRAFTING and case.revision == effect.revision
        case Look():
            return case.state is State.APPROVED and case.revision == effect.revision
        case HandOver():
            return case.state is State.SENDING and case.handed == effect.revision
        case Show():
            return not stays_as_shown(case)
        case Gather() | Tell():
            return True
