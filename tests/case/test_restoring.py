"""A case whose database was restored: what may have left is asked, and nothing is mixed up."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.case.effects import Gather, HandOver
from bot.case.events import Approved, Restored
from bot.case.model import State
from bot.case.restoring import SPARE_REVISIONS
from tests.case.examples import REACHED, approved, drafting, in_review, sending, waiting
from tests.case.life import ANA, Life

HOUR = timedelta(hours=1)


def restored(life: Life, lost: timedelta = HOUR) -> Life:
    return life.later(lost).happens(Restored(at=life.at, known=life.at - lost))


@pytest.mark.parametrize("reached", [approved, sending])
def test_what_was_about_to_leave_is_asked_of_a_person_under_its_own_message_id(
    reached: Callable[[], Life],
) -> None:
    life = reached()
    revision, ask = life.case.revision, life.case.ask
    case = restored(life).case
    assert (case.state, case.handed, case.ask) == (State.UNCLEAR, revision, ask + 1)
    assert HandOver(case_id=case.id, revision=revision).key in {
        one.key for one in life.standing.contacts
    }
    assert life.settled(arrived=False).case.state is State.APPROVED
    life.alarm().looked()
    assert (life.case.state, life.case.handed) == (State.SENDING, revision)


def test_that_it_arrived_counts_and_ends_the_doubt() -> None:
    life = restored(approved())
    life.settled(arrived=True)
    assert (life.case.state, life.case.sent, life.case.restored_at) == (State.WAITING, 1, None)


@pytest.mark.parametrize("reached", [drafting, in_review])
def test_no_revision_that_other_words_may_have_had_is_used_again(
    reached: Callable[[], Life],
) -> None:
    life = reached()
    before = life.case.revision
    restored(life)
    assert life.case.revision == before + SPARE_REVISIONS + 60
    again = life.case.revision
    restored(life)
    assert life.case.revision > again


def test_a_press_on_a_card_from_before_the_restore_is_stale() -> None:
    life = in_review()
    seen = life.case.revision
    restored(life)
    life.happens(Approved(at=life.at, who=ANA, revision=seen))
    assert life.step.refused == "stale"


def test_the_next_letter_of_one_that_waits_has_a_number_of_its_own() -> None:
    life = waiting()
    before = life.case.revision
    restored(life).alarm().read()
    assert life.case.revision >= before + SPARE_REVISIONS
    assert life.drafted().approved().alarm().looked().delivered().case.restored_at is None


@pytest.mark.parametrize("state", [one for one in State if one is not State.CLOSED])
def test_every_open_case_reads_stripe_and_hears_of_one_restore_once(state: State) -> None:
    life = restored(REACHED[state]())
    assert life.asks_for(Gather)
    after = life.case
    life.happens(Restored(at=life.at, known=life.at - HOUR))
    assert (life.case, life.step.effects) == (after, ())


def test_a_clock_that_went_back_gives_no_number_twice() -> None:
    life = in_review()
    life.happens(Restored(at=life.at, known=life.at + HOUR))
    assert life.case.revision >= life.case.revisions_from
