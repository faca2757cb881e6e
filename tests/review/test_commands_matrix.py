"""Who may use the command: the same kinds of actor as for presses, and nobody else."""

from typing import Any

import pytest

from bot.words import say
from tests.review.conftest import Stage
from tests.review.counter import Counter
from tests.review.test_matrix import ALLOWED, KINDS

Json = dict[str, Any]


@pytest.mark.parametrize("name", KINDS)
async def test_who_may_ask_and_tell(stage: Stage, name: str) -> None:
    kind = KINDS[name]
    await stage.rooms.id_of("dunning")
    counter = Counter(people=stage.people)
    payload: Json = {"user": {"id": kind.is_(stage).id, "team_id": stage.slack.state.team_id}}
    kind.says(payload)
    who = {"user_id": payload["user"]["id"], "team_id": payload["user"]["team_id"]}
    for line in ("show Ana", "stop Ana", "pause all of it"):
        answer = await counter.asks(line, **who)
        if kind.decides != ALLOWED:
            assert answer["text"] == say("en", f"denied.{kind.decides}")
    changed = len(counter.events) + len(counter.shelf.said)
    assert bool(changed) is (kind.decides == ALLOWED)
