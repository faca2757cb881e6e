"""The page's own words, in English, Spanish and French; the bot has its own."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es", "fr")
_FOLDER = Path(__file__).parent / "words"


@cache
def words(language: str) -> dict[str, Any]:
    """All of a language's words, by part and key; English for a language that we don't have."""
    known = language if language in LANGUAGES else "en"
    return tomllib.loads((_FOLDER / f"{known}.toml").read_text("utf-8"))
