"""A person's Home: what stands there in which language, and within Slack's limits."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.review.home import LISTED, home, managers, sentence
from bot.sandbox.blocks import is_too_large, view_problems
from bot.sandbox.slack import render_blocks
from bot.words import LOCALES
from tests.review.homes import EMPTY, FULL, URL, WAITING
from tests.review.stories import REVIEW, VIEW

every_locale = pytest.mark.parametrize("locale", LOCALES)


def said(page: dict[str, Any]) -> list[str]:
    return render_blocks(page["blocks"]).splitlines()


@every_locale
def test_slack_takes_every_home(locale: str) -> None:
    view = replace(VIEW, locale=locale)
    many = tuple(replace(REVIEW, id=f"case-{number}") for number in range(LISTED))
    crowded = replace(FULL, queue=replace(FULL.queue, first=(*WAITING, *many)))
    keys = ("home.stranger", "home.unknown", "home.failed")
    for page in (
        *(draw(one, view) for one in (EMPTY, FULL, crowded) for draw in (home, managers)),
        *(sentence(view, key) for key in keys),
    ):
        assert view_problems(page) == []
        assert not is_too_large(page)


def test_each_that_waits_stands_once_under_what_is_asked_of_whom() -> None:
    lines = said(home(FULL, VIEW))
    titles = ("VIPs that you look after", "VIPs that nobody has taken on")
    mine, theirs = (lines.index(f"*{one}*") for one in titles)
    assert "Ana Torres" in lines[mine + 1]
    assert URL in lines[theirs + 1]
    assert sum("Ana Torres" in one for one in lines) == len(WAITING)
    assert "… and 22 more" in lines


def test_who_may_not_decide_reads_a_sentence_and_no_figures() -> None:
    page = sentence(VIEW, "home.stranger")
    assert len(page["blocks"]) == 1
    assert not any(figure in json.dumps(page) for figure in ("€", "120", "Ana"))


def test_the_definition_stands_beside_the_figures() -> None:
    assert any("Recovered: 70 of 120, 58%" in one for one in said(home(FULL, VIEW)))
    assert any("Currencies are never added up" in one for one in said(home(FULL, VIEW)))
