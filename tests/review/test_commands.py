"""What a command does, to whom it is answered, and what it can't be made to do."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from bot.case.events import AnyEvent, PersonEvent, Rerouted, Snoozed, Stopped
from bot.case.model import State, Why
from bot.case.pause import Held, Pause
from bot.case.standing import Verdict
from bot.errors import DatabaseTrouble
from bot.review.commands.later import is_slacks
from bot.review.commands.reading import next_step
from bot.review.commands.timeline import timeline
from bot.sandbox.blocks import block_problems
from bot.words import FALLBACK, LOCALES, words
from tests.review.counter import Counter, Everybody
from tests.review.shelf import ANA, CASE, Shelf, entry, without_case
from tests.review.stories import ANNE, NOW, STORIES, VIEW

Json = dict[str, Any]


def whole(answer: Json) -> str:
    return json.dumps(answer, ensure_ascii=False)


async def told(counter: Counter, text: str) -> Json:
    answer = await counter.asks(text)
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].strip()
    assert block_problems(answer["blocks"], "message") == []
    return answer


async def test_stop_vip_standard_and_snooze_are_facts_about_the_open_case() -> None:
    counter = Counter()
    for line in ("stop Ana Torres", "vip Ana", "standard Ana", "snooze Ana 2d"):
        await told(counter, line)
    assert counter.events == [
        (CASE.id, Stopped(at=NOW, who=ANNE)),
        (CASE.id, Rerouted(at=NOW, who=ANNE, verdict=Verdict.VIP)),
        (CASE.id, Rerouted(at=NOW, who=ANNE, verdict=Verdict.STANDARD)),
        (CASE.id, Snoozed(at=NOW, who=ANNE, until=NOW + timedelta(days=2))),
    ]


async def test_without_an_open_case_vip_and_standard_are_remembered_and_nothing_else_is() -> None:
    shelf = Shelf(found=(without_case(ANA),))
    counter = Counter(shelf=shelf)
    for line in ("stop Ana Torres", "vip Ana", "standard Ana", "snooze Ana"):
        await told(counter, line)
    assert counter.events == []
    assert [one for one in shelf.said if one not in {"Ana", "Ana Torres"}] == [
        (ANA.key, Verdict.VIP, ANNE),
        (ANA.key, Verdict.STANDARD, ANNE),
    ]


@pytest.mark.parametrize("line", ["stop an", "vip an", "standard an", "snooze an 2d", "why an"])
@pytest.mark.parametrize("found", [(), (ANA, replace(ANA, name="Anabel"))])
async def test_nothing_is_done_to_a_customer_who_is_not_surely_meant(
    line: str, found: tuple[Any, ...]
) -> None:
    counter = Counter(shelf=Shelf(found=found))
    answer = await told(counter, line)
    assert counter.events == []
    assert counter.shelf.said == ["an"]
    assert ("cus_1" in whole(answer)) is bool(found)


async def test_stop_is_not_done_to_whoever_happens_to_begin_like_that() -> None:
    counter = Counter(shelf=Shelf(found=(ANA,)))
    answer = whole(await told(counter, "stop An"))
    assert counter.events == []
    assert "`/dunning stop cus_1`" in answer
    for whom in ("cus_1", "ana torres", "ANA@example.com"):
        await told(counter, f"stop {whom}")
    assert len(counter.events) == 3


async def test_more_than_can_be_listed_are_not_kept_silent() -> None:
    counter = Counter(shelf=Shelf(found=(ANA,) * 6))
    assert "others" not in whole(await told(counter, "show Ana"))
    counter = Counter(shelf=Shelf(found=(ANA,) * 7))
    answer = whole(await told(counter, "show Ana"))
    assert "… and others: please write more of the name" in answer
    assert answer.count("`/dunning show cus_1`") == 6


async def test_a_case_that_moved_in_the_same_moment_is_left_as_it_is() -> None:
    answer = await told(Counter(refused="closed"), "stop Ana Torres")
    assert "nothing was changed" in answer["text"]


async def test_a_letter_in_the_air_is_told_of() -> None:
    flying = replace(ANA, cases=(replace(CASE, state=State.SENDING),))
    answer = await told(Counter(shelf=Shelf(found=(flying,))), "stop Ana Torres")
    assert "can’t be called back" in whole(answer)


async def test_a_pause_is_told_with_its_reason_as_it_was_typed() -> None:
    counter = Counter()
    await told(counter, "pause all 2h the <!here> mail *server*")
    assert counter.shelf.said == [
        Pause(
            what=Held.ALL,
            until=NOW + timedelta(hours=2),
            reason="the <!here> mail *server*",
            by=ANNE,
            at=NOW,
        )
    ]


@pytest.mark.parametrize("why", ["guest", "other_team", "bot", "not_member", "of_our_own"])
@pytest.mark.parametrize("locale", LOCALES)
async def test_who_may_not_decide_learns_nothing(why: str, locale: str) -> None:
    counter = Counter(people=Everybody(locale=locale, why=f"refusal.{why}"))
    for line in ("", "show Ana", "stop Ana Torres", "help", "nonsense"):
        answer = await told(counter, line)
        known = why if f"denied.{why}" in words(FALLBACK) else "lookup_failed"
        assert answer["text"] == words(locale)[f"denied.{known}"]
        assert len(answer["blocks"]) == 1
    assert counter.shelf.said == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_trouble_is_answered_with_a_sentence(locale: str) -> None:
    for trouble, key in (
        (DatabaseTrouble("away"), "command.no_database"),
        (ConnectionRefusedError(), "command.no_database"),
        (RuntimeError("a bug"), "command.failed"),
    ):
        people = Everybody(locale=locale)
        counter = Counter(shelf=Shelf(trouble=trouble), people=people)
        assert (await told(counter, "queue"))["text"] == words(locale)[key]


HOSTILE = (
    "<!channel> <!here> <@U1EVE> <http://evil.example|pay>",
    "*bold* _italic_ ~gone~ `code` :rotating_light: > quoted",
    "{amount} {0} %s ${x} {typed.__class__}",
    "a\x00b\u202e\u2066c",
    "\u202e" * 300 + "x",
    "x" * 10_000,
    "'; DROP TABLE cases; --",
    "&lt;!channel&gt;",
)


MEANINGFUL = (
    *("<!channel", "<!here", "<@U1EVE", "<http://evil", "*bold*"),
    *("\\u0000", "\u202e"),
)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("verb", ["", "show", "why", "stats", "pause", "vip", "snooze", "stop"])
async def test_hostile_words_are_only_words(verb: str, hostile: str) -> None:
    for found in ((), (replace(ANA, name=hostile), ANA), (replace(ANA, name=hostile),)):
        answer = await told(Counter(shelf=Shelf(found=found)), f"{verb} {hostile}")
        said = whole(answer)
        assert not any(sign in said for sign in MEANINGFUL)
        assert len(said) < 20_000


async def test_a_body_without_anything_in_it_is_refused_like_a_stranger() -> None:
    counter = Counter(people=Everybody(why="refusal.other_team"))
    answer = await counter.asks("", user_id=None, team_id=None)
    assert answer["text"] == words("en")["denied.other_team"]


@pytest.mark.parametrize("event", [kind.__name__ for kind in get_args(AnyEvent)])
def test_every_event_has_its_words_in_a_timeline(event: str) -> None:
    kinds = {kind.__name__: kind for kind in get_args(AnyEvent)}
    who = ANNE if issubclass(kinds[event], PersonEvent) else "system"
    text = '{"verdict": "vip", "arrived": true}'
    rows = [
        entry(2, event, State.IN_REVIEW, State.CLOSED, who=who, text=text),
        entry(3, event, State.IN_REVIEW, State.CLOSED, who=who, text=None),
    ]
    erased, line = timeline(rows, VIEW)
    assert line.endswith("→ closed")
    assert erased.endswith("→ closed")
    assert words("en")["timeline.something"].replace("{who}", "<@U1ANNE>") not in line


def test_every_place_where_a_case_can_stand_says_what_comes_next() -> None:
    for locale in LOCALES:
        view = replace(VIEW, locale=locale)
        for case in STORIES.values():
            assert next_step(case, view)
    waiting = replace(CASE, state=State.WAITING, why=Why.NEXT_NOTICE, wake=NOW)
    assert "notice 2 of 4" in next_step(waiting, VIEW)


SLACK = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://hooks.slack.com/commands/T1/1/x", SLACK),
        ("https://hooks.slack-gov.com/commands/T1/1/x", SLACK),
        ("http://127.0.0.1:8888/response/x", "http://127.0.0.1:8888/api/"),
    ],
)
def test_a_late_answer_goes_to_slack(url: str, api: str) -> None:
    assert is_slacks(url, api)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.slack.com/commands/x",
        "https://hooks.slack.com.evil.example/x",
        "https://hooks.slack.com@evil.example/x",
        "https://evil@hooks.slack.com/x",
        "https://hooks.slack.com:8443/x",
        "https://hooks.slack.com:99999/x",
        "https://evil.example/hooks.slack.com",
        "http://127.0.0.1:8888/response/x",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_a_late_answer_goes_nowhere_else(url: str) -> None:
    assert not is_slacks(url, SLACK)
