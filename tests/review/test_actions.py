"""What a button says of its card survives the way through Slack, and nothing else does."""

from dataclasses import replace

import pytest

from bot.case.ids import CaseId
from bot.review.actions import (
    APPROVE,
    MORE,
    SHOW_MAIL,
    STOP,
    Press,
    decode,
    encode,
    meant,
    option,
    shown_by,
)
from tests.case.life import SEEN
from tests.review.stories import REVIEW, VIP


@pytest.mark.parametrize(
    "press",
    [
        Press(case_id=CaseId("case-1"), revision=3, ask=2, seen="0123456789abcdef"),
        Press(case_id=CaseId("c" * 200), revision=0, ask=0),
    ],
)
def test_a_value_comes_back_as_the_press_it_was(press: Press) -> None:
    assert decode(encode(press)) == press
    assert len(encode(press)) <= 250


@pytest.mark.parametrize(
    "value",
    [
        "",
        "approve",
        "v2|case-1|3|1|0123456789abcdef",
        "v1|case-1|3|1",
        "v1|case-1|-3|1|-",
        "v1|case-1|3|1|0123456789ABCDEF",
        "v1|ca se|3|1|-",
        "v1|case-1|3|1|-\n",
        "v1|case-1|٣|1|-",
        f"v1|{'c' * 201}|3|1|-",
    ],
)
def test_an_unknown_version_or_a_garbled_value_is_no_press(value: str) -> None:
    assert decode(value) is None


def test_a_card_names_its_question_and_its_letter() -> None:
    press = shown_by(REVIEW, SEEN)
    assert SEEN.startswith(press.seen or "-")
    assert press.asks(REVIEW)
    assert not press.asks(replace(REVIEW, revision=4))
    assert not press.asks(replace(REVIEW, ask=2))
    assert press.shows(SEEN)
    assert not press.shows("5ea" + SEEN)
    assert not press.shows(None)
    assert shown_by(VIP, None).shows(None)
    assert not shown_by(VIP, None).shows(SEEN)


def test_an_option_of_a_menu_says_which_press_it_stands_for() -> None:
    press = shown_by(REVIEW, SEEN)
    name, value = meant(MORE, option(STOP, press))
    assert (name, decode(value)) == (STOP, press)
    assert meant(APPROVE, encode(press)) == (APPROVE, encode(press))
    assert decode(meant(MORE, "garbage")[1]) is None
    real = replace(press, case_id=CaseId("case_0123456789abcdef"), revision=10**9 - 1)
    assert len(option(SHOW_MAIL, real)) <= 150
