"""The table of the machine: every event in every state, by name."""

from dataclasses import replace
from typing import get_args

import pytest

from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.events import AnyEvent, Bounced, PersonEvent, TimeCame
from bot.case.machine import step, wanted
from bot.case.model import State
from tests.case.examples import EXAMPLES, REACHED, example
from tests.case.life import NOON

# What an ordinary event does to an ordinary case: the state it ends in with the effects it asks
# for, `.` nothing, `x` refused.
TABLE = """
           waiting    drafting   in_review  approved   sending    unclear    by_hand    closed
Hinted     stays+G    stays+G    stays+G    stays+G    stays+G    stays+G    stays+G    stays+G
FactsRead  stays      stays      stays      stays      stays      stays      stays      stays
TimeCame   stays+G    .          stays+G    stays+L    .          stays+S    stays+S    .
Forgotten  .          .          .          .          .          .          .          stays
Drafted    .          in_review+S .         .          .          .          .          .
Posted     .          .          .          .          .          .          .          .
Looked     stays      stays      stays      sending+H  stays      stays      stays      stays
Delivered  .          .          .          .          waiting+S  waiting+S  .          .
NotSent    .          .          .          .          approved+S .          .          .
Differed   .          .          stays+S    .          in_review+S .         .          .
Unclear    .          .          .          .          unclear+S  .          .          .
Bounced    by_hand+S  by_hand+S  by_hand+S  by_hand+S  .          .          .          .
Replied    by_hand+S  by_hand+S  by_hand+S  by_hand+S  stays+S    stays+S    stays+S    .
Held       stays+S    waiting+S  waiting+S  waiting+S  stays+S    stays+S    stays+S    .
Released   .          .          .          .          .          .          .          .
Restored   stays+GS   stays+GD   stays+GS   unclear+GS unclear+GS stays+GS   stays+GS   .
Approved   x          x          approved+S x          x          x          x          x
Hurried    x          x          x          stays+S    x          x          x          x
Edited     x          x          stays+S    x          x          x          x          x
DraftAsked drafting+D x          drafting+DS x         x          x          x          x
Rejected   x          x          waiting+S  x          x          x          x          x
WaitAsked  x          x          waiting+S  x          x          x          x          x
Undone     x          x          x          in_review+S x         x          x          x
Settled    x          x          x          x          x          waiting+S  x          x
Snoozed    stays+S    waiting+S  waiting+S  waiting+S  stays+S    stays+S    waiting+S  x
Rerouted   by_hand+S  by_hand+S  by_hand+S  by_hand+S  stays+S    stays+S    stays+S    x
Ticked     .          .          .          .          .          .          .          x
Owned      x          x          x          x          x          x          stays+S    x
Stopped    closed+S   closed+S   closed+S   closed+S   closed+S   closed+S   closed+S   x
Erased     closed+S   closed+S   closed+S   closed+S   closed+S   closed+S   closed+S   stays+S
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
STATES, CELLS = ROWS[0], {row[0]: row[1:] for row in ROWS[1:]}
LETTERS: dict[type[Effect], str] = {
    Gather: "G",
    Draft: "D",
    Show: "S",
    Look: "L",
    HandOver: "H",
    Tell: "T",
}
EVENTS = get_args(AnyEvent)


def cell(event: type, state: State) -> str:
    before, after = REACHED[state]().case, example(state, event)
    if after.refused:
        return "x"
    if after.case == before and not after.effects:
        return "."
    place = "stays" if after.case.state is state else str(after.case.state)
    effects = "".join(LETTERS[type(one)] for one in after.effects)
    return f"{place}+{effects}" if effects else place


def test_every_state_has_an_example_that_was_reached_by_events() -> None:
    assert {state: life().case.state for state, life in REACHED.items()} == {
        state: state for state in State
    }


def test_every_event_has_an_example_and_a_row() -> None:
    assert set(EXAMPLES) == set(EVENTS)
    assert list(CELLS) == [event.__name__ for event in EVENTS]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_answered_in_every_state_as_the_table_says(
    event: type, state: State
) -> None:
    assert cell(event, state) == CELLS[event.__name__][STATES.index(state)]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("event", EVENTS)
def test_only_people_are_refused_and_a_refusal_changes_nothing(event: type, state: State) -> None:
    life, after = REACHED[state](), example(state, event)
    if after.refused is not None:
        assert issubclass(event, PersonEvent)
        assert (after.case, after.standing, after.effects) == (life.case, life.standing, ())


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize(
    "event",
    [one for one in EVENTS if "revision" in one.__dataclass_fields__ and one is not Bounced],
)
def test_what_names_an_old_revision_decides_nothing(event: type, state: State) -> None:
    life = REACHED[state]()
    old = replace(EXAMPLES[event](life), revision=999)
    after = step(life.case, old, life.standing, life.policy)
    assert after.case.state is state
    assert after.case.revision == life.case.revision
    assert not [one for one in after.effects if isinstance(one, HandOver | Draft)]


def test_an_alarm_that_was_overwritten_meanwhile_rings_for_nobody() -> None:
    for life in (reach() for reach in REACHED.values()):
        ring = replace(EXAMPLES[TimeCame](life), wake=NOON.replace(year=2020))
        assert step(life.case, ring, life.standing, life.policy).case == life.case


def test_words_a_look_and_a_hand_over_are_wanted_only_where_they_still_matter() -> None:
    for state, reach in REACHED.items():
        case = reach().case
        now, old = case.revision, case.revision - 1
        assert wanted(case, Draft(case_id=case.id, revision=now)) is (state is State.DRAFTING)
        assert wanted(case, Look(case_id=case.id, revision=now)) is (state is State.APPROVED)
        assert wanted(case, HandOver(case_id=case.id, revision=now)) is (state is State.SENDING)
        assert not wanted(case, Draft(case_id=case.id, revision=old))
        assert not wanted(case, Look(case_id=case.id, revision=old))
        assert not wanted(case, HandOver(case_id=case.id, revision=old))
        assert wanted(case, Gather(case_id=case.id))
        assert wanted(case, Show(case_id=case.id))
