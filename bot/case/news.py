"""What Stripe, time and the performers' words and cards do to a case."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.case.doubts import doubts
from bot.case.effects import Gather, Look
from bot.case.events import Drafted, FactsRead, Hinted, Looked, News, Posted, TimeCame
from bot.case.facts import nameless
from bot.case.handing import UNCLEAR_ASKS_EVERY
from bot.case.ids import POLICY, InvoiceId
from bot.case.model import Case, State, Why
from bot.case.now import Now, close, in_review
from bot.case.steps import (
    Step,
    decided,
    in_working_hours,
    kept,
    moved,
    reread,
    thought,
    with_case,
    with_facts,
)
from bot.case.think import think

# Stripe says one thing in many events: those that come this soon after a reading share the next.
# With half a second to the next poll and a reading, a card is true again within two.
FOLDS = timedelta(seconds=1)
# An unanswered question is asked again about facts no older than this.
FRESH = timedelta(minutes=15)
# What stops everything is read at once: Stripe's news of a failure is never among it.
AT_ONCE = frozenset({News.END, News.DISPUTE, News.FRAUD_WARNING})


def hinted(now: Now, event: Hinted) -> Step:
    """Stripe's facts are never folded: note that something changed, and read."""
    case = now.case
    if case.why is Why.ERASED:
        return kept(now)
    folds = case.hinted_at is not None and event.news not in AT_ONCE
    due = (read_at(case) or case.opened_at) + FOLDS if folds else None
    latest = max(case.hinted_at or event.at, event.at)
    now = with_case(now, hinted_at=latest)
    if event.news is News.FAILURE and event.invoice and is_new(now, event.invoice):
        now = with_case(now, joined=(*case.joined, event.invoice), joined_at=event.at)
    if event.news in {News.DISPUTE, News.FRAUD_WARNING}:
        why = Why.DISPUTED if event.news is News.DISPUTE else Why.FRAUD
        now = with_case(now, disputed=case.disputed or why)
    return moved(now, Gather(case_id=case.id, due=due))


def is_new(now: Now, invoice: InvoiceId) -> bool:
    """Whether a failing invoice joins: one that is muted begins no round and prolongs none."""
    return invoice not in now.case.joined and invoice not in now.standing.muted


def read_at(case: Case) -> datetime | None:
    """When the newest reading began."""
    return case.facts.read_at if case.facts else None


def facts_read(now: Now, event: FactsRead | Looked) -> Step:
    """The newest reading wins; an older or equal one is dropped.

    An overdue question that outlives it is put in a new message, changed or not.
    """
    before, now = now.case, with_facts(now, event.facts)
    if not before.overdue or not is_fresh(now):
        return thought(now)
    after = think(now)
    if after.case.state is State.IN_REVIEW and after.case.revision == before.revision:
        after = in_review(after)
    if after.case.state in {State.IN_REVIEW, State.DRAFTING}:
        after = with_case(after, ask=before.ask + 1)
    return reread(after)


def is_fresh(now: Now) -> bool:
    """Whether what was read of Stripe is new enough to ask a person about."""
    read = read_at(now.case)
    return read is not None and now.at - read <= FRESH


def late_money(now: Now, event: FactsRead | Looked) -> Step:
    """A closed case keeps what is read of it: once forgotten no name, once erased nothing."""
    if now.case.why is Why.ERASED:
        return kept(now)
    return moved(with_facts(now, nameless(event.facts) if now.case.bare else event.facts))


def alarm_while_waiting(now: Now, event: TimeCame) -> Step:
    """Time to go on: with fresh facts."""
    if now.case.why is Why.CHECKOUT:
        now = with_case(now, checkout_over=True)
    if now.case.not_before is not None and now.case.not_before <= event.at:
        now = with_case(now, retry_waited=None)
    return moved(with_case(now, wake=None), Gather(case_id=now.case.id))


def alarm_in_review(now: Now, event: TimeCame) -> Step:
    """Nobody answered: ask again in a new message, or let the round end.

    It may be paid by now: Stripe is read first, and asked again while it says nothing.
    """
    if event.at >= now.round_ends:
        return moved(close(now, Why.EXHAUSTED))
    if is_fresh(now):
        return moved(in_review(now, ask=now.case.ask + 1))
    later = with_case(now, overdue=True, wake=event.at + FRESH)
    return moved(later, Gather(case_id=now.case.id))


def alarm_approved(now: Now, event: TimeCame) -> Step:
    """The undo window (or the night) is over: look once more; too late, ask again."""
    case = now.case
    if case.good_until is not None and event.at >= case.good_until:
        return moved(in_review(now, ask=case.ask + 1))
    look = Look(case_id=case.id, revision=case.revision)
    return moved(with_case(now, wake=case.good_until), look)


def alarm_unclear(now: Now, event: TimeCame) -> Step:
    """Still nobody knows: ask again."""
    wake = in_working_hours(now, event.at + UNCLEAR_ASKS_EVERY)
    return moved(with_case(now, ask=now.case.ask + 1, wake=wake))


def drafted(now: Now, event: Drafted) -> Step:
    """Words came: a person is asked, unless the operator lets undoubted first letters go."""
    if event.revision != now.case.revision:
        return kept(now)
    case = replace(now.case, letter=event.letter)
    asked = in_review(replace(now, case=case), revision=event.revision)
    if not now.policy.auto_send or case.notice > 1:
        return moved(asked)
    found = doubts(asked)
    return moved(with_case(asked, doubts=found, by_itself=not found))


def posted(now: Now, event: Posted) -> Step:
    """Slack shows it: from then on a question has its day, and an undo window its seconds."""
    now = with_case(now, shown=event.shown)
    asked = any(one.ask == now.case.ask for one in event.shown)
    if not asked or now.case.state is not State.IN_REVIEW:
        return moved(now)
    if now.case.by_itself and now.policy.auto_send:
        shows_it = event.revision == now.case.revision and event.seen is not None
        return moved(decided(now, POLICY, event.seen) if shows_it else now)
    wake = now.case.wake or asked_again_at(now)
    return moved(with_case(now, by_itself=False, wake=wake))


def asked_again_at(now: Now) -> datetime:
    """When an unanswered question is asked anew: in the company's hours, or the round is over."""
    again = in_working_hours(now, now.at + now.policy.answer_within)
    ends = now.round_ends
    return min(again, ends) if ends > now.at else again
