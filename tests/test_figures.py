"""What one case costs is held at what was measured; times are printed by `make figures` only."""

import pytest

from bench.counts import LONE, USUAL, cost
from bench.figure import Bound, Figure, lines


@pytest.mark.parametrize(("events", "writes"), [(LONE, 11), (USUAL, 16)], ids=["lone", "usual"])
async def test_a_case_costs_no_more_than_was_measured(
    migrated_url: str, events: frozenset[str], writes: int
) -> None:
    found = await cost(migrated_url.replace("@/", "@localhost/"), events)
    assert found.to_card["stripe"] == 3
    assert found.to_sent["stripe"] == 1
    assert found.all("model") == 1
    assert found.all("slack chat.postMessage") == 1
    assert found.all("slack chat.update") == len(found.changes) == 2
    assert found.all("writes") <= writes


def test_a_figure_beyond_its_bound_is_called_short() -> None:
    most = Figure(name="calls", value=4, bound=Bound.AT_MOST, limit=3)
    least = Figure(name="cases", value=4, bound=Bound.AT_LEAST, limit=3)
    assert [one.holds for one in (most, least)] == [False, True]
    assert "short" in lines([most])[0]
    assert "OK" in lines([least])[0]


def test_a_figure_without_a_bound_is_only_told() -> None:
    told = lines([Figure(name="look-ups", value=6, remark="users.info 1")])[0]
    assert told.split() == ["look-ups", "6", "users.info", "1"]
