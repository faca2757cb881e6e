"""Text that strangers wrote, made safe to keep and to show: one line, nothing hidden, clipped."""

import unicodedata

# Zero-width joiners are format signs too, but Persian, Hindi and emoji are written with them.
JOINERS = frozenset("\u200c\u200d")
LONGEST = 256


def cleaned(text: object, limit: int = LONGEST) -> str | None:
    """The text without control, bidi, tag and surrogate signs; None when nothing is left.

    Line breaks become spaces, runs of space one. `limit` counts code points.
    """
    if not isinstance(text, str):
        return None
    kept = "".join(_kept(sign) for sign in text)
    return " ".join(kept.split())[:limit].rstrip() or None


def _kept(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    hidden = category in {"Cf", "Cs", "Cn"} and sign not in JOINERS
    return "" if hidden else sign
