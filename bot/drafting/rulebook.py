"""What the guard knows about each language, read from rules/<locale>.toml and compiled once.

A further language is one more file there; no code names a language.

How a pattern is written: against folded text (see folding.py), whole words only, one sentence at
a time. `<name>` stands for an entry of `[terms]`; `…` for up to 40 characters in between; the
rest is Python's `re`. What a rule's `spare` patterns match is taken out of the sentence before its
`refuse` patterns are tried, so that "we never ask for card details" passes while a request
behind it does not.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from bot.drafting.folding import Folded, fold


class Rule(StrEnum):
    """What a letter may not do."""

    LENGTH = "length"
    PLACEHOLDER = "placeholder"
    PAY_LINK = "pay_link"
    SUBJECT = "subject"
    CONTROL = "control"
    MARKUP = "markup"
    SHOUTING = "shouting"
    DIGITS = "digits"
    LINK = "link"
    LANGUAGE = "language"
    GRAMMAR = "grammar"
    FRAME = "frame"
    DEADLINE = "deadline"
    THREAT = "threat"
    DISCOUNT = "discount"
    CARD_DATA = "card_data"
    DECLINE_SECRET = "decline_secret"  # noqa: S105 - a rule's name
    RETRY_PROMISE = "retry_promise"
    FALSE_OUTCOME = "false_outcome"
    BLAME = "blame"
    AMOUNT = "amount"
    CONTACT = "contact"
    MACHINE_TALK = "machine_talk"


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """What a rule refuses, and what it takes for harmless before it looks."""

    refuse: re.Pattern[str]
    spare: re.Pattern[str] | None

    def found_in(self, folded: Folded) -> str | None:
        """The first refused words as they stand in the letter."""
        text = folded.text
        if self.spare is not None:
            text = self.spare.sub(lambda spared: "\x00" * len(spared[0]), text)
        match = self.refuse.search(text)
        return None if match is None else folded.quoted(*match.span())


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language: its name in English, how it speaks to the reader, its words and its rules.

    `words` are small words, to tell it from others.
    """

    name: str
    voice: str
    words: frozenset[str]
    abbreviations: re.Pattern[str]
    acronyms: frozenset[str]
    phrases: Mapping[Rule, Phrases]


@cache
def locales() -> tuple[str, ...]:
    """The languages that can be guarded, sorted."""
    names = (entry.name for entry in files(__package__).joinpath("rules").iterdir())
    found = (name.removesuffix(".toml") for name in names if name.endswith(".toml"))
    return tuple(sorted(name for name in found if name != _OTHERS))


@cache
def language(locale: str) -> Language:
    """The rules for a locale; those of its language stand in for a country ("fr_CA": "fr").

    Raises:
        LookupError: no file has rules for that language.
    """
    written = locale.replace("-", "_").casefold()
    for name in (written, written.partition("_")[0]):
        if name in locales():
            return _compiled(_read(name))
    raise LookupError(f"there are no rules for letters in {locale!r}")


@cache
def vocabularies() -> Mapping[str, frozenset[str]]:
    """The small words of every language that the guard can tell, the guarded ones first."""
    # No rule is compiled for that: it takes far longer, and most letters need one language's.
    own = {name: _words(_read(name)["words"]) for name in locales()}
    others = {name: _words(text) for name, text in _read(_OTHERS).items()}
    return own | others


# Languages no letter is written in: only there to be recognised.
_OTHERS = "other_languages"
# Neither end of a gap lies inside a word ("know" has no "now"), and none leaps over a new thought.
_NOT_INSIDE_A_WORD = r"(?:(?<!\w)|(?!\w))"
_GAP = _NOT_INSIDE_A_WORD + "[^;]{0,40}?" + _NOT_INSIDE_A_WORD
_TERM = re.compile(r"<([a-z_]+)>")


@cache
def _read(name: str) -> dict[str, object]:
    text = files(__package__).joinpath("rules", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _compiled(data: dict[str, object]) -> Language:
    terms = _expanded_terms(_table(data, "terms"))
    rules = _table(data, "rules")
    return Language(
        name=str(data["name"]),
        voice=str(data["voice"]),
        words=_words(data["words"]),
        abbreviations=_abbreviations(_strings(data["abbreviations"])),
        acronyms=frozenset(_strings(data["acronyms"])),
        phrases={Rule(name): _phrases(_table(rules, name), terms) for name in rules},
    )


def _expanded_terms(written: dict[str, object]) -> dict[str, str]:
    """Terms may use the terms above them."""
    terms: dict[str, str] = {}
    for name, pattern in written.items():
        terms[name] = f"(?:{_expanded(str(pattern), terms)})"
    return terms


def _phrases(written: dict[str, object], terms: dict[str, str]) -> Phrases:
    spare = _strings(written.get("spare", []))
    return Phrases(
        refuse=_whole_words(_strings(written["refuse"]), terms),
        spare=_whole_words(spare, terms) if spare else None,
    )


def _whole_words(patterns: list[str], terms: dict[str, str]) -> re.Pattern[str]:
    joined = "|".join(_expanded(pattern, terms) for pattern in patterns)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")


def _expanded(pattern: str, terms: dict[str, str]) -> str:
    return _TERM.sub(lambda used: terms[used[1]], pattern).replace("…", _GAP)


def _abbreviations(written: list[str]) -> re.Pattern[str]:
    """Matches an abbreviation however its parts are spaced."""
    parts = (re.escape(text).replace(r"\ ", r"\s?") for text in written)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})", re.IGNORECASE)


def _words(text: object) -> frozenset[str]:
    """Cut as a sentence is cut when its language is told: "didn't" is "didn" and "t"."""
    return frozenset(re.findall(r"[^\W\d_]+", fold(str(text)).text))


def _table(data: dict[str, object], name: str) -> dict[str, object]:
    value = data[name]
    if not isinstance(value, dict):
        raise TypeError(f"{name} is not a table")
    return value


def _strings(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return [str(item) for item in value]
