"""Random histories: whatever happens, in whatever order, the invariants hold after every step.

HISTORIES=5000 makes more of them; HISTORY=17 repeats the one that failed.
"""

import os
from dataclasses import replace

import pytest

from bot.case.facts import nameless
from bot.case.ids import POLICY
from bot.case.model import Why
from tests.case.world import World

TURNS = 120
AT_ONCE = 25  # histories a test
HISTORIES = int(os.environ.get("HISTORIES", "200"))
ONLY = os.environ.get("HISTORY")
FIRSTS = [int(ONLY)] if ONLY else list(range(0, HISTORIES, AT_ONCE))


def lived(seed: int) -> World:
    """A whole history; a broken promise says how to see it again."""
    world = World(seed)
    try:
        for _ in range(TURNS):
            world.turn()
        world.settle()
        assert_ended(world)
    except AssertionError as error:
        story = "\n".join(world.story[-12:])
        again = f"HISTORY={seed} python -m pytest tests/case/test_histories.py"
        pytest.fail(f"{error}\n{story}\nrepeat: {again}")
    return world


def assert_ended(world: World) -> None:
    case = world.case
    assert not case.open, "paid, and still open"
    if case.why is Why.ERASED:
        assert case.facts is None
        return
    assert case.facts is not None
    truth = tuple(world.truth[one] for one in case.joined if one in world.truth)
    true = replace(case.facts, invoices=truth)
    expected = nameless(true) if case.forgotten_at else true
    assert {one.id: one for one in case.facts.invoices} == {
        one.id: one for one in expected.invoices
    }


@pytest.mark.parametrize("first", FIRSTS)
def test_in_every_history_every_promise_holds_and_payment_ends_it(first: int) -> None:
    for seed in range(first, first + (1 if ONLY else AT_ONCE)):
        lived(seed)


def test_the_histories_reach_what_they_are_about() -> None:
    worlds = [lived(seed) for seed in range(65)]
    events = {line.split(": ", 1)[1].split("(")[0] for one in worlds for line in one.story}
    states = {line.split(":", 1)[0] for one in worlds for line in one.story}
    assert len(states) == 8
    assert len(events) == 30
    assert sum(len(one.mailed) for one in worlds) > 10
    assert any(one.case.last_approved_by == POLICY for one in worlds)
    assert any(one.case.retry_known for one in worlds)


def test_the_same_seed_is_the_same_history() -> None:
    assert lived(7).story == lived(7).story
