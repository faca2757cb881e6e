"""The reviewed letters that stand in for a model's, and the frame and phrases of every letter."""

import tomllib
from functools import cache
from importlib.resources import files

from bot.case.letter import Author, Family, Letter
from bot.words import flat


def fixed(family: Family, notice: int, locale: str) -> Letter:
    """The reviewed letter for this family's notice (1 to 4) in this language.

    Raises ValueError for another notice, FileNotFoundError for a language without letters.
    """
    names = _notices()[family]
    if not 1 <= notice <= len(names):
        raise ValueError(f"there is no notice {notice}")
    name, words = names[notice - 1], letter_words(locale)
    return Letter(
        subject=words[f"{name}.subject"],
        body=words[f"{name}.body"],
        locale=locale,
        by=Author.FIXED,
    )


@cache
def letter_words(locale: str) -> dict[str, str]:
    """A language's frame, phrases and letters, by dotted key."""
    return flat(tomllib.loads(_read(locale)))


@cache
def _notices() -> dict[str, list[str]]:
    """Each family's letters, first notice first."""
    return tomllib.loads(_read("notices"))


def _read(name: str) -> str:
    return files("bot.words").joinpath("letters", f"{name}.toml").read_text("utf-8")
