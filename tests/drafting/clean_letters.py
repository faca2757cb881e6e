"""Clean letters as models write them, put together from sentences in tests/data/guard.

Of each list of sentences every second one is held out: rules are never mended on letters made of
those, so what is measured on them is what a model's next letter meets.
"""

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.case.letter import Family
from bot.drafting.guard import Author, check
from tests.drafting.guard_rows import DATA

NOTICES = (1, 2, 3, 4)
SEED = 20261122

# Which lists a letter's sentences come from, where a family has none of its own: notice 1 to 4.
_OPENINGS = {2: "second", 3: "third", 4: "fourth"}
_CLOSINGS = {1: "first", 2: "second", 3: "third", 4: "fourth"}
_KEEPS_ITS_OPENING = {Family.AUTHENTICATION, Family.SEVERAL_INVOICES}
_CARD = {Family.NEEDS_NEW_CARD, Family.REFUSED}
_FAILED = {Family.SOFT, Family.REFUSED, Family.UNKNOWN}


class Half(IntEnum):
    """Which sentences of a list: 1st, 3rd, 5th … or 2nd, 4th, 6th …."""

    FOR_MENDING = 0
    HELD_OUT = 1


@dataclass(frozen=True, kw_only=True)
class CleanLetter:
    """What a good model answers for this family and notice."""

    family: Family
    notice: int
    subject: str
    body: str


def clean_letters(locale: str, half: Half, how_many: int) -> list[CleanLetter]:
    """So many different letters, families and notices in turn, the same ones each time."""
    written = tomllib.loads((DATA / f"clean_{locale}.toml").read_text(encoding="utf-8"))
    chance = random.Random(f"{SEED} {locale} {half}")  # noqa: S311 - repeatable on purpose
    found: dict[tuple[str, str], CleanLetter] = {}
    for family, notice in _in_turn():
        letter = _letter(written, half, chance, family, notice)
        found.setdefault((letter.subject, letter.body), letter)
        if len(found) == how_many:
            break
    return list(found.values())


def _in_turn() -> Iterator[tuple[Family, int]]:
    while True:
        yield from ((family, notice) for notice in NOTICES for family in Family)


def _letter(
    written: dict[str, dict[str, list[str]]],
    half: Half,
    chance: random.Random,
    family: Family,
    notice: int,
) -> CleanLetter:
    def one(part: str, lists: Sequence[str]) -> str:
        return chance.choice([words for name in lists for words in written[part][name][half::2]])

    opening = one("openings", [_opening(family, notice)])
    ask = one("asks", _asks(family, notice))
    closing = one("closings", [_CLOSINGS[notice]])
    between, after = chance.choice([" ", "\n\n"]), chance.choice(["\n", "\n\n"])
    return CleanLetter(
        family=family,
        notice=notice,
        subject=one("subjects", _subjects(family, notice)),
        body=f"{opening}{between}{ask}{after}{closing}",
    )


def _opening(family: Family, notice: int) -> str:
    own = notice == 1 or (notice == NOTICES[1] and family in _KEEPS_ITS_OPENING)
    return family.value if own else _OPENINGS[notice]


def _asks(family: Family, notice: int) -> list[str]:
    early = notice <= NOTICES[1]
    if early and family in _KEEPS_ITS_OPENING:
        return [family.value]
    return ["any", "card"] if early and family in _CARD else ["any"]


def _subjects(family: Family, notice: int) -> list[str]:
    if notice > NOTICES[1]:
        return ["any", "later"]
    if family in _FAILED:
        return ["any", "failed"] if notice == 1 else ["any"]
    return ["any"] if family is Family.NOT_TRIED else ["any", family.value]


def refused(letters: list[CleanLetter], locale: str) -> list[str]:
    """Those that the guard refuses, with what it found."""
    return [
        f"{found[0].rule}, {found[0].found}: {letter.subject} | {letter.body}"
        for letter in letters
        if (
            found := check(
                letter.subject,
                letter.body,
                locale=locale,
                author=Author.MODEL,
                company="Acme",
                several=letter.family is Family.SEVERAL_INVOICES,
            )
        )
    ]
