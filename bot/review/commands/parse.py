"""What somebody typed after /dunning: text in, what they ask for out, or what is wrong. Pure.

Verbs and units are understood in every language of ours; a customer is whatever is left.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from bot.foreign_text import clip, one_line
from bot.ledger import Held
from bot.review.commands.verbs import Verb, folded, listed, vocabulary, written
from bot.words import LOCALES

LONGEST: Final = 400  # characters: no customer's name and no reason needs more
MOST_SNOOZED: Final = timedelta(days=28)  # a round lasts no longer
MOST_PAUSED: Final = timedelta(days=28)
MOST_COUNTED: Final = timedelta(days=366)
USUAL_SNOOZE: Final = timedelta(days=3)
USUAL_COUNT: Final = timedelta(days=30)
_ALIKE: Final = 0.6  # of difflib's scale: one or two letters of a verb may be wrong
_UNITS: Final = {
    **dict.fromkeys(("m", "min", "minute", "minuto"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hora", "heure"), timedelta(hours=1)),
    **dict.fromkeys(("d", "j", "day", "día", "dia", "jour"), timedelta(days=1)),
    **dict.fromkeys(("w", "sem", "week", "semana", "semaine"), timedelta(weeks=1)),
}
_SPAN: Final = re.compile(rf"([0-9]{{1,5}})({'|'.join(_UNITS)})s?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Slack makes these of addresses and links when the command has it do so.
_LINKED: Final = re.compile(
    r"<(?:mailto:)?[^<>|]*\|(?P<label>[^<>|]*)>|<(?:mailto:)?(?P<address>[^<>|\s!@#][^<>|\s]*)>"
)
_A_CUSTOMER: Final = re.compile(r"(?:cus|in)_[A-Za-z0-9]+$|[^\s@]+@[^\s@]+$")
_QUOTES: Final = "\"“”«»'‘’ "


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A verb and what follows it. `bare`: nothing was typed at all."""

    verb: Verb
    argument: str = ""
    bare: bool = False


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """The words' key for what can't be understood, what fills it, and the verb that is near."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    near: Verb | None = None


@dataclass(frozen=True, kw_only=True)
class Pausing:
    """What is to be held back, until when (None: until somebody resumes), and why."""

    what: Held
    until: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Snoozing:
    """Whom to leave alone, and until when."""

    customer: str
    until: datetime


def asked(text: str) -> Asked | Wrong:
    """Which verb was meant, and the rest as one clean line of at most 400 characters."""
    line = clip(one_line(_unlinked(text)), LONGEST)
    if not line:
        return Asked(verb=Verb.QUEUE, bare=True)
    known, typed = vocabulary(), line.split()
    for length in (2, 1):  # two words first: "por qué"
        verb = known.get(written(" ".join(typed[:length])))
        if verb is not None:
            return Asked(verb=verb, argument=" ".join(typed[length:]))
    if _A_CUSTOMER.match(line):
        return Asked(verb=Verb.SHOW, argument=line)
    return _unknown(typed[0])


def customer(argument: str) -> str:
    """Whom they mean, without the quotes that people put around names."""
    return argument.strip(_QUOTES)


def pausing(argument: str, now: datetime) -> Pausing | Wrong:
    """`[2h] [all] reason`, the first two in either order; a reason is asked for."""
    left = _together(argument.split())
    what, span, typed = Held.SENDING, None, ""
    while left:
        if what is Held.SENDING and folded(left[0]) in _everything():
            what = Held.ALL
        elif span is None and (found := span_of(left[0])) is not None:
            span, typed = found, left[0]
        else:
            break
        left.pop(0)
    if not left:
        return Wrong(key="command.pause_reason")
    if span == timedelta(0):
        return Wrong(key="command.not_a_span", values={"typed": typed})
    if span is not None and span > MOST_PAUSED:
        return _too_long(MOST_PAUSED)
    return Pausing(what=what, until=now + span if span else None, reason=" ".join(left))


def snoozing(argument: str, now: datetime, zone: str) -> Snoozing | Wrong:
    """`customer [3d|12h|2026-12-01]`; a date is that day's first moment in `zone`."""
    left, _, last = " ".join(_together(argument.split())).rpartition(" ")
    until = _until(last, now, zone)
    if until is None:
        left, until = argument, now + USUAL_SNOOZE
    if not left.strip():
        return Wrong(key="command.whom")
    if until <= now:
        return Wrong(key="command.past", values={"typed": last})
    if until > now + MOST_SNOOZED:
        return _too_long(MOST_SNOOZED)
    return Snoozing(customer=customer(left), until=until)


def counting(argument: str) -> timedelta | Wrong:
    """How far back to count: `30d`, `12w`; thirty days unless said."""
    if not argument:
        return USUAL_COUNT
    span = span_of(argument.replace(" ", ""))
    if span is None or not span:
        return Wrong(key="command.not_a_span", values={"typed": argument})
    return span if span <= MOST_COUNTED else _too_long(MOST_COUNTED)


def span_of(text: str) -> timedelta | None:
    """30m, 2h, 3d, 1w (in French also 3j and 1sem); None for anything else."""
    found = _SPAN.fullmatch(written(text))
    return int(found[1]) * _UNITS[found[2]] if found else None


def _together(words: list[str]) -> list[str]:
    """With "2 hours" as one word: a pause is not to last for ever because of a space."""
    joined: list[str] = []
    for word in words:
        is_unit = word.isalpha() and span_of(f"1{word}") is not None
        if is_unit and joined and joined[-1].isdecimal():
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _until(text: str, now: datetime, zone: str) -> datetime | None:
    if (span := span_of(text)) is not None:
        return now + span
    if not _DAY.fullmatch(text):
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(zone))
    except ValueError:
        return None


def _everything() -> frozenset[str]:
    known = (one for locale in LOCALES for one in listed(locale, "command.everything"))
    return frozenset(map(folded, known))


def _too_long(most: timedelta) -> Wrong:
    return Wrong(key="command.too_long", values={"days": str(most.days)})


def _unknown(typed: str) -> Wrong:
    known = vocabulary()
    alike = get_close_matches(folded(typed), known, n=1, cutoff=_ALIKE)
    near = known[alike[0]] if alike else None
    return Wrong(key="command.unknown", values={"typed": typed}, near=near)


def _unlinked(text: str) -> str:
    plain = _LINKED.sub(lambda found: found["label"] or found["address"] or "", text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
