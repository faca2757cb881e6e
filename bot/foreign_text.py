"""Text that strangers wrote, made safe to keep and to show: one line, nothing hidden, clipped."""

import unicodedata
from typing import Final

import regex

# Zero-width joiners are format signs too, but Persian, Hindi and emoji are written with them.
JOINERS: Final = frozenset("\u200c\u200d")
# Controls, formats (bidi and tags among them), surrogates, private use, unassigned, separators.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks by category that show nothing: fillers of Hangul and Khmer, and a joiner.
FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
LONGEST: Final = 256
_BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})
_MARKS_PER_GRAPHEME: Final = 10
_UNSEEN_RUN: Final = regex.compile(
    r"(?<=(?<before>\S?))(?<run>[\u200c\u200d\p{VS}]+)(?=(?<after>\S?))"
)


def cleaned(text: object, limit: int = LONGEST) -> str | None:
    """One line of at most `limit` code points; None when it is no text or nothing is left."""
    if not isinstance(text, str):
        return None
    return one_line(text)[:limit].rstrip() or None


def one_line(text: str) -> str:
    """The text without signs that hide, turn or break it; runs of white space become a space."""
    return " ".join(seen(text).split())


def seen(text: str) -> str:
    """The same with its runs of spaces kept."""
    kept = "".join(_seen(sign) for sign in text)
    return _UNSEEN_RUN.sub(_needed, kept)


def clip(text: str, limit: int) -> str:
    """At most `limit` graphemes and characters of it; what was cut ends in an ellipsis."""
    if len(text) <= limit:
        return text
    kept = ""
    for grapheme in regex.findall(r"\X", text):
        if len(kept) + len(grapheme[:_MARKS_PER_GRAPHEME]) > limit - 1:
            break
        kept += grapheme[:_MARKS_PER_GRAPHEME]
    return f"{kept.rstrip()}…"


def _needed(found: regex.Match[str]) -> str:
    """Of a run that shows nothing: one selector after a sign, one joiner between two of a script.

    Whole scripts and emoji need them; hundreds of them only hide.
    """
    before, run, after = found["before"], found["run"], found["after"]
    selector = run[0] if before and run[0] not in JOINERS else ""
    joins = not (f"a{before}".isascii() or f"a{after}".isascii())
    joiner = next((sign for sign in run if sign in JOINERS), "") if joins else ""
    return selector + joiner


def _seen(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign.isspace() or category in _BREAKS:
        return " "
    hidden = category in UNSEEN or sign in FILLERS
    return "" if hidden and sign not in JOINERS else sign
