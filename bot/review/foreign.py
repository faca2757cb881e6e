"""Text that others wrote, made harmless in Slack: it can't mention, link or format.

Slack's rules: https://docs.slack.dev/messaging/formatting-message-text#escaping.
"""

import re
from typing import Final

from bot.foreign_text import clip, one_line, seen

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no escape for these: look-alikes that mean nothing to it.
_LOOKALIKES: Final = str.maketrans(
    {"*": "\u2217", "~": "\u223c", "`": "\u02cb", ":": "\ua789", "@": "\uff20"} | {"#": "\uff03"}
)
# At the beginning of a line it quotes, escaped or not; elsewhere it is only escaped.
_QUOTE: Final = re.compile(r"^>+")
_AT: Final = re.compile(r"(?<=[^\s\uff20])\uff20(?=[^\s\uff20])")
# Inside a word it formats nothing, and an id such as cus_1 must be copied as it is.
_UNDERSCORE: Final = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def clean_lines(text: str) -> str:
    """Nothing hidden in it, and its line breaks kept."""
    return "\n".join(seen(line).rstrip() for line in text.splitlines())


def plain(text: str, limit: int = 80) -> str:
    """For a plain_text object: cleaned and clipped, nothing in it has a meaning there."""
    return clip(one_line(text), limit)


def inert(text: str, limit: int = 80) -> str:
    """For mrkdwn, and for `text`, which Slack reads as mrkdwn: cleaned, clipped, without meaning.

    Some signs are replaced by look-alikes: what must be read to the letter goes into plain_text.
    Stripe's ids come through as they are.
    """
    unquoted = _QUOTE.sub(lambda found: "\uff1e" * len(found[0]), plain(text, limit))
    return escape(_UNDERSCORE.sub("\uff3f", unquoted.translate(_LOOKALIKES)))


def address(text: str) -> str:
    """The same for an e-mail address, which keeps the @ between its two parts."""
    return _AT.sub("@", inert(text, 254))


def escape(text: str) -> str:
    """The three characters that Slack asks to be escaped."""
    return text.translate(_ENTITIES)
