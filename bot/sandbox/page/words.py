"""The page's own words, in English, Spanish and French; the bot has its own."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es", "fr")
_FOLDER = Path(__file__).parent / "words"


def words(language: str) -> dict[str, Any]:
    """All of a language's words, by part and key; English for a language that we don't have."""
    return _read(language if language in LANGUAGES else "en")


@cache
def _read(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
