"""The last look, the hand-over, and what became of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.case import cadence
from bot.case.doubts import doubts
from bot.case.effects import HandOver, Look
from bot.case.events import Bounced, Delivered, Differed, Looked, NotSent, Settled
from bot.case.ids import POLICY
from bot.case.model import Case, Doubt, State, next_revision
from bot.case.now import IN_FLIGHT, Now, in_review, undecided
from bot.case.standing import Contact
from bot.case.steps import (
    APPROVAL_LASTS,
    Step,
    customer_zone,
    decided,
    in_working_hours,
    kept,
    moved,
    refused,
    reread,
    thought,
    with_case,
    with_facts,
)
from bot.case.think import think

UNCLEAR_ASKS_EVERY = timedelta(hours=24)
LOOK_LASTS = timedelta(seconds=10)  # an older last look is repeated
FIRST_RETRY = timedelta(minutes=1)  # after a hand-over that certainly failed; doubles


def looked(now: Now, event: Looked) -> Step:
    """The last look, judged: every reason not to send is asked before sending."""
    named = event.revision == now.case.revision
    after = think(with_facts(now, event.facts))
    if named and after.case.state is State.APPROVED:
        return last_look(after, event)
    return reread(after)


def last_look(now: Now, event: Looked) -> Step:
    """In order: news, expiry, review, pause, hours, budget; else sending."""
    case = now.case
    again = Look(case_id=case.id, revision=case.revision)
    hint_is_newer = case.hinted_at is not None and case.hinted_at > event.facts.read_at
    is_old = event.at - event.facts.read_at > LOOK_LASTS
    if hint_is_newer or is_old:
        return moved(now, again)
    if case.good_until is not None and event.at >= case.good_until:
        return moved(in_review(now, ask=case.ask + 1))
    if case.approved_by == POLICY and (found := no_longer_by_itself(now)) is not None:
        asked = in_review(now)  # in a new message: nobody was asked yet
        return moved(with_case(asked, doubts=found))
    if now.policy.paused:
        return moved(now, again)
    later = later_than(now)
    if later > event.at:
        waits = with_case(now, send_at=later, good_until=later + APPROVAL_LASTS, wake=later)
        return moved(with_case(waits, over_budget=budget_frees(now) is not None))
    return sending(now, event)


def no_longer_by_itself(now: Now) -> tuple[Doubt, ...] | None:
    """Why what policy approved needs a person after all; None when nothing speaks against it.

    A night lies between approval and last look, or another case's letter to the same address.
    """
    if not now.policy.auto_send:
        return ()
    return doubts(now) or None


def later_than(now: Now) -> datetime:
    """The first moment from now on that sending hours and the contact budget allow."""
    case, policy = now.case, now.policy
    free = budget_frees(now) or now.at
    if case.send_now:
        return free
    return cadence.opening(free, policy.hours, customer_zone(now))


def budget_frees(now: Now) -> datetime | None:
    """When the contact budget allows another letter; None when it does now."""
    return cadence.budget_free_at(now.standing.contacts, now.policy, now.at)


def sending(now: Now, event: Looked) -> Step:
    """From here there is no recall: the contact is booked and the letter handed over."""
    case = now.case
    hand_over = HandOver(case_id=case.id, revision=case.revision, links=event.links)
    now = with_case(
        booked(now, case.revision),
        state=State.SENDING,
        wake=None,
        handed=case.revision,
        over_budget=False,
    )
    return moved(now, hand_over)


def delivered(now: Now, event: Delivered) -> Step:
    """It left: count it, and wait for the next notice."""
    if event.revision != now.case.handed:
        return kept(now)
    counted = count(now, event.at, event.recipient)
    return thought(with_case(counted, state=State.WAITING, why=None))


def delivered_after_all(now: Now, event: Delivered) -> Step:
    """A person thought it had not arrived and it is to be sent again; the mail server knows better.

    Only a hand-over of this very revision can have been taken, so a second letter is never sent.
    """
    if event.revision != now.case.revision:
        return kept(now)
    counted = count(booked(now, event.revision), event.at, event.recipient)
    return thought(with_case(counted, state=State.WAITING, why=None))


def counted_late(now: Now, event: Delivered) -> Step:
    """The case ended while its letter was in flight: it only counts."""
    if event.revision != now.case.handed:
        return kept(now)
    return moved(count(now, event.at, None if now.case.bare else event.recipient))


def count(now: Now, at: datetime, recipient: str | None) -> Now:
    """One more letter has left."""
    case = now.case
    earlier = (*case.earlier, case.letter) if case.letter else case.earlier
    case = replace(
        undecided(case),
        anchor=case.anchor or case.approved_at or at,
        sent=case.sent + 1,
        notice=case.notice + 1,
        earlier=earlier,
        handed=None,
        tries=0,
        note="",
        redrafts=0,
        manual=False,
        restored_at=None,
        last_sent_at=at,
        last_sent_to=recipient,
        last_approved_by=case.approved_by or case.last_approved_by,
    )
    return replace(now, case=case)


def not_sent(now: Now, event: NotSent) -> Step:
    """It certainly did not leave: try later, or never again to this address."""
    if event.revision != now.case.handed:
        return kept(now)
    now = unbooked(now)
    if event.permanent:
        refused_by = {address} if (address := addressee(now.case)) else set()
        standing = replace(now.standing, suppressed=now.standing.suppressed | refused_by)
        return thought(replace(with_case(now, state=State.WAITING), standing=standing))
    again = event.at + FIRST_RETRY * 2 ** min(now.case.tries, 8)
    # What changed while it was in flight counts now: it may be held, or a VIP's.
    return thought(
        with_case(now, state=State.APPROVED, send_at=again, wake=again, tries=now.case.tries + 1)
    )


def unbook(now: Now, event: NotSent | Differed) -> Step:
    """The case ended, and its letter did not leave either."""
    return moved(unbooked(now)) if event.revision == now.case.handed else kept(now)


def differed(now: Now, event: Differed) -> Step:
    """What was about to leave is not what was approved: it stayed here, and is asked anew.

    In a new message, because whoever approved it has turned to other things.
    """
    if event.revision != now.case.handed:
        return kept(now)
    ask, revision = now.case.ask + 1, next_revision(now.case)
    now = think(with_case(unbooked(now), state=State.IN_REVIEW))
    if now.case.state is State.IN_REVIEW:
        now = with_case(in_review(now, revision=revision, ask=ask), differed=True)
    return reread(now)


def booked(now: Now, revision: int) -> Now:
    """With the contact of this hand-over: a budget counts it from now on, in all their cases."""
    key = HandOver(case_id=now.case.id, revision=revision).key
    contact = Contact(key=key, address=customer_address(now.case) or "", at=now.at)
    contacts = (*(one for one in now.standing.contacts if one.key != key), contact)
    return replace(now, standing=replace(now.standing, contacts=contacts))


def unbooked(now: Now) -> Now:
    """Without the contact that was booked for the letter in flight."""
    key = HandOver(case_id=now.case.id, revision=now.case.handed or 0).key
    contacts = tuple(one for one in now.standing.contacts if one.key != key)
    now = replace(now, standing=replace(now.standing, contacts=contacts))
    return with_case(now, handed=None)


def became_unclear(now: Now, at: datetime, revision: int) -> Step:
    """It may have left: only a person, or proof, goes on."""
    if revision != now.case.handed:
        return kept(now)
    wake = in_working_hours(now, at + UNCLEAR_ASKS_EVERY)
    return moved(with_case(now, state=State.UNCLEAR, ask=now.case.ask + 1, wake=wake))


def bounced(now: Now, event: Bounced) -> Step:
    """The address is dead; the letter in flight, if it was that one, did leave."""
    suppressed = now.standing.suppressed | {event.address}
    now = replace(now, standing=replace(now.standing, suppressed=suppressed))
    in_flight = event.revision is not None and event.revision == now.case.handed
    if in_flight:
        now = count(now, event.at, None if now.case.bare else event.address)
        if now.case.state in IN_FLIGHT:
            now = with_case(now, state=State.WAITING)
    return moved(now) if not now.case.open else thought(now)


def settled(now: Now, event: Settled) -> Step:
    """A person says whether the unclear letter arrived."""
    if event.revision != now.case.handed:
        return refused(now, "stale")
    now = with_case(now, decided_by=event.who, decided_at=event.at, decision=None, decided_note="")
    if event.arrived:
        counted = count(now, event.at, addressee(now.case))
        return thought(with_case(counted, state=State.WAITING, why=None))
    again = decided(unbooked(now), event.who, now.case.seen)
    return thought(again)


def addressee(case: Case) -> str | None:
    """The address that the letter is written to: in test mode not the customer's."""
    return case.basis.recipient if case.basis else None


def customer_address(case: Case) -> str | None:
    """The address whose budget a letter uses up: the customer's, also in test mode."""
    return case.facts.customer.recipient if case.facts else None
