"""Text that others wrote, made harmless: it can't mention, link, format, hide or overflow.

Slack's rules: https://docs.slack.dev/messaging/formatting-message-text#escaping.
"""

import unicodedata
from typing import Final

import regex

# In emoji and in several scripts these two shape what is seen, and hide nothing.
_JOINERS: Final = frozenset("\u200c\u200d")
# Controls, formats (bidi and tags among them), surrogates, private use, unassigned, separators.
_REFUSED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS_PER_GRAPHEME: Final = 10
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no escape for these: look-alikes that mean nothing to it.
_LOOKALIKES: Final = str.maketrans(
    {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb", ":": "\ua789", "@": "\uff20"}
    | {"#": "\uff03"}
)


def clean(text: str) -> str:
    """One line without control, bidi or other invisible characters."""
    return " ".join(_visible(text).split())


def clean_lines(text: str) -> str:
    """The same with its line breaks kept."""
    return "\n".join(_visible(line).rstrip() for line in text.splitlines())


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


def plain(text: str, limit: int = 80) -> str:
    """For a plain_text object: cleaned and clipped, nothing in it has a meaning there."""
    return clip(clean(text), limit)


def inert(text: str, limit: int = 80) -> str:
    """For mrkdwn, and for `text`, which Slack reads as mrkdwn: cleaned, clipped, without meaning.

    Some signs are replaced by look-alikes: what must be read to the letter goes into plain_text.
    """
    return escape(plain(text, limit).translate(_LOOKALIKES))


def address(text: str) -> str:
    """The same for an e-mail address, which keeps its @."""
    return inert(text, 254).replace("\uff20", "@")


def escape(text: str) -> str:
    """The three characters that Slack asks to be escaped."""
    return text.translate(_ENTITIES)


def _visible(text: str) -> str:
    spaced = (" " if char.isspace() else char for char in text)
    return "".join(
        char for char in spaced if char in _JOINERS or unicodedata.category(char) not in _REFUSED
    )
