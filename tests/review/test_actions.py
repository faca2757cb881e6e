"""What a button says of its card survives the way through Slack, and nothing else does."""

from dataclasses import replace

import pytest

from bot.case.ids import CaseId
from bot.case.letter import fingerprint
from bot.review.actions import Press, decode, encode, shown_by
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


def test_a_card_names_what_it_shows() -> None:
    assert REVIEW.letter is not None
    assert REVIEW.basis is not None
    press = shown_by(REVIEW)
    assert fingerprint(REVIEW.letter, REVIEW.basis).startswith(press.seen or "-")
    assert press.shows(REVIEW)
    assert not press.shows(replace(REVIEW, revision=4))
    assert not press.shows(replace(REVIEW, ask=2))
    changed = replace(REVIEW.basis, recipient="eve@example.com")
    assert not press.shows(replace(REVIEW, basis=changed))
    assert shown_by(VIP).seen is None
