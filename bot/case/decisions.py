"""What people decide about a case."""

from dataclasses import replace

from bot.case import cadence, retries
from bot.case.events import (
    Approved,
    Differed,
    DraftAsked,
    Edited,
    Erased,
    Forgotten,
    Hurried,
    PersonEvent,
    Rejected,
    Rerouted,
    Snoozed,
    Stopped,
    Ticked,
    Undone,
    WaitAsked,
)
from bot.case.facts import nameless
from bot.case.letter import Brief, wordless
from bot.case.model import Decision, State, Why
from bot.case.now import Now, close, drafting, in_review
from bot.case.question import brief_for
from bot.case.standing import Verdict
from bot.case.steps import (
    APPROVAL_LASTS,
    Step,
    decided,
    kept,
    moved,
    refused,
    thought,
    with_case,
)
from bot.case.think import LAST_NOTICE, hindrance

MOST_REDRAFTS = 3


def approved(now: Now, event: Approved) -> Step:
    """They approve exactly what they saw: a revision has one text, and `seen` is kept."""
    if event.revision != now.case.revision:
        return refused(now, "stale")
    return moved(decided(now, event.who, event.seen))


def hurried(now: Now, event: Hurried) -> Step:
    """Send now, whatever the hour; the undo window and the contact budget still hold."""
    case = now.case
    if event.revision != case.revision or case.approved_at is None:
        return refused(now, "stale")
    send_at = max(event.at, case.approved_at + now.policy.undo)
    if cadence.budget_free_at(now.standing.contacts, now.policy, send_at) is not None:
        return refused(now, "over_budget")
    good_until = send_at + APPROVAL_LASTS
    return moved(
        with_case(now, send_now=True, send_at=send_at, wake=send_at, good_until=good_until)
    )


def edited(now: Now, event: Edited) -> Step:
    """Their words: a new revision, approved at once if they said so."""
    if event.revision != now.case.revision:
        return refused(now, "stale")
    words = replace(event.letter, edited_by=event.who)
    now = in_review(with_case(now, letter=words, manual=True))
    return moved(decided(now, event.who, event.seen) if event.approve else now)


def draft_asked(now: Now, event: DraftAsked) -> Step:
    """New words, with a note to the writer; three times at most a notice."""
    case = now.case
    if event.revision != case.revision:
        return refused(now, "stale")
    if case.redrafts >= MOST_REDRAFTS:
        return refused(now, "no_more_drafts")
    now = answered(now, event, Decision.ANEW, event.note)
    now = with_case(now, note=event.note, redrafts=case.redrafts + 1, manual=True)
    return moved(drafting(now, new_brief(now)))


def draft_asked_early(now: Now, event: DraftAsked) -> Step:
    """A person does not want to wait, or takes a case out of their own hands."""
    if event.answers or event.revision != now.case.revision:
        return refused(now, "stale")
    if now.case.notice > LAST_NOTICE:
        return refused(now, "no_more_drafts")
    asked = with_case(
        now,
        note=event.note,
        manual=True,
        replied=False,
        written_by_hand=True,
        not_before=None,
        retry_waited=None,
    )
    if not asked.owed or asked.case.held or hindrance(asked) is not None:
        return refused(now, "not_now")
    # Who presses the one line about Stripe's retry looks at it: it becomes the card.
    ask = now.case.ask if now.case.why is Why.FIRST_RETRY else None
    return moved(drafting(asked, new_brief(asked), ask=ask))


def draft_asked_late(now: Now, event: DraftAsked) -> Step:
    """Words are being written, or were decided about: perhaps by a press just before theirs."""
    answers = event.answers or event.revision != now.case.revision
    return refused(now, "already_decided" if answers else "not_now")


def new_brief(now: Now) -> Brief:
    """What the words depend on, as things are."""
    return brief_for(now.case, now.owed, now.policy)


def rejected(now: Now, event: Rejected) -> Step:
    """This notice is skipped; the cadence goes on."""
    case = now.case
    if event.revision != case.revision:
        return refused(now, "stale")
    decision = Decision.CALLS if event.calls else Decision.REJECTED
    now = with_case(
        answered(now, event, decision, event.note),
        state=State.WAITING,
        notice=case.notice + 1,
        anchor=case.anchor or event.at,
        note="",
        redrafts=0,
        manual=False,
    )
    return thought(now)


def answered(now: Now, event: PersonEvent, decision: Decision, note: str) -> Now:
    """Who decided what, when, and their note: for the card to tell."""
    return with_case(
        now, decided_by=event.who, decided_at=event.at, decision=decision, decided_note=note
    )


def unanswerable(now: Now, revision: int | None) -> str | None:
    """Why an answer to the letter of this revision comes too late; None when it does not.

    What is no answer to a letter (`revision` None) always comes in time.
    """
    if revision is None:
        return None
    if now.case.approved_by is not None:
        return "already_decided"
    asked = now.case.state is State.IN_REVIEW and now.case.revision == revision
    return None if asked else "stale"


