"""Where a letter's sentences end: not at an abbreviation, always at the end of the link's line."""

import re

# Looks like a dot, is none, and is turned back: keeps "e.g." in one piece while splitting.
_HELD_DOT = "\u2024"
_END = re.compile(r"(?<=[.!?…])[\"”»’)\]]*\s+|\n+")
_LINK = "{pay_link}"
# "You can pay here:\n{pay_link}" is one sentence on two lines.
_RUNS_ON = re.compile(r"(?<=[:,;])[ \t\u00a0]*\n\s*")


def sentences(text: str, abbreviations: re.Pattern[str]) -> tuple[str, ...]:
    """The sentences of a text, in order; a piece without a letter, or only the link, is none."""
    held = abbreviations.sub(lambda found: found[0].replace(".", _HELD_DOT), text)
    pieces = _END.split(_RUNS_ON.sub(" ", held))
    whole = (piece.replace(_HELD_DOT, ".").strip() for piece in pieces)
    return tuple(piece for piece in whole if piece != _LINK and any(map(str.isalpha, piece)))
