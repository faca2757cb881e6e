"""A model in trouble is left alone for a while; one call at a time finds out if it is back."""

import asyncio
import io
import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import log
from bot.case.events import Drafted
from bot.case.letter import Author, FixedBecause, Letter
from bot.drafting.asking import ask_about
from bot.drafting.breaker import LONGEST_REST, REST, TROUBLES, Breaker, Sparing
from bot.drafting.draft import PATIENCE, drafts
from bot.drafting.prompt import Ask
from bot.drafting.writer import SECONDS
from bot.drafting.writing import LEFT_ALONE, TIMEOUT, UNREACHABLE, Words
from bot.errors import ModelTrouble
from bot.sandbox.model import Model
from tests.drafting.letters import COMPANY, EFFECT, KNOWN, NOON, StillClock, brief, case, writing

WELL = Words(subject="Your payment", body="You can pay here: {pay_link}")
SECOND = timedelta(seconds=1)
AWAY = (TIMEOUT, UNREACHABLE, "http_429", "http_500", "http_503")


class Moody:
    """A writer in the trouble that it was last given; counts how often it was asked."""

    def __init__(self) -> None:
        self.trouble: ModelTrouble | None = None
        self.asked = 0
        self.answering: asyncio.Event | None = None

    async def write(self, _ask: Ask) -> Words:
        self.asked += 1
        trouble = self.trouble
        if self.answering is not None:
            await self.answering.wait()
        if trouble is not None:
            raise trouble
        return WELL


def ask() -> Ask:
    return ask_about(case(), brief(), KNOWN, NOON)


async def code(writer: Sparing) -> str | None:
    try:
        await writer.write(ask())
    except ModelTrouble as trouble:
        return trouble.code
    return None


async def in_trouble(model: Moody, clock: StillClock, trouble: str = "http_500") -> Sparing:
    writer = Sparing(model, clock)
    model.trouble = ModelTrouble(trouble)
    assert [await code(writer) for _ in range(TROUBLES)] == [trouble] * TROUBLES
    return writer


@pytest.mark.parametrize("trouble", AWAY)
async def test_after_three_troubles_in_a_row_it_is_not_asked_any_more(trouble: str) -> None:
    model = Moody()
    writer = await in_trouble(model, StillClock(), trouble)
    assert [await code(writer) for _ in range(200)] == [LEFT_ALONE] * 200
    assert model.asked == TROUBLES


async def test_a_trouble_now_and_then_changes_nothing() -> None:
    model, clock = Moody(), StillClock()
    writer = Sparing(model, clock)
    for _ in range(10):
        model.trouble = ModelTrouble("http_500")
        assert [await code(writer) for _ in range(TROUBLES - 1)] == ["http_500"] * (TROUBLES - 1)
        model.trouble = None
        assert await code(writer) is None


@pytest.mark.parametrize("useless", ["refusal", "empty", "malformed", "too_long", "length"])
async def test_a_useless_answer_is_an_answer(useless: str) -> None:
    writer = Sparing(model := Moody(), StillClock())
    model.trouble = ModelTrouble(useless)
    assert [await code(writer) for _ in range(10)] == [useless] * 10


async def test_after_its_rest_one_at_a_time_finds_out_whether_it_is_back() -> None:
    model, clock = Moody(), StillClock()
    writer = await in_trouble(model, clock)
    await clock.sleep(REST.total_seconds())
    model.answering = asyncio.Event()
    finding_out = asyncio.create_task(code(writer))
    await asyncio.sleep(0)
    assert [await code(writer) for _ in range(5)] == [LEFT_ALONE] * 5
    assert model.asked == TROUBLES + 1
    model.answering.set()
    assert await finding_out == "http_500"
    assert await code(writer) == LEFT_ALONE
    await clock.sleep(REST.total_seconds())
    model.trouble = None
    assert [await code(writer) for _ in range(5)] == [None] * 5


def test_the_one_that_finds_out_is_over_before_the_next_begins() -> None:
    assert timedelta(seconds=SECONDS) < REST


def test_what_it_asked_for_in_seconds_is_kept_to_at_once_and_within_reason() -> None:
    for wished, rest in ((5, 5 * SECOND), (120, 120 * SECOND), (10**9, LONGEST_REST)):
        resting = Breaker().after(ModelTrouble("http_429", retry_after=wished), NOON)
        assert resting.asking(NOON + rest - SECOND) is None
        assert resting.asking(NOON + rest) is not None
    assert Breaker().after(ModelTrouble("http_429", retry_after=0), NOON).asking(NOON) is not None


def test_a_late_trouble_of_an_earlier_call_does_not_shorten_the_rest() -> None:
    resting = Breaker().after(ModelTrouble("http_429", retry_after=120), NOON)
    assert resting.after(ModelTrouble(TIMEOUT), NOON).asking(NOON + 119 * SECOND) is None


async def test_the_seconds_are_read_from_the_answer(model: Model) -> None:
    found = []
    async with writing(model.base_url) as writer:
        for seconds in (20, 0):
            model.fault("429", seconds=seconds)
            with pytest.raises(ModelTrouble) as raised:
                await writer.write(ask())
            found.append(raised.value.retry_after)
    assert found == [20, None]


async def drafted(model: Moody, since: timedelta | None) -> Letter:
    clock = StillClock()
    draft = drafts(Sparing(model, clock), clock, company=COMPANY)
    asked = replace(EFFECT, since=None if since is None else NOON - since)
    event = await draft(case(), KNOWN, asked)
    assert isinstance(event, Drafted)
    return event.letter


async def test_who_waited_long_for_words_gets_the_fixed_letter_without_a_call() -> None:
    model = Moody()
    late = await drafted(model, PATIENCE + SECOND)
    assert (late.by, late.fixed_because) == (Author.FIXED, FixedBecause.SLOW)
    assert model.asked == 0
    for since in (None, PATIENCE):
        assert (await drafted(model, since)).by is Author.MODEL


def test_with_the_longest_call_a_letter_is_there_within_a_minute() -> None:
    assert PATIENCE + timedelta(seconds=SECONDS) < timedelta(minutes=1)


async def test_a_letter_that_was_not_asked_for_says_that_the_model_did_not_answer() -> None:
    model, clock = Moody(), StillClock()
    model.trouble = ModelTrouble(TIMEOUT)
    draft = drafts(Sparing(model, clock), clock, company=COMPANY)
    events = [await draft(case(), KNOWN, EFFECT) for _ in range(TROUBLES + 1)]
    because = [one.letter.fixed_because for one in events if one is not None]
    assert because == [*[FixedBecause.SLOW] * TROUBLES, FixedBecause.DOWN]


async def test_the_log_tells_once_that_it_is_left_alone_and_once_that_it_is_back() -> None:
    stream, root, ours = io.StringIO(), logging.getLogger(), logging.getLogger("bot")
    before = (root.handlers[:], root.level, ours.level)
    log.start(level="info", secrets=(), stream=stream)
    try:
        model, clock = Moody(), StillClock()
        writer = await in_trouble(model, clock)
        for _ in range(5):
            await code(writer)
            await clock.sleep(REST.total_seconds())
        model.trouble = None
        await code(writer)
        await code(writer)
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in lines] == ["model_left_alone", "model_is_back"]
    assert lines[0]["trouble"] == "http_500"
