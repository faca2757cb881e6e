"""Who looks after a customer that only a person goes on with, and the clock that asks for one."""

from dataclasses import replace

from bot.case import cadence
from bot.case.events import Owned, TimeCame
from bot.case.now import Now, vip_alarm
from bot.case.steps import Step, kept, moved, refused, with_case

# A VIP whom nobody takes: the account manager is reminded, then the channel is told.
MOST_REMINDERS = 2


def owned(now: Now, event: Owned) -> Step:
    """Somebody took the customer on, got in touch, or handed over."""
    case = now.case
    if case.contacted_by is not None:
        return refused(now, "already_contacted")
    if event.owner is not None:
        return passed_on(now, event)
    if not event.contacted and case.taken_by is not None:
        return refused(now, "already_taken")
    taken_by, taken_at = case.taken_by or event.who, case.taken_at or event.at
    now = with_case(now, taken_by=taken_by, taken_at=taken_at)
    if event.contacted:
        now = with_case(now, contacted_by=event.who, contacted_at=event.at)
    return clock_begins(now)


def passed_on(now: Now, event: Owned) -> Step:
    """It is somebody else's from now on, and they are given as long as the first one was.

    Theirs is the customer, also in cases to come.
    """
    case = now.case
    was = (case.owner, case.passed_by, case.passed_note, case.taken_by)
    if was == (event.owner, event.who, event.note, None):
        return kept(now)  # the same modal, sent twice
    now = replace(now, standing=replace(now.standing, owner=event.owner))
    return clock_begins(
        with_case(
            now,
            owner=event.owner,
            passed=case.passed + 1,
            passed_by=event.who,
            passed_at=event.at,
            passed_note=event.note,
            taken_by=None,
            taken_at=None,
        )
    )


def clock_begins(now: Now) -> Step:
    """Reminded of by nobody yet, and from now on."""
    return moved(with_case(now, reminders=0, wake=vip_alarm(now)))


def alarm_by_hand(now: Now, event: TimeCame) -> Step:
    """Nobody took a VIP on, or who did told of no contact: have the thread say so.

    An alarm that comes late, after a stop for instance, waits for the next working hour.
    """
    again = vip_alarm(now)
    if again is None:
        return moved(with_case(now, wake=None))
    opens = cadence.opening(event.at, now.policy.hours, now.policy.zone)
    if opens > event.at:
        return moved(with_case(now, wake=opens))
    reminders = now.case.reminders + 1
    over = now.case.taken_by is not None or reminders >= MOST_REMINDERS
    return moved(with_case(now, reminders=reminders, wake=None if over else again))