def undone(now: Now, event: Undone) -> Step:
    """Taken back in time: the same words are asked about again.

    Also those that policy is about to approve; and policy never approves them any more.
    """
    case = now.case
    if event.revision != case.revision or not (case.approved_by or case.by_itself):
        return refused(now, "stale")
    asked = in_review(now, ask=case.ask)
    return moved(with_case(asked, undone_by=event.who, undone_at=event.at, doubts=()))


def undone_late(now: Now, event: Undone) -> Step:
    """The letter they meant has left meanwhile, or the question is another one by now."""
    case = now.case
    has_left = case.last_sent_at is not None and event.revision == case.revision
    return refused(now, "too_late" if has_left else "stale")


def wait_asked(now: Now, event: WaitAsked) -> Step:
    """Quiet until Stripe has tried again: with less to write about, or with nothing."""
    if event.revision != now.case.revision:
        return refused(now, "stale")
    retry = cadence.next_try(now.owed, event.at)
    if retry is None:
        return refused(now, "no_retry")
    until = retry + cadence.RETRY_TAKES
    return snoozed_by(now, Snoozed(at=event.at, who=event.who, until=until, retry=retry))


def differed_in_review(now: Now, event: Differed) -> Step:
    """A setting or our own words changed under the card: the letter as it is now is asked about."""
    if event.revision != now.case.revision:
        return kept(now)
    return moved(with_case(in_review(now), differed=True))


def snoozed_by(now: Now, event: Snoozed) -> Step:
    """Quiet until then; also what a person had in hand goes back to waiting."""
    case = now.case
    if (why := unanswerable(now, event.revision)) is not None:
        return refused(now, why)
    now = with_case(
        answered(now, event, Decision.EARLY, event.note),
        not_before=event.until,
        retry_waited=event.retry,
        retry_known=retries.attempts(now.owed),
        begun=True,
        snoozed_by=event.who,
        snoozed_at=event.at,
    )
    if case.state is State.BY_HAND:
        # Who snoozes an answered case has read the answer; a reply that comes later counts anew.
        replied = case.replied and case.why is not Why.REPLIED
        now = with_case(now, state=State.WAITING, replied=replied)
    return thought(now)


def rerouted(now: Now, event: Rerouted) -> Step:
    """A person overrules the segment, both ways; who says it first has said it."""
    if now.standing.override is event.verdict and now.case.vip is (event.verdict is Verdict.VIP):
        return kept(now)
    standing = replace(now.standing, override=event.verdict, override_by=event.who)
    standard = event.verdict is Verdict.STANDARD
    leaves = standard and now.case.state is State.BY_HAND and now.case.why is Why.VIP
    now = with_case(replace(now, standing=standing), vip=not standard)
    return thought(with_case(now, state=State.WAITING, begun=True) if leaves else now)


def ticked(now: Now, event: Ticked) -> Step:
    """Some invoices are left out, also by later cases; one ticked again may be written about."""
    ticked_again = now.case.unticked - event.unticked
    muted = (now.standing.muted - ticked_again) | event.unticked
    standing = replace(now.standing, muted=muted)
    return thought(replace(with_case(now, unticked=event.unticked), standing=standing))


def stopped(now: Now, event: Stopped) -> Step:
    """Nothing is ever written about these invoices again."""
    if event.revision not in {None, now.case.revision}:
        return refused(now, "stale")  # they may have seen fewer invoices than there are
    if event.answers and (why := unanswerable(now, event.revision)) is not None:
        return refused(now, why)
    return moved(close(answered(now, event, Decision.STOPPED, event.note), Why.STOPPED))


def erased(now: Now, event: Erased) -> Step:
    """Closed, and words, names and addresses forgotten; ids, amounts and times stay."""
    after = close(now, Why.ERASED) if now.case.open else now
    return moved(
        with_case(
            replace(scrubbed(after), standing=replace(after.standing, owner=None)),
            why=Why.ERASED,
            facts=None,
            letter=None,
            earlier=(),
            decided_by=event.who,
            decided_at=event.at,
            decision=None,
        )
    )


def forgotten(now: Now, event: Forgotten) -> Step:
    """Its words had their time; why it closed and what the statistics count of it stay."""
    case = now.case
    if case.forgotten_at is not None:
        return kept(now)
    if case.why is Why.ERASED:
        return moved(with_case(now, forgotten_at=event.at))
    return moved(
        with_case(
            scrubbed(now),
            facts=nameless(case.facts) if case.facts else None,
            letter=wordless(case.letter) if case.letter else None,
            earlier=tuple(wordless(one) for one in case.earlier),
            forgotten_at=event.at,
        )
    )


def scrubbed(now: Now) -> Now:
    """Without what somebody wrote, and without whom; readings and letters are the caller's."""
    return with_case(
        now,
        brief=None,
        basis=None,
        note="",
        reasons=(),
        last_sent_to=None,
        decided_note="",
        owner=None,
        passed_note="",
    )
