"""What people type after /dunning, in three languages and in a hurry."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from bot.case.pause import Held
from bot.review.commands.parse import (
    LONGEST,
    Asked,
    Pausing,
    Snoozing,
    Wrong,
    asked,
    counting,
    customer,
    pausing,
    snoozing,
    span_of,
)
from bot.review.commands.verbs import Verb, folded, names
from bot.words import LOCALES

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
PARIS = "Europe/Paris"


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("locale", LOCALES)
def test_each_verb_is_understood_by_each_of_its_names_in_each_language(
    verb: Verb, locale: str
) -> None:
    for name in (*names(verb, locale), verb.value):
        for typed in (name, name.upper(), folded(name)):
            assert asked(f"  {typed}   Ana  Torres ") == Asked(verb=verb, argument="Ana Torres")


def test_no_name_means_two_verbs() -> None:
    meant = defaultdict(set)
    for locale in LOCALES:
        for verb in Verb:
            for name in names(verb, locale):
                meant[folded(name)].add(verb)
    assert {name: verbs for name, verbs in meant.items() if len(verbs) > 1} == {}


@pytest.mark.parametrize("typed", ["", "   ", "\n\t", "\u200b\u202e", "\x00"])
def test_nothing_typed_asks_for_the_queue(typed: str) -> None:
    assert asked(typed) == Asked(verb=Verb.QUEUE, bare=True)


@pytest.mark.parametrize(
    ("typed", "verb"),
    [
        ("hepl", Verb.HELP),
        ("queu", Verb.QUEUE),
        ("satts 30d", Verb.STATS),
        ("histori", Verb.HISTORY),
        ("ayda", Verb.HELP),
        ("colas", Verb.QUEUE),
        ("estadistcas", Verb.STATS),
        ("pausr", Verb.PAUSE),
        ("aied", Verb.HELP),
        ("fille", Verb.QUEUE),
        ("arreter Ana", Verb.STOP),
        ("statistique", Verb.STATS),
        ("repprendre", Verb.RESUME),
    ],
)
def test_a_mistyped_verb_is_told_the_nearest_one(typed: str, verb: Verb) -> None:
    found = asked(typed)
    near = found.near if isinstance(found, Wrong) else found.verb
    assert near is verb


def test_a_word_that_only_loses_its_accents_to_be_a_verb_does_nothing() -> None:
    for typed in ("résumé", "Résumé"):  # a summary, and not the end of a pause
        assert asked(typed) == Wrong(
            key="command.unknown", values={"typed": typed}, near=Verb.RESUME
        )
    assert asked("re\u0300gles") == Asked(verb=Verb.RULES)


def test_what_is_like_no_verb_gets_no_guess() -> None:
    found = asked("frobnicate everything")
    assert found == Wrong(key="command.unknown", values={"typed": "frobnicate"})


@pytest.mark.parametrize("typed", ["ana@example.com", "cus_123", "in_1AbC"])
def test_a_bare_customer_is_shown(typed: str) -> None:
    assert asked(typed) == Asked(verb=Verb.SHOW, argument=typed)


@pytest.mark.parametrize(
    ("typed", "argument"),
    [
        ("show <mailto:ana@example.com|ana@example.com>", "ana@example.com"),
        ("show <mailto:ana@example.com>", "ana@example.com"),
        ("pause see <http://status.acme.example|status.acme.example>", "see status.acme.example"),
        ("show Smith &amp; Sons", "Smith & Sons"),
        ("show a\x00b\u202ec", "a bc"),
    ],
)
def test_what_slack_and_others_put_around_text_is_taken_off(typed: str, argument: str) -> None:
    found = asked(typed)
    assert isinstance(found, Asked)
    assert found.argument == argument


def test_ten_thousand_characters_are_clipped() -> None:
    found = asked("show " + "<a" * 5000)
    assert isinstance(found, Asked)
    assert len(found.argument) <= LONGEST


@pytest.mark.parametrize("typed", ['"Ana Torres"', "«Ana Torres»", "“Ana Torres”", " Ana Torres "])
def test_quotes_around_a_name_are_not_part_of_it(typed: str) -> None:
    assert customer(typed) == "Ana Torres"


@pytest.mark.parametrize(
    ("typed", "what", "hours", "reason"),
    [
        ("mail is down", Held.SENDING, None, "mail is down"),
        ("2h mail is down", Held.SENDING, 2, "mail is down"),
        ("all mail is down", Held.ALL, None, "mail is down"),
        ("all 2h mail is down", Held.ALL, 2, "mail is down"),
        ("2h all mail is down", Held.ALL, 2, "mail is down"),
        ("1w todo vacaciones", Held.ALL, 168, "vacaciones"),
        ("tout 3j fêtes", Held.ALL, 72, "fêtes"),
        ("2h 3h after lunch", Held.SENDING, 2, "3h after lunch"),
        ("2 h mail is down", Held.SENDING, 2, "mail is down"),
        ("2 hours all mail is down", Held.ALL, 2, "mail is down"),
        ("2 días es fiesta", Held.SENDING, 48, "es fiesta"),
        ("1 semaine tout fêtes", Held.ALL, 168, "fêtes"),
        ("2 servers are down", Held.SENDING, None, "2 servers are down"),
    ],
)
def test_a_pause_has_a_reason_and_may_have_a_length_and_hold_all(
    typed: str, what: Held, hours: int | None, reason: str
) -> None:
    until = None if hours is None else NOW + timedelta(hours=hours)
    assert pausing(typed, NOW) == Pausing(what=what, until=until, reason=reason)


@pytest.mark.parametrize("typed", ["", "2h", "all", "all 2h"])
def test_a_pause_without_a_reason_is_asked_for_one(typed: str) -> None:
    assert pausing(typed, NOW) == Wrong(key="command.pause_reason")


@pytest.mark.parametrize("typed", ["5w mail", "99999w mail", "5 weeks mail"])
def test_a_pause_has_a_length_that_makes_sense(typed: str) -> None:
    assert pausing(typed, NOW) == Wrong(key="command.too_long", values={"days": "28"})


def test_no_time_at_all_is_not_called_too_long() -> None:
    nothing = Wrong(key="command.not_a_span", values={"typed": "0m"})
    assert pausing("0m mail", NOW) == nothing
    assert pausing("all 0m mail", NOW) == nothing


@pytest.mark.parametrize(
    ("typed", "who", "until"),
    [
        ("Ana Torres", "Ana Torres", NOW + timedelta(days=3)),
        ("Ana Torres 12h", "Ana Torres", NOW + timedelta(hours=12)),
        ('"Ana Torres" 1w', "Ana Torres", NOW + timedelta(weeks=1)),
        ("cus_1 3j", "cus_1", NOW + timedelta(days=3)),
        ("Ana Torres 2 days", "Ana Torres", NOW + timedelta(days=2)),
        ("Level 5 3d", "Level 5", NOW + timedelta(days=3)),
        ("cus_1 2026-12-01", "cus_1", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("Ana 2026-13-01", "Ana 2026-13-01", NOW + timedelta(days=3)),
    ],
)
def test_a_snooze_names_a_customer_and_may_say_until_when(
    typed: str, who: str, until: datetime
) -> None:
    assert snoozing(typed, NOW, PARIS) == Snoozing(customer=who, until=until)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "command.whom"),
        ("3d", "command.whom"),
        ("Ana 2026-11-20", "command.past"),
        ("Ana 0d", "command.past"),
        ("Ana 29d", "command.too_long"),
        ("Ana 9999-12-31", "command.too_long"),
        ("Ana 99999w", "command.too_long"),
    ],
)
def test_a_snooze_that_makes_no_sense_is_told_why(typed: str, key: str) -> None:
    found = snoozing(typed, NOW, PARIS)
    assert isinstance(found, Wrong)
    assert found.key == key


@pytest.mark.parametrize(
    ("typed", "days"), [("", 30), ("30d", 30), ("12w", 84), ("30j", 30), ("24h", 1), ("7 d", 7)]
)
def test_figures_are_counted_over_any_time_of_a_year(typed: str, days: int) -> None:
    assert counting(typed) == timedelta(days=days)


@pytest.mark.parametrize("typed", ["often", "0d", "400d", "-3d", "3"])
def test_figures_of_no_time_or_too_long_a_time_are_not_counted(typed: str) -> None:
    assert isinstance(counting(typed), Wrong)


@pytest.mark.parametrize("typed", ["2", "h", "2hh", "2.5h", "٣d", "²h", "123456d"])
def test_what_is_no_length_of_time_is_none(typed: str) -> None:
    assert span_of(typed) is None
