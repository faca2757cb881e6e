"""All languages say the same things: same keys, same placeholders, no word without a place."""

import re
import string

import pytest

from bot.words import FALLBACK, LOCALES, say, words

OTHERS = [locale for locale in LOCALES if locale != FALLBACK]
OURS = {"page.title"}  # the product's own name


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("locale", OTHERS)
def test_every_language_has_the_same_keys(locale: str) -> None:
    assert words(locale).keys() == words(FALLBACK).keys()


@pytest.mark.parametrize("locale", OTHERS)
def test_every_language_fills_the_same_placeholders(locale: str) -> None:
    ours, theirs = words(FALLBACK), words(locale)
    assert [key for key in ours if placeholders(theirs[key]) != placeholders(ours[key])] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_words_bring_markup_emoji_or_an_untidy_edge(locale: str) -> None:
    for key, text in words(locale).items():
        assert text == text.strip(), key
        assert "  " not in text, key
        assert not re.search(r"[*~`]|:\w+:|[\U0001f000-\U0001faff]", text), key
        assert "'" not in text, f"{key}: a typographic apostrophe is how people write"


@pytest.mark.parametrize("locale", OTHERS)
def test_nothing_was_left_untranslated(locale: str) -> None:
    same = {
        key
        for key, text in words(locale).items()
        if text == words(FALLBACK)[key] and re.search(r"[a-z]{4}", re.sub(r"\{\w+\}", "", text))
    }
    assert same == OURS


@pytest.mark.parametrize("locale", LOCALES)
def test_a_button_fits_on_a_phone(locale: str) -> None:
    labels = [text for key, text in words(locale).items() if key.startswith("button.")]
    assert max(map(len, labels)) <= 30


def test_an_unknown_language_speaks_english() -> None:
    assert say("tlh", "button.approve") == "Approve"


def test_a_wrong_key_or_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("en", "button.nothing")
    with pytest.raises(KeyError):
        say("en", "status.approved")
