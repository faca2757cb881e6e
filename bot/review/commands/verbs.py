"""What /dunning can be told to do, by the names it has in each language: words, kept as data."""

import unicodedata
from enum import StrEnum
from functools import cache
from typing import Final

from bot.words import FALLBACK, LOCALES, words

COMMAND: Final = "/dunning"


class Verb(StrEnum):
    """One thing to be asked or told, in the order in which help lists them."""

    QUEUE = "queue"
    SHOW = "show"
    WHY = "why"
    HISTORY = "history"
    STATS = "stats"
    PAUSE = "pause"
    RESUME = "resume"
    VIP = "vip"
    STANDARD = "standard"
    STOP = "stop"
    SNOOZE = "snooze"
    ERASE = "erase"
    RULES = "rules"
    HEALTH = "health"
    DOCTOR = "doctor"
    HELP = "help"


def names(verb: Verb, locale: str) -> tuple[str, ...]:
    """What a verb is called in a language, the name that we show first."""
    return listed(locale, f"verb.{verb}")


def listed(locale: str, key: str) -> tuple[str, ...]:
    """Words of which each means the same, as the files list them: with commas between."""
    return tuple(one.strip() for one in words(locale)[key].split(","))


@cache
def vocabulary() -> dict[str, Verb]:
    """Every name in every language, as it is written and without accents: all are understood."""
    tongues = (FALLBACK, *LOCALES)
    return {
        form: verb
        for locale in tongues
        for verb in Verb
        for name in names(verb, locale)
        for form in (written(name), folded(name))
    }


def written(text: str) -> str:
    """Without case, with its accents: a résumé is nothing that ends a pause."""
    return unicodedata.normalize("NFC", text.casefold())


def folded(text: str) -> str:
    """Without case and accents: people type commands in a hurry."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def shown(verb: Verb, locale: str) -> str:
    """The command as this person would type it: /dunning file."""
    return f"{COMMAND} {names(verb, locale)[0]}"
