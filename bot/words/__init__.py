"""Every word a person reads: one file a language, the same keys and placeholders in each."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LOCALES = ("en", "es", "fr")
FALLBACK = "en"


def say(locale: str, key: str, /, **values: object) -> str:
    """The words for a dotted key, filled in; an unknown locale speaks English.

    Raises KeyError for a key or a placeholder that the file does not have.
    """
    return words(locale)[key].format(**values)


@cache
def words(locale: str) -> dict[str, str]:
    """All words of a staff-facing locale, by dotted key."""
    name = locale if locale in LOCALES else FALLBACK
    return flat(tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8")))


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """A nested table's strings by dotted key."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found
