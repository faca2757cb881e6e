import json
from pathlib import Path

import pytest

from bot.foreign_text import cleaned, clip

NAUGHTY = Path(__file__).parents[2] / "shared/data/corpora/blns.json"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Zoë Q.", "Zoë Q."),
        ("  two\r\nlines\tand\x00more ", "two lines and more"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("\u2066hidden\u2069\ufeff\u200b\u061c", "hidden"),
        ("a\U000e0041\U000e0042b", "ab"),
        ("half\ud800 sign", "half sign"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (" نام\u200cها  👩‍👧 é ", "نام\u200cها 👩‍👧 é"),
        ("❤️\u200d🔥 1️⃣ क्\u200dष", "❤️\u200d🔥 1️⃣ क्\u200dष"),
        ("Pro" + "\u200d" * 250, "Pro"),
        ("\u200d\u200c" * 99 + "P\u200dro", "Pro"),
        ("é" + "\u200d" * 250 + "é", "é\u200dé"),
        ("é" + "\ufe0f\u200d" * 99 + "é", "é\ufe0f\u200dé"),
        ("Pro" + "\ufe0f" * 250, "Pro\ufe0f"),
        ("a \u200d\ufe0f\u200d b", "a b"),
        ("👩\u200d", "👩"),
        ("\u3164\u034f\u115f" * 9, None),
        ("\u200d\ufe0f" * 99, None),
        ("apple\uf8ff", "apple"),
        ("para\u2029graph", "para graph"),
        ("", None),
        (" \u200b\n", None),
        (None, None),
        (7, None),
    ],
)
def test_what_cannot_be_seen_is_taken_out(written: object, kept: str | None) -> None:
    assert cleaned(written) == kept


def test_a_long_text_is_clipped() -> None:
    assert cleaned("x" * 1000) == "x" * 256
    assert cleaned("ab cd", 3) == "ab"


def test_a_text_is_clipped_between_graphemes() -> None:
    family = "👩‍👩‍👧‍👦"
    assert clip(family * 3, len(family) * 2 + 1) == f"{family * 2}…"
    assert clip("short", 5) == "short"
    assert len(clip("e" + "\u0301" * 999, 20)) <= 20


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the corpus is not part of the project")
def test_every_naughty_string_comes_out_as_one_line_that_can_be_stored() -> None:
    for text in json.loads(NAUGHTY.read_text("utf-8")):
        kept = cleaned(text)
        assert kept is None or len(kept.encode()) > 0
        assert kept is None or len(kept.splitlines()) == 1
        assert cleaned(kept) == kept
