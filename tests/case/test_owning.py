"""Who looks after a VIP, and the clock that asks until somebody does."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.case.events import Bounced, News, Owned, Replied, Rerouted
from bot.case.ids import Actor
from bot.case.model import State, Why
from bot.case.policy import SendingHours
from bot.case.standing import Verdict
from tests.case.examples import VIPS, by_hand, in_review, vip
from tests.case.life import ANA, BEN, MAYA, Life, invoice

OFFICE = SendingHours(opens=time(9), closes=time(18), weekdays=frozenset(range(5)))
IN_PARIS = replace(VIPS, hours=OFFICE, zone="Europe/Paris")
LARGE = invoice(remaining=50_000, total=50_000)
HOURS = timedelta(hours=1)


def owned(life: Life, who: Actor = ANA, **more: object) -> Life:
    life.later(timedelta(minutes=1))
    return life.happens(Owned(at=life.at, who=who, **more))  # type: ignore[arg-type]


def in_paris(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 on the company's clock, an hour ahead of UTC."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


def failed_at(at: datetime) -> Life:
    life = Life(IN_PARIS)
    life.at = at
    return life.failed().read(LARGE).posted()


@pytest.mark.parametrize(
    ("failed", "reminded", "escalated"),
    [
        (in_paris(23, 9), in_paris(23, 13), in_paris(23, 17)),
        (in_paris(23, 16), in_paris(24, 11), in_paris(24, 15)),
        (in_paris(27, 16), in_paris(30, 11), in_paris(30, 15)),
        (in_paris(28, 12), in_paris(30, 13), in_paris(30, 17)),
        (in_paris(23, 22), in_paris(24, 13), in_paris(24, 17)),
    ],
    ids=["monday morning", "monday afternoon", "friday afternoon", "saturday", "at night"],
)
def test_nobody_is_reminded_outside_the_companys_working_hours(
    failed: datetime, reminded: datetime, escalated: datetime
) -> None:
    life = failed_at(failed)
    rang = []
    while life.case.wake is not None:
        life.alarm()
        rang.append(life.at.replace(second=0, microsecond=0))
    assert rang == [reminded, escalated]
    assert life.case.reminders == 2


def test_an_alarm_that_comes_after_hours_waits_for_the_next_working_hour() -> None:
    life = failed_at(in_paris(27, 9))
    life.later(timedelta(days=1)).alarm()  # the bot was away until Saturday
    assert (life.case.reminders, life.case.wake) == (0, in_paris(30, 9))
    assert life.alarm().case.reminders == 1


def test_taken_in_time_nobody_is_reminded_and_contacted_nobody_ever_is() -> None:
    life = owned(vip())
    assert (life.case.taken_by, life.case.reminders) == (ANA, 0)
    owned(life, BEN, contacted=True)
    assert (life.case.taken_by, life.case.contacted_by, life.case.wake) == (ANA, BEN, None)


def test_who_took_a_vip_on_is_asked_once_whether_they_reached_them() -> None:
    life = owned(vip().alarm().alarm())
    assert life.case.reminders == 0
    assert life.case.wake == life.at + 8 * HOURS
    life.alarm()
    assert (life.case.reminders, life.case.wake) == (1, None)


def test_handed_over_the_clock_begins_anew_and_whoever_had_it_has_it_no_more() -> None:
    life = owned(vip().alarm())
    owned(life, owner="U_PRIYA", note="speaks French")
    case = life.case
    assert (case.owner, case.passed, case.passed_by, case.passed_note) == (
        "U_PRIYA",
        1,
        ANA,
        "speaks French",
    )
    assert (case.taken_by, case.reminders, case.wake) == (None, 0, life.at + 4 * HOURS)
    assert life.alarm().case.reminders == 1
    owned(life, BEN, owner="U_TOM")
    assert (life.case.owner, life.case.passed, life.case.reminders) == ("U_TOM", 2, 0)


def test_the_same_hand_over_sent_twice_is_one() -> None:
    life = owned(vip(), owner="U_PRIYA")
    owned(life, owner="U_PRIYA")
    assert life.case.passed == 1
    owned(owned(life, BEN), owner="U_PRIYA")  # taken meanwhile: it is given back to her
    assert (life.case.passed, life.case.taken_by) == (2, None)


def test_who_was_contacted_is_neither_taken_nor_handed_over_any_more() -> None:
    life = owned(vip(), contacted=True)
    for more in ({}, {"contacted": True}, {"owner": "U_PRIYA"}):
        assert owned(life, BEN, **more).step.refused == "already_contacted"


def test_what_no_reminder_can_hurry_has_no_clock() -> None:
    replied = in_review()
    replied.happens(Replied(at=replied.at))
    bounced = in_review()
    bounced.happens(Bounced(at=bounced.at, address=MAYA))
    disputed = in_review().hinted(News.DISPUTE).read()
    for life in (replied, bounced, disputed, by_hand()):
        assert (life.case.state, life.case.wake) == (State.BY_HAND, None)


def test_written_to_instead_the_case_leaves_the_hands_it_was_in() -> None:
    life = vip().rerouted(Verdict.STANDARD)
    assert (life.case.state, life.case.vip) == (State.DRAFTING, False)
    assert (life.standing.override, life.standing.override_by) == (Verdict.STANDARD, ANA)
    life.happens(Rerouted(at=life.at, who=BEN, verdict=Verdict.STANDARD))
    assert life.standing.override_by == ANA
    assert life.rerouted(Verdict.VIP).case.why is Why.VIP


def test_whom_a_customer_was_handed_over_to_has_the_next_case_too() -> None:
    first = owned(owned(vip(), owner="U_PRIYA"), owner="U_TOM").stopped()
    assert first.standing.owner == "U_TOM"
    life = Life(VIPS, first.standing).failed("in_2").read(invoice("in_2", 50_000, total=50_000))
    case = life.case
    assert (case.state, case.owner, case.passed, case.passed_by) == (
        State.BY_HAND,
        "U_TOM",
        0,
        None,
    )
    assert owned(life.posted(), owner="U_PRIYA").standing.owner == "U_PRIYA"


def test_a_case_that_an_older_program_handed_over_keeps_its_owner() -> None:
    life = owned(vip(), owner="U_PRIYA")
    life.step = replace(life.step, standing=replace(life.standing, owner=None))
    life.rerouted(Verdict.STANDARD).rerouted(Verdict.VIP)
    assert life.case.owner == "U_PRIYA"


def test_erasing_forgets_a_hand_over_with_its_note() -> None:
    life = owned(vip(), owner="U_PRIYA", note="ask for Chloé").erased()
    assert (life.case.passed_note, life.case.owner, life.standing.owner) == ("", None, None)
