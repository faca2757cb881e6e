"""What Slack asked of one call is kept by all: they take turns, and wait no longer than is fit."""

import pytest

from bot.errors import ChannelTrouble
from bot.review.gate import PATIENCE, Gate
from tests.sandbox.slack.stage import HandClock

POST = ("chat.postMessage", "C1")


async def waits(clock: HandClock, gate: Gate, method: str, channel: str) -> float:
    before = clock.moment
    await gate.turn(method, channel)
    return (clock.moment - before).total_seconds()


async def test_nobody_waits_until_slack_refused() -> None:
    clock = HandClock()
    assert [await waits(clock, Gate(clock), *POST) for _ in range(50)] == [0] * 50


async def test_after_a_refusal_calls_go_a_second_apart_from_when_slack_opens() -> None:
    clock = HandClock()
    gate = Gate(clock)
    gate.refused(*POST, 3)
    assert [await waits(clock, gate, *POST) for _ in range(4)] == [3, 1, 1, 1]


async def test_other_channels_and_other_methods_do_not_wait() -> None:
    clock = HandClock()
    gate = Gate(clock)
    gate.refused(*POST, 3)
    assert await waits(clock, gate, "chat.postMessage", "C2") == 0
    assert await waits(clock, gate, "chat.update", "C1") == 0


async def test_too_long_a_wait_is_handed_back_with_its_seconds() -> None:
    gate = Gate(HandClock())
    gate.refused(*POST, PATIENCE + 1)
    with pytest.raises(ChannelTrouble) as trouble:
        await gate.turn(*POST)
    assert (trouble.value.code, trouble.value.retry_after) == ("ratelimited", PATIENCE + 1)


async def test_a_minute_without_a_refusal_ends_the_turns() -> None:
    clock = HandClock()
    gate = Gate(clock)
    gate.refused(*POST, 1)
    assert await waits(clock, gate, *POST) == 1
    await clock.sleep(60)
    assert [await waits(clock, gate, *POST) for _ in range(3)] == [0, 0, 0]


class Interrupted(HandClock):
    """While one sleeps, another is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate(self)
        self.naps = 0

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self.naps += 1
        if self.naps == 1:
            self.gate.refused(*POST, 4)


async def test_who_waited_while_another_was_refused_waits_for_that_too() -> None:
    clock = Interrupted()
    clock.gate.refused(*POST, 2)
    assert await waits(clock, clock.gate, *POST) == 6
