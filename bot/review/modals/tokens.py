"""Placeholders as people type them: `[pay link]` for `{pay_link}`, in the words of each language.

Exact both ways: what is written out is read back to the letter. What is read knows the tokens of
all languages, so that colleagues can hand their words around. A brace that somebody typed is never
a placeholder, and no bracket stands for anything but a token.
"""

import re
from dataclasses import dataclass
from functools import cache

from bot.case.letter import PLACEHOLDERS
from bot.drafting.folding import fold
from bot.words import LOCALES, say

_PLACEHOLDER = re.compile("{(" + "|".join(PLACEHOLDERS) + ")}")
_SIGNS = re.compile(r"\[[^\[\]{}\n]*\]|[\[\]{}]")


@dataclass(frozen=True, kw_only=True)
class Words:
    """What somebody typed, with placeholders; `unknown` are the signs that stand for none."""

    text: str
    unknown: tuple[str, ...] = ()


def written(text: str, locale: str) -> str:
    """A letter's text with tokens in place of its placeholders."""
    return _PLACEHOLDER.sub(lambda found: token(found[1], locale), text)


def read(text: str) -> Words:
    """Typed text with placeholders in place of its tokens, of whatever language."""
    unknown: list[str] = []

    def placeholder(found: re.Match[str]) -> str:
        name = _names().get(_folded(found[0][1:-1]))
        if name is None:
            unknown.append(found[0])
            return found[0]
        return f"{{{name}}}"

    return Words(text=_SIGNS.sub(placeholder, text), unknown=tuple(dict.fromkeys(unknown)))


def token(name: str, locale: str) -> str:
    """A placeholder's name as its token in this language."""
    return f"[{say(locale, f'token.{name}')}]"


@cache
def _names() -> dict[str, str]:
    return {
        _folded(say(locale, f"token.{name}")): name for locale in LOCALES for name in PLACEHOLDERS
    }


def _folded(word: str) -> str:
    return fold(word).text.strip()
