"""Where a case stands, in a sentence: in the past tense, with a person and a time; mrkdwn."""

from datetime import timedelta

from bot.case.credit import paid_since
from bot.case.ids import POLICY
from bot.case.model import Case, Decision, State, Why
from bot.review.foreign import address, inert
from bot.review.parts import View, who
from bot.words.numbers import hour, weekday_hour

_NOTE = 150  # characters of a note: the whole of it stands in the journal
_SOON = timedelta(minutes=5)  # longer than any undo window, shorter than any night


def waits_for_hours(case: Case) -> bool:
    """Whether the hour alone keeps an approved letter much longer than an undo window does."""
    if case.send_at is None or case.approved_at is None or case.tries or case.over_budget:
        return False
    return case.send_at - case.approved_at > _SOON


def asked_again(case: Case) -> bool:
    """Whether a letter in review was decided about, or shown otherwise, before."""
    return case.undone_by is not None or case.differed


def was_rejected(case: Case) -> bool:
    """Whether the last letter in question was rejected, and not sent."""
    sent, decided = case.last_sent_at, case.decided_at
    skipped = case.decision in {Decision.REJECTED, Decision.CALLS}
    return skipped and decided is not None and (sent is None or decided > sent)


def standing(case: Case, view: View) -> str:
    """One sentence or two that say all a reader needs to know now."""
    match case.state:
        case State.DRAFTING:
            asked = case.redrafts and case.decision is Decision.ANEW
            return _told(case, view) if asked else view.say("status.drafting")
        case State.IN_REVIEW:
            return _in_review(case, view)
        case State.APPROVED:
            lets_go = view.say("status.by_itself") if case.approved_by == POLICY else ""
            return f"{lets_go} {_approved(case, view)} {_leaves(case, view)}".strip()
        case State.SENDING:
            return f"{_approved(case, view)} {view.say('status.sending')}"
        case State.UNCLEAR:
            return f"{_approved(case, view)} {_unclear(case, view)}"
        case State.WAITING:
            return _waiting(case, view)
        case State.BY_HAND:
            return _by_hand(case, view)
        case State.CLOSED:
            return _closed(case, view)


def _unclear(case: Case, view: View) -> str:
    key = "status.unclear" if case.restored_at is None else "status.unclear_restored"
    return view.say(key, address=_to(case, view))


def _in_review(case: Case, view: View) -> str:
    if case.by_itself:
        return view.say("status.by_itself")
    if case.undone_by and case.undone_at:
        when = view.when(case.undone_at)
        return view.say("status.undone", who=who(view, case.undone_by), when=when)
    return view.say("status.differed" if case.differed else "status.in_review")


def ended_as(case: Case) -> Why | None:
    """How a case ended, as far as a reader is concerned: money that came later is the last word."""
    if case.open:
        return None
    return Why.RECOVERED if paid_since(case) else case.why


def _approved(case: Case, view: View) -> str:
    when = view.when(case.approved_at or view.now)
    return view.say("status.approved", who=who(view, case.approved_by), when=when)


def _leaves(case: Case, view: View) -> str:
    at = case.send_at or view.now
    if view.paused:
        return view.say("status.sends_after_pause", when=view.when(case.good_until or at))
    zone = _zone(case, view)
    then = weekday_hour(view.locale, at, zone)
    if case.over_budget:
        return view.say("status.sends_over_budget", then=then, when=view.when(at))
    if case.tries:
        return view.say("status.sends_again", when=view.when(at))
    if not waits_for_hours(case):
        return view.say("status.sends", time=view.exactly(at))
    return view.say(
        "status.sends_later",
        there=hour(view.locale, case.approved_at or view.now, zone),
        then=then,
        when=view.when(at),
    )


def _waiting(case: Case, view: View) -> str:
    if case.why is Why.SNOOZED:
        return _snoozed(case, view)
    when = view.when(case.wake) if case.wake else "–"
    if case.why not in {Why.NEXT_NOTICE, Why.END}:
        return view.say(f"status.{case.why or Why.FACTS}", when=when)
    then = view.say(f"status.{case.why}", when=when) if case.wake else ""
    return f"{_last_word(case, view)} {then}".strip()


def _snoozed(case: Case, view: View) -> str:
    until = case.retry_waited or case.not_before or view.now
    said = view.say(
        "status.awaits_retry" if case.retry_waited else "status.snoozed",
        who=who(view, case.snoozed_by),
        asked=view.when(case.snoozed_at or view.now),
        when=view.when(until),
    )
    return _noted(said, case, view) if case.decision is Decision.EARLY else said


def _last_word(case: Case, view: View) -> str:
    sent = case.last_sent_at
    if was_rejected(case):
        return _told(case, view)
    if sent is None:
        return ""
    by = who(view, case.last_approved_by)
    if case.last_sent_to is None:
        return view.say("status.sent_nowhere", when=view.when(sent), who=by)
    to = address(case.last_sent_to)
    return view.say("status.sent", address=to, when=view.when(sent), who=by)


def _told(case: Case, view: View) -> str:
    """What a person decided last, when, and the note they left; mrkdwn."""
    said = view.say(
        f"status.{case.decision or Decision.REJECTED}",
        who=who(view, case.decided_by),
        when=view.when(case.decided_at or view.now),
    )
    return _noted(said, case, view)


def _noted(said: str, case: Case, view: View) -> str:
    note = inert(case.decided_note, _NOTE)
    return f"{said} {view.say('status.note', note=note)}" if note else said


def _by_hand(case: Case, view: View) -> str:
    if case.contacted_by and case.contacted_at:
        when = view.when(case.contacted_at)
        return view.say("status.contacted", who=who(view, case.contacted_by), when=when)
    if case.taken_by and case.taken_at:
        when = view.when(case.taken_at)
        return view.say("status.taken", who=who(view, case.taken_by), when=when)
    if case.passed_by and case.passed_at:
        when, owner = view.when(case.passed_at), f"<@{inert(case.owner or '')}>"
        by = who(view, case.passed_by)
        return view.say("status.passed", who=by, owner=owner, when=when)
    return view.say(f"status.{case.why or Why.NO_ADDRESS}")


def _closed(case: Case, view: View) -> str:
    said = _ended(case, view)
    if paid_since(case):
        said = f"{said} {view.say('status.paid_since')}"
    return f"{said} {_forgotten(case, view)}".rstrip()


def _forgotten(case: Case, view: View) -> str:
    """How long its words were kept; nothing for an erased case, which had none by then."""
    if case.why is Why.ERASED or not case.forgotten_at or not case.closed_at:
        return ""
    days = (case.forgotten_at - case.closed_at).days
    return view.say("status.forgotten", days=days, when=view.when(case.forgotten_at))


def _ended(case: Case, view: View) -> str:
    if case.why is Why.STOPPED and case.decision is Decision.STOPPED:
        return _told(case, view)
    at = case.decided_at if case.why is Why.ERASED else case.closed_at
    when = view.when(at or view.now)
    return view.say(
        f"status.{case.why or Why.NOTHING_OWED}", when=when, who=who(view, case.decided_by)
    )


def _to(case: Case, view: View) -> str:
    recipient = case.basis.recipient if case.basis else None
    return address(recipient) if recipient else view.say("card.nobody")


def _zone(case: Case, view: View) -> str:
    return (case.facts.customer.zone if case.facts else None) or view.zone
