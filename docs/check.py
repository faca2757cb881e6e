"""Is every generated page current, and does every language say the same? python -m docs.check."""

import string
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.words import FALLBACK, LOCALES, words
from docs import (
    make_commands,
    make_letters,
    make_machine,
    make_metrics,
    make_readme,
    make_settings,
)

MADE = (make_commands, make_letters, make_machine, make_metrics, make_readme, make_settings)


def complaints() -> Iterator[str]:
    """A sentence for whatever is out of date or differs."""
    for made in MADE:
        if _text(made.PAGE) != made.page():
            yield f"{made.PAGE.name} is out of date: run python -m {made.__name__}"
    for locale in LOCALES:
        yield from _differences(locale)


def _differences(locale: str) -> Iterator[str]:
    ours, theirs = words(FALLBACK), words(locale)
    for key in sorted(ours.keys() ^ theirs.keys()):
        yield f"{key} stands in only one of {FALLBACK}.toml and {locale}.toml"
    for key in sorted(ours.keys() & theirs.keys()):
        if _placeholders(ours[key]) != _placeholders(theirs[key]):
            yield f"{key} has other placeholders in {locale}.toml than in {FALLBACK}.toml"


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


if __name__ == "__main__":
    found = list(complaints())
    print("\n".join(found) or "Pages and languages are as they should be.")  # noqa: T201
    sys.exit(bool(found))
