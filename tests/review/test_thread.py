"""What a VIP's thread should have been told by now, and whom it is said to."""

from dataclasses import replace

import pytest

from bot.case.model import Case, State, Why
from bot.review.thread import (
    FOR_ALL,
    OPENING,
    OUTCOME,
    PASSED,
    REACHED,
    REMINDER,
    STANDARD,
    is_for_all,
    no_longer_theirs,
    thread_wants,
)
from tests.review.stories import ANNE, NOW, REVIEW, STORIES, VIP

TAKEN = replace(VIP, taken_by=ANNE, taken_at=NOW)
PASSED_ON = STORIES["vip_handed_over"]
WAITS = replace(VIP, state=State.WAITING, why=Why.SNOOZED)


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        (VIP, (OPENING,)),
        (replace(VIP, reminders=1), (OPENING, f"{REMINDER}-0")),
        (replace(VIP, reminders=2), (OPENING, f"{REMINDER}-0", f"{FOR_ALL}-0")),
        (TAKEN, (OPENING,)),
        (replace(TAKEN, reminders=1), (OPENING, f"{REACHED}-0")),
        (replace(TAKEN, reminders=1, contacted_by=ANNE), (OPENING,)),
        (PASSED_ON, (OPENING, f"{PASSED}-1")),
        (replace(PASSED_ON, reminders=1), (OPENING, f"{PASSED}-1", f"{REMINDER}-1")),
        (replace(PASSED_ON, passed=2), (OPENING, f"{PASSED}-2")),
        (WAITS, ()),
        (REVIEW, (OPENING, STANDARD)),
        (STORIES["vip_paid"], (OPENING, OUTCOME)),
        (STORIES["closed_recovered"], (OPENING, OUTCOME)),
        (STORIES["closed_erased"], ()),
    ],
)
def test_a_thread_is_told_what_is_so_now_and_no_more(case: Case, wanted: tuple[str, ...]) -> None:
    assert thread_wants(case, (OPENING,)) == wanted


def test_a_card_that_never_was_a_vips_has_no_thread() -> None:
    assert thread_wants(REVIEW) == thread_wants(STORIES["closed_recovered"]) == ()


def test_only_the_second_word_is_said_to_the_whole_channel() -> None:
    kinds = (OPENING, OUTCOME, STANDARD, *(f"{one}-3" for one in (PASSED, REMINDER, REACHED)))
    assert not any(is_for_all(one) for one in kinds)
    assert is_for_all(f"{FOR_ALL}-3")


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (VIP, None),
        (TAKEN, None),
        (replace(TAKEN, contacted_by=ANNE), "refusal.already_contacted"),
        (WAITS, "refusal.not_now"),
        (REVIEW, "refusal.already_decided"),
        (STORIES["vip_paid"], "refusal.closed"),
    ],
)
def test_who_may_still_be_handed_over_or_written_to_instead(case: Case, why: str | None) -> None:
    assert no_longer_theirs(case) == why
