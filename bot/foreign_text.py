"""Text that strangers wrote, made safe to keep and to show: one line, nothing hidden, clipped."""

import unicodedata
from typing import Final

import regex

# Zero-width joiners are format signs too, but Persian, Hindi and emoji are written with them.
JOINERS: Final = frozenset("\u200c\u200d")
# Controls, formats (bidi and tags among them), surrogates, private use, unassigned, separators.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
LONGEST: Final = 256
_BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})
_MARKS_PER_GRAPHEME: Final = 10


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
    return "".join(_seen(sign) for sign in text)


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


def _seen(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign.isspace() or category in _BREAKS:
        return " "
    return "" if category in UNSEEN and sign not in JOINERS else sign
