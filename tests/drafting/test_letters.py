"""The fixed letters obey the guard, and all languages say the same."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from bot.drafting.guard import Author, check
from bot.drafting.prompt import Reason
from bot.drafting.rulebook import locales
from bot.drafting.shape import MAX_SUBJECT, NOT_FOR_SEVERAL, PLACEHOLDERS, measured_subject

LETTERS = files("bot").joinpath("words", "letters")
TOKEN = re.compile(r"\{(\w+)\}")
FACTS_OF_PHRASES = {"name", "brand", "last_four", "number", "company"}


def read(name: str) -> dict[str, Any]:
    return tomllib.loads(LETTERS.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def letters(locale: str) -> Iterator[tuple[str, dict[str, str]]]:
    for family, numbered in read(locale).items():
        if family not in {"frame", "phrases"}:
            for number, letter in numbered.items():
                yield f"{family}.{number}", letter


CASES = [(locale, key, letter) for locale in locales() for key, letter in letters(locale)]
every_letter = pytest.mark.parametrize(
    ("locale", "key", "letter"), CASES, ids=[f"{locale} {key}" for locale, key, _ in CASES]
)


@every_letter
@pytest.mark.parametrize("author", Author)
def test_every_fixed_letter_passes_the_guard(
    locale: str, key: str, letter: dict[str, str], author: Author
) -> None:
    found = check(
        letter["subject"],
        letter["body"],
        locale=locale,
        author=author,
        company="Acme",
        several=key.startswith("several"),
    )
    assert found == ()


@every_letter
def test_every_letter_has_a_short_subject_and_legal_placeholders(
    locale: str, key: str, letter: dict[str, str]
) -> None:
    assert set(letter) == {"subject", "body"}
    assert measured_subject(letter["subject"]) <= MAX_SUBJECT, locale
    assert set(TOKEN.findall(letter["subject"])) <= {"company"}
    used = TOKEN.findall(letter["body"])
    assert set(used) <= set(PLACEHOLDERS)
    assert used.count("pay_link") == 1
    if key.startswith("several"):
        assert not set(used) & set(NOT_FOR_SEVERAL)


@pytest.mark.parametrize("locale", locales())
def test_all_languages_have_the_same_keys_and_placeholders(locale: str) -> None:
    english, other = read("en"), read(locale)
    assert {name: set(table) for name, table in other.items()} == {
        name: set(table) for name, table in english.items()
    }
    for part in ("frame", "phrases"):
        for key, words in other[part].items():
            assert sorted(TOKEN.findall(words)) == sorted(TOKEN.findall(english[part][key])), key
    bodies = {key: set(TOKEN.findall(letter["body"])) for key, letter in letters(locale)}
    assert bodies == {key: set(TOKEN.findall(letter["body"])) for key, letter in letters("en")}


@pytest.mark.parametrize("locale", locales())
def test_facts_of_phrases_stay_in_phrases(locale: str) -> None:
    phrases = read(locale)["phrases"].values()
    assert {token for words in phrases for token in TOKEN.findall(words)} <= FACTS_OF_PHRASES


@pytest.mark.parametrize("locale", locales())
def test_every_family_has_four_notices_in_every_language(locale: str) -> None:
    written = dict(letters(locale))
    notices = read("notices")
    assert set(notices) == set(Reason)
    for keys in notices.values():
        assert len(keys) == 4
        assert set(keys) <= set(written)
    assert {key for keys in notices.values() for key in keys} == set(written)


def test_an_invoice_that_nobody_tried_to_charge_is_never_told_of_a_failure() -> None:
    for key in read("notices")["not_tried"]:
        words = dict(letters("en"))[key]
        assert "go through" not in words["subject"] + words["body"]
