"""The golden files of /dunning, in every language: `python -m tests.review.golden` draws them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

from bot.words import LOCALES
from tests.review.counter import Everybody, commands

GOLDEN_COMMANDS = Path(__file__).parents[1] / "data" / "golden" / "commands"


def golden_commands() -> Iterator[tuple[str, str]]:
    """Each golden file's name and text."""
    for title in commands():
        for locale in LOCALES:
            line, counter = commands()[title]
            counter.people = Everybody(locale=locale)
            said = asyncio.run(counter.asks(line))
            text = json.dumps({"blocks": said["blocks"]}, ensure_ascii=False, indent=2)
            yield f"{title}.{locale}.json", f"{text}\n"
