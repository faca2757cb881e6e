"""Every answer to /dunning is drawn in three languages, and refused nothing by Slack's rules."""

import json
from typing import Any

import pytest

from bot.review.commands.answer import PERFORMS
from bot.review.commands.verbs import Verb
from bot.sandbox.blocks import block_problems
from bot.words import LOCALES
from tests.review.golden_commands import GOLDEN_COMMANDS, golden_commands

DRAWN = list(golden_commands())


@pytest.mark.parametrize(("name", "text"), DRAWN, ids=[name for name, _ in DRAWN])
def test_an_answer_is_drawn_as_its_golden_file_shows_it(name: str, text: str) -> None:
    drawn = (GOLDEN_COMMANDS / name).read_text("utf-8")
    assert drawn == text, "python -m tests.review.golden draws anew"
    assert block_problems(json.loads(text)["blocks"], "message") == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN_COMMANDS.glob("*.json")} == {name for name, _ in DRAWN}


def test_every_verb_has_a_golden_file_in_every_language() -> None:
    drawn = {name for name, _ in DRAWN}
    assert {f"{verb}.{locale}.json" for verb in Verb for locale in LOCALES} <= drawn
    assert set(PERFORMS) == set(Verb)


def test_no_stranger_s_words_mention_or_format_anything() -> None:
    for _, text in DRAWN:
        for part in mrkdwn(json.loads(text)["blocks"]):
            assert not any(sign in part for sign in ("<!channel", "<#C1>", "*down*"))


def mrkdwn(value: Any) -> list[str]:
    """Every text in which signs have a meaning."""
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + mrkdwn(list(value.values()))
    if isinstance(value, list):
        return [text for part in value for text in mrkdwn(part)]
    return []
