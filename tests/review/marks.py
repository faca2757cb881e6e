"""What Slack would make of a message besides its letters: mentions, links, formats, hidden signs.

Read more strictly than Slack does: what may mean something counts. A message with a stranger's
words in it must have the very marks that it has with harmless words in their place.
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.foreign_text import FILLERS, JOINERS, UNSEEN

_CONTROL = re.compile(r"<([^<>]*)>?")
_PATTERNS = {
    "code": re.compile(r"`[^`]+`"),
    "bold": re.compile(r"\*[^*\n]+\*"),
    "italic": re.compile(r"(?<![A-Za-z0-9])_[^_\n]+_(?![A-Za-z0-9])"),
    "strike": re.compile(r"~[^~\n]+~"),
    "quote": re.compile(r"^\s*(?:>|&gt;)", re.MULTILINE),
    "emoji": re.compile(r":[a-z0-9_+'-]+:", re.IGNORECASE),
    "link": re.compile(r"\b(?:https?|ftp|mailto|slack|tel):\S", re.IGNORECASE),
    "mention": re.compile(r"(?<![\w.])@(?:here|channel|everyone)\b", re.IGNORECASE),
    "channel": re.compile(r"(?<![\w&])#[\w-]"),
    "entity": re.compile(r"&(?!amp;|lt;|gt;)#?\w+;"),
}


def marks(text: str, blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """All marks of a message or a view, in order; `text` is "" for a view."""
    found = [f"text {mark}" for mark in _mrkdwn(text)]
    for kind, said in _objects(blocks):
        found += [f"{kind} {mark}" for mark in (_mrkdwn(said) if kind != "plain" else ())]
        found += [f"{kind} {mark}" for mark in _hidden(said)]
    return found + [f"text {mark}" for mark in _hidden(text)]


def _mrkdwn(text: str) -> Iterator[str]:
    for found in _CONTROL.finditer(text):
        target = found[1].partition("|")[0]
        # A date's moment differs from card to card, and so does its form.
        yield f"<{'!date' if target.startswith('!date^') else target}>"
    bare = _CONTROL.sub(" ", text)
    for name, pattern in _PATTERNS.items():
        for _ in pattern.finditer(bare):
            yield name
    yield from ("line",) * text.count("\n")


def _hidden(text: str) -> Iterator[str]:
    for sign in text:
        hides = unicodedata.category(sign) in UNSEEN and sign not in JOINERS and sign != "\n"
        if hides or sign in FILLERS:
            yield f"U+{ord(sign):04X}"


def _objects(value: object) -> Iterator[tuple[str, str]]:
    """Each text object: plain_text, or mrkdwn, of which Slack makes no links when verbatim."""
    if isinstance(value, Mapping):
        if value.get("type") in {"plain_text", "mrkdwn"}:
            plain = value["type"] == "plain_text" and value.get("emoji") is False
            yield ("plain" if plain else "mrkdwn"), str(value["text"])
            if value["type"] == "mrkdwn":
                assert value.get("verbatim") is True, value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _objects(part)
