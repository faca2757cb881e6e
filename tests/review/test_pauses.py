"""What the review channel reads of a pause."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.case.ids import Actor
from bot.case.pause import Held, Pause, Unsaid
from bot.review.parts import View
from bot.review.pauses import told

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAUSE = Pause(
    what=Held.SENDING,
    until=NOON + timedelta(hours=2),
    reason="prices <!channel> & *more*",
    by=Actor("slack:T1:U_ANA"),
    at=NOON,
)
BEGAN = Unsaid(number=1, pause=PAUSE, ended=False)
OVER = Unsaid(number=1, pause=PAUSE, ended=True, ended_at=PAUSE.until)
RESUMED = replace(OVER, ended_by=Actor("slack:T1:U_BEN"))


@pytest.mark.parametrize("locale", ["en", "es", "fr"])
def test_it_says_who_and_why_and_no_reason_can_mention_or_format(locale: str) -> None:
    view = View(locale=locale, company="Acme", zone="UTC", now=NOON)
    texts = [told(one, view).text for one in (BEGAN, OVER, RESUMED)]
    for text in texts:
        assert "<@U_ANA>" in text
        assert "prices &lt;!channel&gt; &amp; ∗more∗" in text
    assert "<@U_BEN>" in texts[2]
    assert "<@U_BEN>" not in texts[1]
    assert len(set(texts)) == len(texts)


def test_a_pause_of_all_says_that_nothing_is_written_and_who_may_end_it() -> None:
    view = View(locale="en", company="Acme", zone="UTC", now=NOON)
    text = told(replace(BEGAN, pause=replace(PAUSE, what=Held.ALL, until=None)), view).text
    assert text.startswith("Everything is paused until somebody resumes it, by <@U_ANA>: ")
    assert "No letter is written" in text
